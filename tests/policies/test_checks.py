"""The command line judges states and previews with every outcome, and refuses what it cannot read in one line."""

import gzip
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cli import main

import waivers
from rules.catalogue import catalogue
from tests.policies.states import SECRET, STORAGE, WORKSPACE, preview, resource, saved, state
from tests.policies.test_waivers import entry, text

COMMAND = Path(sys.executable).parent / "policies"
OPEN = {"allowSharedKeyAccess": False, "allowBlobPublicAccess": True}


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    """The exit code and the report of a check."""
    code = main(["check", *arguments, "--output", "json"])
    said = capsys.readouterr()
    assert said.err == ""
    return code, json.loads(said.out)


def rows(report: Any, rule: str) -> list[tuple[str, str, bool]]:  # noqa: ANN401
    return [
        (row["resource"].rpartition("::")[2], row["outcome"], row["refused"])
        for row in report["rows"]
        if row["rule"] == rule
    ]


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What is said about something that cannot be used."""
    assert main([*arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def accounts(**more: Any) -> dict[str, Any]:  # noqa: ANN401
    return state(
        resource(STORAGE, "open", OPEN, **more),
        resource(STORAGE, "closed", OPEN | {"allowBlobPublicAccess": False}, **more),
        resource(STORAGE, "sealed", OPEN | {"allowBlobPublicAccess": SECRET}, **more),
        resource(STORAGE, "going", OPEN, delete=True, **more),
        resource(STORAGE, "theirs", OPEN, external=True, **more),
        resource(WORKSPACE, "workspace", {"publicNetworkAccess": "Disabled"}, **more),
    )


def test_every_outcome_of_a_rule_is_told_per_resource(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, report = check(capsys, "--state", str(saved(tmp_path, accounts())))

    assert report["profile"] == "prod"
    assert rows(report, "S03") == [("open", "fail", True), ("closed", "pass", False), ("sealed", "cannot tell", True)]
    assert rows(report, "W01") == [("workspace", "pass", False)]
    assert report["summary"]["fail"] == sum(row["outcome"] == "fail" for row in report["rows"])
    assert code == 5


@pytest.mark.parametrize(
    ("profile", "unknowns", "stops"),
    [("prod", None, True), ("regulated", None, True), ("staging", None, False), ("staging", "block", True),
     ("prod", "advise", False)],
)  # fmt: skip
def test_what_cannot_be_told_about_prod_is_refused(
    profile: str,
    unknowns: str | None,
    stops: bool,  # noqa: FBT001
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = saved(tmp_path, state(resource(STORAGE, "sealed", {"allowBlobPublicAccess": SECRET})))
    asked = ["--unknowns", unknowns] if unknowns else []

    _, report = check(capsys, "--state", str(file), "--profile", profile, *asked)

    assert rows(report, "S03") == [("sealed", "cannot tell", stops)]


def test_a_preview_only_advises_what_the_update_will_know(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unknown = {"allowBlobPublicAccess": "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7"}
    file = saved(tmp_path, preview(resource(STORAGE, "new", unknown), resource(STORAGE, "open", OPEN)))

    _, report = check(capsys, "--preview", str(file))

    assert rows(report, "S03") == [("new", "cannot tell", False), ("open", "fail", True)]


def test_a_waived_failure_is_told_and_stops_nobody_until_its_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = saved(tmp_path, state(resource(STORAGE, "open", OPEN)))
    urn = resource(STORAGE, "open", OPEN)["urn"]
    day = waivers.today()

    def judged(ends_in: int, name: str) -> tuple[tuple[str, str, bool], str, bool]:
        waiver = entry(
            rule="S03",
            resource=name,
            created=(day - timedelta(days=20)).isoformat(),
            expires=(day + timedelta(days=ends_in)).isoformat(),
        )
        written = saved(tmp_path, text(waiver), "waivers.yaml")
        _, report = check(capsys, "--state", str(file), "--waivers", str(written))
        return rows(report, "S03")[0], report["waivers"][0]["state"], report["waivers"][0]["used"]

    assert judged(30, urn) == (("open", "waived", False), "in force", True)
    assert judged(3, resource(STORAGE, "open", OPEN)["id"].upper().replace("/SUBSCRIPTIONS", "/subscriptions")) == (
        ("open", "waived", False), "ends soon", True)  # fmt: skip
    assert judged(-1, urn) == (("open", "fail", True), "expired", False)
    assert judged(30, urn + "er") == (("open", "fail", True), "in force", False)


def test_exit_codes_are_by_severity_and_advice_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(saved(tmp_path, state(resource(STORAGE, "open", OPEN))))
    off = saved(tmp_path, {"all": "advisory"}, "config.json")

    assert check(capsys, "--state", file)[0] == 5
    assert check(capsys, "--state", file, "--fail-on", "critical")[0] == 0
    assert check(capsys, "--state", file, "--config", str(off))[0] == 0


def test_levels_and_settings_come_from_the_same_config_file_as_pulumis(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(saved(tmp_path, state(resource(STORAGE, "open", OPEN))))
    config = saved(tmp_path, {"storage-no-anonymous-blob": "disabled"}, "config.json")

    _, report = check(capsys, "--state", file, "--config", str(config))

    assert rows(report, "S03") == [("open", "not applicable", False)]


def test_the_profile_is_the_stacks_unless_one_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(saved(tmp_path, state(resource(STORAGE, "open", OPEN, stack="dev-alice"))))

    assert check(capsys, "--state", file)[1]["profile"] == "dev"
    assert check(capsys, "--state", file, "--profile", "regulated")[1]["profile"] == "regulated"


def test_an_unversioned_or_dated_type_is_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dated = "azure-native:storage/v20230101:StorageAccount"

    _, report = check(capsys, "--state", str(saved(tmp_path, state(resource(dated, "open", OPEN)))))

    assert rows(report, "S03") == [("open", "fail", True)]


def test_secrets_shown_in_a_state_are_judged_and_never_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = {**SECRET, "plaintext": json.dumps("hunter2")}
    inputs = {"allowBlobPublicAccess": {**SECRET, "plaintext": "true"}, "kind": shown}
    main(["check", "--state", str(saved(tmp_path, state(resource(STORAGE, "open", inputs)))), "--output", "json"])
    said = capsys.readouterr()

    assert rows(json.loads(said.out), "S03") == [("open", "fail", True)]
    assert "hunter2" not in said.out


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "is empty"),
        (json.dumps(state(resource(STORAGE, "open", OPEN)))[:200], "ends in the middle"),
        ("hello", "is no JSON"),
        ("[]", "no object"),
        ("{}", "is no state of a Pulumi stack"),
        ({"version": 4, "terraform_version": "1.9.0", "resources": []}, "state of Terraform"),
        (
            {"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"},
            "ARM template",
        ),
        ({"AWSTemplateFormatVersion": "2010-09-09"}, "CloudFormation"),
        ({"version": 1, "deployment": {"manifest": {}}}, "has version 1"),
        ({"sops": {}, "version": 3}, "encrypted by sops"),
        ({"version": 3, "deployment": {"manifest": {}, "resources": [3]}}, "is damaged"),
        (preview(), "is a preview, not a state; use --preview"),
        ("age-encryption.org/v1\n-> X25519", "is encrypted"),
        ("-----BEGIN PGP MESSAGE-----\n", "is encrypted"),
        ("[" * 100_000, ""),
    ],
)
def test_a_state_that_cannot_be_read_is_one_clear_error(
    content: object, fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(capsys, "check", "--state", str(saved(tmp_path, content)))

    assert fault in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("raw", "fault"), [(gzip.compress(b"{}", mtime=0), "is compressed"), (b"\x93\xff\x00\x10", "is no text")]
)
def test_a_file_that_is_no_text_is_one_clear_error(
    raw: bytes, fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file.json").write_bytes(raw)

    assert fault in refused(capsys, "check", "--state", str(tmp_path / "file.json"))


def test_a_preview_that_leaves_something_out_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    short = preview(resource(STORAGE, "open", OPEN)) | {"changeSummary": {"create": 1, "same": 4}}

    assert "leaves out 4 resources" in refused(capsys, "check", "--preview", str(saved(tmp_path, short)))
    assert "is a state, not a preview" in refused(capsys, "check", "--preview", str(saved(tmp_path, state())))


def test_other_bad_input_is_one_clear_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(saved(tmp_path, state()))
    config = saved(tmp_path, {"storage-no-anonymous-blobs": "off", "cluster-max-nodes-cap": {"most": -1}}, "c.json")
    faulty = saved(tmp_path, text(entry(rule="S3"), entry(owner="")), "waivers.yaml")

    assert "did you mean prod" in refused(capsys, "check", "--state", file, "--profile", "prods")
    assert "did you mean C01" in refused(capsys, "explain", "C01x")
    assert "did you mean storage-no-shared-key" in refused(capsys, "explain", "storage-shared-key")
    assert "`policies rules` lists all" in refused(capsys, "explain", "")
    said = refused(capsys, "check", "--state", file, "--config", str(config))
    assert "did you mean storage-no-anonymous-blob" in said
    assert "cluster-max-nodes-cap.most" in said
    said = refused(capsys, "check", "--state", file, "--waivers", str(faulty))
    assert "line 2: there is no rule" in said
    assert "missing: owner" in said
    assert "cannot be read" in refused(capsys, "check", "--state", str(tmp_path / "gone.json"))
    assert "cannot be read" in refused(capsys, "check", "--state", file, "--waivers", str(tmp_path / "gone"))
    assert "no report of" in refused(capsys, "report", file)


def test_a_stack_with_nothing_in_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--state", str(saved(tmp_path, state()))]) == 0
    assert "There is nothing to judge here." in capsys.readouterr().out


def test_the_commands_that_only_tell(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--output", "json", "--profile", "dev"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in listed] == sorted(["M14", *(rule.id for rule in catalogue())])
    for word in ("M14", "waiver-valid"):
        assert main(["explain", word]) == 0
        assert capsys.readouterr().out.startswith("# M14: waiver-valid")
    assert main(["explain", "w01"]) == 0
    assert capsys.readouterr().out.startswith("# W01: workspace-public-access-disabled")
    assert main(["crosswalk"]) == 0
    assert "CKV_AZURE_142" in capsys.readouterr().out
    assert main(["waivers"]) == 0


def test_the_console_script_is_installed_and_its_help_takes_a_third_of_a_second_at_most() -> None:
    def took() -> float:
        """Of a processor, not of a clock: the machine may be busy."""
        before = os.times()
        subprocess.run([COMMAND, "--help"], check=True, capture_output=True)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    assert min(took() for _ in range(3)) <= 0.3


def test_help_loads_nothing_that_takes_long() -> None:
    code = "import sys, cli\ntry: cli.main(['--help'])\nexcept SystemExit: print(*sys.modules)"
    folder = Path(__file__).resolve().parents[2] / "policies"

    loaded = subprocess.run([sys.executable, "-c", code], cwd=folder, check=True, capture_output=True, text=True).stdout

    assert not {"pulumi", "pulumi_policy", "grpc", "yaml", "azure"} & set(loaded.split())
