"""The command and the library: stack files as they are found, outcomes, exit codes, and never a traceback."""

import contextlib
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.preflight.__main__ import main
from infra.preflight.findings import Bypass, CannotTellError, Outcome, bad, unknown
from infra.preflight.port import Azure, Permission
from infra.preflight.registry import CHECKS, HELD, IDS
from infra.preflight.run import preflight
from infra.preflight.stack import StackError, find, load, problems
from infra.sections.preflight import CheckName
from tests.fakes.preflight import FakeAzure
from tests.infra.preflight.stacks import cluster, document

GOOD = """
config:
  azure-native:clientSecret:
    secure: AAABAL0Pzz
  aml-kit:location: eastus
  aml-kit:owner: "0123"
  aml-kit:costCenter: yes
  aml-kit:deleteProtection: "false"
  aml-kit:computeClusters:
    cpu: {vmSize: Standard_DS3_v2, maxNodes: 2}
  aml-kit:network: {virtualNetwork: none}
"""
NOTHING_GRANTED = FakeAzure(grants=(Permission(actions=()),))
SILENT = FakeAzure(refused={"ml_usages": "you may not ask it"})


def _file(folder: Path, text: str = GOOD, name: str = "Pulumi.mine.yaml") -> str:
    (folder / name).write_text(text)
    return str(folder / name)


def _of(azure: FakeAzure) -> Callable[[str | None], Azure]:
    return lambda _subscription: azure


def _nobody(_subscription: str | None) -> Azure:
    raise CannotTellError("nobody is signed in")


def test_what_could_not_be_looked_at_is_one_row_for_people_and_a_check_each_for_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = _file(tmp_path)

    assert main([file], _nobody) == 3
    shown = capsys.readouterr().out.splitlines()
    assert main([file, "--output", "json"], _nobody) == 3
    checks = json.loads(capsys.readouterr().out)["checks"]

    others = [check for check in IDS if check not in ("settings", "access")]
    assert shown[3:] == [
        "  access     cannot tell",
        "               cannot tell: Azure: nobody is signed in",
        "                 -> sign in (`az login`, or the AZURE_* variables), or name a subscription",
        f"  not looked at: {', '.join(others)}",
        "                 -> mend that first: before `access` passes, there is nothing to look at",
        "",
        f"cannot tell: 1 pass, {len(others) + 1} cannot tell",
    ]
    assert [check["check"] for check in checks] == ["settings", "access", *others]


# ---------------------------------------------------------------- the stack file


def test_a_stack_file_is_read_as_the_engine_reads_it(tmp_path: Path) -> None:
    found = load(Path(_file(tmp_path)))

    assert (found.stack, found.encrypted) == ("mine", ("azure-native:clientSecret",))
    assert found.config == {
        "aml-kit:location": "eastus",
        "aml-kit:owner": "0123",
        "aml-kit:costCenter": "yes",
        "aml-kit:deleteProtection": "false",
        "aml-kit:computeClusters": '{"cpu": {"vmSize": "Standard_DS3_v2", "maxNodes": 2}}',
        "aml-kit:network": '{"virtualNetwork": "none"}',
    }


@pytest.mark.parametrize(("nothing", "sent"), [("null", ""), ("~", ""), ("", ""), ('""', ""), ('"null"', "null")])
def test_a_key_that_says_nothing_is_refused_and_not_taken_for_a_word(tmp_path: Path, nothing: str, sent: str) -> None:
    found = load(Path(_file(tmp_path, GOOD.replace('owner: "0123"', f"owner: {nothing}"))))

    assert found.config["aml-kit:owner"] == sent  # as the engine sends it
    assert problems(found) == ("aml-kit:owner: has no value (null, or empty): write one",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("config: [", "Pulumi.mine.yaml:1:10: not YAML"),
        ("config:\n  a: 1\n  a: 2\n", "Pulumi.mine.yaml:3:3: not YAML"),
        ("", "has no `config:` with keys below it"),
        ("config: 3", "has no `config:` with keys below it"),
        ("config:\n  1: 2\n", "has no `config:` with keys below it"),
        ("\x00", "cannot be read"),
    ],
)
def test_what_is_no_stack_file_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    assert main([_file(tmp_path, text)], _of(FakeAzure())) == 2

    said = capsys.readouterr()
    assert told in said.err
    assert (said.out, len(said.err.splitlines())) == ("", 1)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [("prd", "there is no stack 'prd': environments/ has"), ("no/such/Pulumi.x.yaml", "there is no file")],
)
def test_a_stack_that_is_not_there_is_said_with_those_that_are(wanted: str, told: str) -> None:
    with pytest.raises(StackError, match=told):
        find(wanted)


def test_a_file_that_pulumi_would_not_take_for_a_stacks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"is not called Pulumi.NAME.yaml"):
        load(Path(_file(tmp_path, name="mine.yaml")))


@settings(deadline=None)
@given(st.text())
def test_whatever_a_file_holds_it_is_a_document_or_one_sentence(text: str) -> None:
    import tempfile  # noqa: PLC0415  a fixture would be shared by all examples

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "Pulumi.mine.yaml"
        path.write_text(text, encoding="utf-8", errors="replace")
        with contextlib.suppress(StackError):
            load(path)


# ---------------------------------------------------------------- the report


def test_all_that_is_wrong_with_the_settings_comes_through_the_report_and_azure_is_not_asked() -> None:
    report = preflight(document(ownr="x", generation="0"), lambda: pytest.fail("a bad file needs no login"))

    first, *rest = report.results
    assert [asdict(finding) for finding in first.findings] == [
        asdict(
            bad(
                "aml-kit:generation",
                "should be greater than or equal to 1, not 0",
                "mend this key; environments/README.md says what each may be",
            )
        ),
        asdict(
            bad(
                "aml-kit:ownr",
                "no such key; did you mean 'owner'?",
                "mend this key; environments/README.md says what each may be",
            )
        ),
    ]
    assert {result.outcome for result in rest} == {Outcome.CANNOT_TELL}
    assert report.outcome is Outcome.FAIL


def test_a_setting_that_is_encrypted_cannot_be_told_and_is_not_decrypted(tmp_path: Path) -> None:
    text = GOOD.replace('"0123"', "\n    secure: AAABAL0Pzz")

    report = preflight(load(Path(_file(tmp_path, text))), FakeAzure)

    assert report.results[0].findings == (
        unknown(
            "aml-kit:owner",
            "is encrypted, and preflight decrypts nothing",
            "write it in plain: nothing in these settings is a secret",
        ),
    )
    assert report.outcome is Outcome.CANNOT_TELL
    assert "AAABAL0Pzz" not in str(report)


def test_every_check_is_in_every_report() -> None:
    for azure in (FakeAzure(), NOTHING_GRANTED, FakeAzure(refused={"subscription": "no login"})):
        report = preflight(document(), lambda azure=azure: azure)  # type: ignore[misc]
        assert tuple(result.check for result in report.results) == IDS


@pytest.mark.parametrize("method", ["providers", "regions", "sizes", "ml_usages", "taken", "deleted", "permissions"])
def test_a_question_that_gets_no_answer_is_never_a_pass(method: str) -> None:
    azure = FakeAzure(refused={method: "you may not ask it"})

    report = preflight(document(computeClusters={"cpu": cluster()}), lambda: azure)

    silent = [result for result in report.results if result.outcome is not Outcome.PASS]
    assert [(result.outcome, result.findings[0].seen) for result in silent] == [
        (Outcome.CANNOT_TELL, "you may not ask it")
    ]
    assert report.outcome is Outcome.CANNOT_TELL


def test_a_bypassed_check_does_not_hold_and_its_reason_stands_in_the_report() -> None:
    bypass = Bypass(reason="ticket 12", recorded="the command line")

    report = preflight(document(), lambda: NOTHING_GRANTED, {"rights": bypass})

    assert report.outcome is Outcome.PASS
    (rights,) = [result for result in report.results if result.check == "rights"]
    assert (rights.outcome, rights.bypass) == (Outcome.FAIL, bypass)


# ---------------------------------------------------------------- the command


@pytest.mark.parametrize(
    ("azure", "more", "code"),
    [
        (_of(FakeAzure()), (), 0),
        (_of(NOTHING_GRANTED), (), 1),
        (_of(NOTHING_GRANTED), ("--bypass", "rights=ticket 12"), 0),
        (_of(NOTHING_GRANTED), ("--bypass", "rights="), 2),
        (_of(NOTHING_GRANTED), ("--bypass", "right=ticket 12"), 2),
        (_of(SILENT), (), 3),
        (_nobody, (), 3),
    ],
    ids=["all passes", "one fails", "bypassed", "no reason", "no such check", "one is silent", "nobody signed in"],
)
def test_the_exit_code_says_what_happened(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    azure: Callable[[str | None], Azure],
    more: tuple[str, ...],
    code: int,
) -> None:
    assert main([_file(tmp_path), *more], azure) == code
    assert "Traceback" not in "".join(capsys.readouterr())


def test_the_table_says_what_to_change_and_leaves_out_what_passed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    azure = FakeAzure(states={"microsoft.keyvault": "NotRegistered"}, refused={"deleted": "you may not ask it"})

    main([_file(tmp_path), "--bypass", "deleted=a new subscription"], _of(azure))

    said = capsys.readouterr().out
    assert "  names      pass         all " in said
    assert (
        "  deleted    bypassed\n               would be cannot tell; bypassed in the command line: a new subscription\n"
    ) in said
    assert (
        "  providers  fail\n"
        "               fail: Microsoft.KeyVault: is NotRegistered\n"
        "                 -> az provider register --namespace Microsoft.KeyVault --subscription "
    ) in said
    assert "Microsoft.Storage" not in said
    assert said.rstrip().endswith(f"fail: {len(IDS) - 2} pass, 1 fail, 1 bypassed")


def test_programs_get_all_of_it_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main([_file(tmp_path), "--output", "json", "--bypass", "rights=ticket 12"], _of(NOTHING_GRANTED))

    said = json.loads(capsys.readouterr().out)
    assert (said["stack"], said["outcome"], said["exitCode"], code) == ("mine", "pass", 0, 0)
    assert [check["check"] for check in said["checks"]] == list(IDS)
    (rights,) = [check for check in said["checks"] if check["check"] == "rights"]
    assert rights["bypass"] == {"reason": "ticket 12", "recorded": "the command line"}
    assert {finding["outcome"] for finding in rights["findings"]} == {"fail"}
    assert all(finding["change"] for finding in rights["findings"])


def test_a_reason_in_the_stack_file_is_recorded_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _file(tmp_path, GOOD + "  aml-kit:preflightBypass: {rights: granted by ticket 12}\n")

    assert main([path], _of(NOTHING_GRANTED)) == 0
    assert "bypassed in Pulumi.mine.yaml: granted by ticket 12" in capsys.readouterr().out


def test_a_bypass_of_a_check_that_there_is_not_is_refused_with_the_settings(tmp_path: Path) -> None:
    path = _file(tmp_path, GOOD + "  aml-kit:preflightBypass: {right: granted}\n")

    assert main([path], _of(NOTHING_GRANTED)) == 1


def test_what_a_stack_file_may_bypass_is_what_there_is() -> None:
    assert set(get_args(CheckName)) == set(HELD)


def test_every_check_says_what_it_finds_and_what_it_asks() -> None:
    assert [check.id for check in CHECKS if not check.finds or not check.asks] == []
    assert len(set(IDS)) == len(IDS)
