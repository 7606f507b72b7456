"""Preflight as its users run it: green on the local environment, red with a remedy once the quota is lowered."""

import json

from tests.e2e.local import Local

PREFLIGHT = ("run", "--", "python", "-m", "infra.preflight", "local")


def test_a_lowered_quota_turns_it_red_and_says_what_to_do(copied: Local) -> None:
    code, said = copied.ended(*PREFLIGHT)
    assert (code, said.splitlines()[-1]) == (0, "pass: 15 pass")

    table = copied.home / "subscription" / "quota.json"
    table.parent.mkdir(exist_ok=True)
    table.write_text(json.dumps({"machineLearning": {"dedicated": {"standardDSv2Family": 4}}}))
    try:
        code, said = copied.ended(*PREFLIGHT)
    finally:
        table.unlink()

    assert code == 1
    assert (
        "fail: standardDSv2Family (dedicated): 8 vCPUs are needed (computeClusters.cpu 2 x 4); "
        "4 of 4 are free in eastus\n"
        "                 -> ask Azure for a limit of 8 on standardDSv2Family (dedicated) (Azure Machine Learning, "
        "eastus), or lower computeClusters.cpu.maxNodes\n"
    ) in said
    assert said.splitlines()[-1] == "fail: 14 pass, 1 fail"


def test_machines_that_became_dear_break_the_budget_of_a_stack_that_passed(copied: Local) -> None:
    asked = (*PREFLIGHT[:-1], "typical")
    code, said = copied.ended(*asked)
    assert (code, said.splitlines()[-1]) == (0, "pass: 15 pass")

    table = copied.home / "subscription" / "sizes.json"
    table.parent.mkdir(exist_ok=True)
    table.write_text(json.dumps({"Standard_DS3_v2": {"prices": {"Standard": 3}}}))
    try:
        code, said = copied.ended(*asked)
    finally:
        table.unlink()

    assert (code, said.splitlines()[-1]) == (1, "fail: 14 pass, 1 fail")
    assert "machines alone can come to 22265 USD a month at the most (computeClusters.cpu 4 x 3" in said


def test_nobody_signed_in_is_an_answer_and_no_traceback(copied: Local) -> None:
    code, said = copied.ended("run", "--", "env", "AZURE_CLIENT_SECRET=wrong", *PREFLIGHT[2:])

    assert code == 3
    assert "access     cannot tell" in said
    assert "nobody is signed in" in said
    assert "Traceback" not in said
