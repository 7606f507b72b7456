"""Rules about where a model comes from and what is ready around it: lineage, integrity, scans, watching, a way back."""

from pulumi_policy import Severity

from rules.finding import PASS, CannotTell, Fail, Finding, NotApplicable, expect, worst
from rules.lists import names
from rules.profiles import advised
from rules.props import Absent, Props, Unknown
from rules.records import NOT_LOCAL, RELEASE, SHA256, all_said
from rules.rule import Rule, Settings

_MODEL = "subject.model.digest"
_DEPLOYED = "deployed.digest"
_FORMAT = "subject.model.format"
_EXACT = r"a version of its own, not `latest`"


def _is_complete(record: Props, _settings: Settings) -> Finding:
    return all_said(
        record,
        "subject.owner",
        "subject.intendedUse",
        "subject.licence",
        "subject.run",
        "subject.code.revision",
        "subject.data.name",
        "subject.data.version",
    )


def _is_what_was_approved(record: Props, _settings: Settings) -> Finding:
    found = [_is_digest(record, path) for path in (_MODEL, "subject.runtime.digest", "subject.data.digest")]
    deployed, approved = record.text(_DEPLOYED), record.text(_MODEL)
    if isinstance(approved, str) and not isinstance(deployed, Absent):
        fix = "What is deployed is not what was approved: take it back."
        found.append(expect(deployed, approved, _DEPLOYED, fix))
    return worst(*found)


def _is_digest(record: Props, path: str) -> Finding:
    match record.text(path):
        case Unknown():
            return CannotTell(path)
        case str() as text if SHA256.fullmatch(text):
            return PASS
    return Fail(f"Say {path} as sha256: and 64 digits, in small letters.")


def _is_safe_to_load(record: Props, settings: Settings) -> Finding:
    return worst(_is_a_safe_format(record, settings), *(_is_scanned(record, kind) for kind in settings["scans"]))


def _is_a_safe_format(record: Props, settings: Settings) -> Finding:
    fix = f"Save it as one of {', '.join(settings['formats'])}, or have its format listed: loading a pickle runs it."
    match record.enum(_FORMAT):
        case Unknown():
            return CannotTell(_FORMAT)
        case str() as text if text in settings["formats"]:
            return PASS
    return Fail(fix)


def _is_scanned(record: Props, kind: str) -> Finding:
    scans = record.items("subject.scans")
    if isinstance(scans, Unknown) or (not isinstance(scans, Absent) and any(isinstance(one, Unknown) for one in scans)):
        return CannotTell("subject.scans")
    known = [] if isinstance(scans, Absent) else [one for one in scans if isinstance(one, Props)]
    ours = [one for one in known if one.enum("kind") == kind]
    if not ours:
        return Fail(f"Scan it, and say so: subject.scans has no `{kind}`.")
    counts = [one.number(severity) for one in ours for severity in ("critical", "high")]
    if any(isinstance(count, Unknown) for count in counts):
        return CannotTell("subject.scans")
    if any(isinstance(count, Absent) for count in counts):
        return Fail(f"Say how many critical and high findings the {kind} scan has.")
    return PASS if not any(counts) else Fail(f"Mend what the {kind} scan found critical or high, and scan again.")


def _is_watched(record: Props, settings: Settings) -> Finding:
    stage = record.enum("subject.stage.to")
    if isinstance(stage, Unknown):
        return CannotTell("subject.stage.to")
    if stage not in settings["stages"]:
        return NotApplicable("nobody is served there")
    monitors = record.items("subject.monitoring.monitors")
    if isinstance(monitors, Unknown):
        return CannotTell("subject.monitoring.monitors")
    listed = () if isinstance(monitors, Absent) else monitors
    kinds = [one.enum("signal") if isinstance(one, Props) else one for one in listed]
    owner = all_said(record, "subject.monitoring.alertOwner")
    if any(kind in settings["signals"] for kind in kinds if isinstance(kind, str)):
        return owner
    if any(isinstance(kind, Unknown) for kind in kinds):
        return CannotTell("subject.monitoring.monitors")
    return Fail(f"Watch it: a monitor of one of {', '.join(settings['signals'])}.")


def _has_a_way_back(record: Props, _settings: Settings) -> Finding:
    way = record.inside("subject.rollback")
    if isinstance(way, Unknown):
        return CannotTell("subject.rollback")
    fix = f"Name the last good version that can still be deployed, {_EXACT}: subject.rollback."
    if isinstance(way, Absent):
        return Fail(fix)
    if way.flag("first") is True:
        return PASS  # nothing was there before
    version = way.text("version")
    if isinstance(version, Unknown):
        return CannotTell("subject.rollback.version")
    if isinstance(version, Absent) or version.lower() == "latest":
        return Fail(fix)
    return expect(way.flag("deployable"), wanted=True, path="subject.rollback.deployable", fix=fix)


RULES = (
    Rule(
        id="M01",
        name="metadata-complete",
        applies_to=(RELEASE,),
        levels=NOT_LOCAL,
        severity=Severity.HIGH,
        why="A model about which nobody can say what it is for, and what it learned from, cannot be answered for.",
        check=_is_complete,
        maps={"eu-ai-act": ("Annex IV", "Art. 10", "Art. 11")},
    ),
    Rule(
        id="M09",
        name="lineage-and-integrity",
        applies_to=(RELEASE,),
        levels=NOT_LOCAL,
        severity=Severity.HIGH,
        why="What answers must be what was approved, to the byte.",
        check=_is_what_was_approved,
        maps={"azpolicy": ("6a6f7384",)},
    ),
    Rule(
        id="M10",
        name="safe-format-and-scan",
        applies_to=(RELEASE,),
        levels=NOT_LOCAL,
        severity=Severity.HIGH,
        why="To load a pickle is to run it, and packages bring holes and licences along.",
        check=_is_safe_to_load,
        settings={
            "formats": names("formats that models may be saved in", ("onnx", "safetensors", "skops", "mlflow")),
            "scans": names("kinds of scans that must be there", ("cve", "licence")),
        },
    ),
    Rule(
        id="M11",
        name="monitoring-before-prod",
        applies_to=(RELEASE,),
        levels=NOT_LOCAL,
        severity=Severity.MEDIUM,
        why="A model that nobody watches is wrong for as long as nobody complains.",
        fix=(
            "Say in subject.monitoring which monitors watch it, one of them for drift or performance, and who "
            "hears the alert (alertOwner)."
        ),
        check=_is_watched,
        settings={
            "stages": names("stages where somebody is served", ("prod",)),
            "signals": names(
                "signals of which one must be watched", ("data_drift", "prediction_drift", "model_performance")
            ),
        },
        maps={"eu-ai-act": ("Art. 26(5)", "Art. 72")},
    ),
    Rule(
        id="M12",
        name="rollback-target",
        applies_to=(RELEASE,),
        levels=advised(),
        severity=Severity.MEDIUM,
        why="Who cannot go back has to repair while people wait.",
        check=_has_a_way_back,
        maps={"eu-ai-act": ("Art. 14",)},
    ),
)
