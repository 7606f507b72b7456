"""Cases of the rules about records of models: one good release, and what is wrong with others."""

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785

from tests.policies.case import UNKNOWN_FLAG, UNKNOWN_LIST, UNKNOWN_NUMBER, UNKNOWN_OBJECT, UNKNOWN_TEXT, Case, Outcome

RELEASE = "aml-kit:records:Release"
_DIGEST = "sha256:" + "a" * 64
_OTHER = "sha256:" + "b" * 64
_TODAY = "2026-06-01"

_BRIER = {
    "kind": "performance",
    "metric": "brier_score",
    "dataset": "rain-holdout:7",
    "value": 0.11,
    "limit": "<= 0.25",
    "champion": 0.12,
    "againstChampion": "<= 0",
}
_GAP = {"kind": "fairness", "metric": "selection_rate_gap", "value": 0.04, "limit": "<= 0.1", "smallestGroup": 420}
_COHORT = {"kind": "cohort", "metric": "worst_error_rate", "value": 0.2, "limit": "<= 0.3"}
_SCANS = [{"kind": "cve", "critical": 0, "high": 0}, {"kind": "licence", "critical": 0, "high": 0}]

SUBJECT: dict[str, Any] = {
    "model": {
        "name": "rain",
        "version": "7",
        "digest": _DIGEST,
        "format": "onnx",
        "created": "2026-05-20T08:00:00Z",
    },
    "runtime": {"image": "mcr.microsoft.com/azureml/minimal-py312-inference", "digest": _DIGEST},
    "code": {"revision": "0f3c1d2"},
    "data": {"name": "rain-training", "version": "7", "digest": _DIGEST},
    "run": "rain-0007-5e1f",
    "owner": "weather desk",
    "author": "ada@example.com",
    "intendedUse": "says whether it rained, for the daily bulletin",
    "licence": "Apache-2.0",
    "risk": {"tier": "high", "aiAct": "limited"},
    "card": {"status": "approved", "version": "3", "updated": "2026-05-21T08:00:00Z"},
    "stage": {"from": "staging", "to": "prod"},
    "evaluation": {"dataset": "rain-holdout:7"},
    "measurements": [_BRIER, _GAP, _COHORT],
    "scans": _SCANS,
    "monitoring": {"monitors": [{"name": "drift", "signal": "data_drift"}], "alertOwner": "weather desk"},
    "rollback": {"version": "6", "deployable": True},
}


def digest(subject: Mapping[str, Any]) -> str:
    """What approvals of this subject name."""
    return "sha256:" + hashlib.sha256(rfc8785.dumps(dict(subject))).hexdigest()


def approval(subject: Mapping[str, Any], who: str, **changed: object) -> dict[str, Any]:
    """A yes to exactly this."""
    said = {"identity": who, "role": "risk", "at": "2026-05-22T09:00:00Z", "decision": "approved"}
    return {**said, "digest": digest(subject), "expires": "2026-12-31", **changed}


def release(*approvals: Mapping[str, Any], deployed: str | None = None, **changed: object) -> dict[str, Any]:
    """A record of the good subject with parts of it changed, approved by two if nothing else is said."""
    subject = {**SUBJECT, **changed}
    given = approvals or (approval(subject, "grace@example.com"), approval(subject, "alan@example.com"))
    record: dict[str, Any] = {"form": "aml-kit.records.release/1", "subject": subject, "approvals": list(given)}
    return record if deployed is None else {**record, "deployed": {"digest": deployed}}


def without(*names: str) -> dict[str, Any]:
    """The subject's parts, some of them gone."""
    return dict.fromkeys(names)


def _case(rule: str, said: str, outcome: Outcome, props: Mapping[str, Any], **settings: object) -> Case:
    return Case(rule=rule, said=said, type=RELEASE, props=props, outcome=outcome, settings=settings)


def _elsewhere(rule: str) -> Case:
    kind = "azure-native:machinelearningservices:Compute"
    return Case(rule=rule, said="a compute", type=kind, props={"properties": {}}, outcome="not applicable")


def _ordinary(rule: str, *, says_nothing: Outcome = "fail", **settings: object) -> tuple[Case, ...]:
    """What holds for each of them."""
    return (
        _case(rule, "a good release", "pass", release(), **settings),
        _case(rule, "unset", says_nothing, {"subject": {}}, **settings),
        _case(rule, "unknown", "cannot tell", {"subject": UNKNOWN_OBJECT, "approvals": UNKNOWN_LIST}, **settings),
        _elsewhere(rule),
    )


def _day(rule: str) -> tuple[Case, ...]:
    return _ordinary(rule, today=_TODAY)


def _measured(
    rule: str,
    said: str,
    outcome: Outcome,
    *measurements: object,
    risk: object = SUBJECT["risk"],
    evaluation: object = SUBJECT["evaluation"],
) -> Case:
    return _case(rule, said, outcome, release(measurements=list(measurements), risk=risk, evaluation=evaluation))


def _m04(said: str, outcome: Outcome, record: Mapping[str, Any]) -> Case:
    return _case("M04", said, outcome, record, today=_TODAY)


_GRACE = approval(SUBJECT, "grace@example.com")
_ALAN = approval(SUBJECT, "alan@example.com")

CASES: tuple[Case, ...] = (
    *_ordinary("M01"),
    _case("M01", "no licence", "fail", release(licence=None)),
    _case("M01", "an empty owner", "fail", release(owner=" ")),
    _case("M01", "an unknown owner", "cannot tell", release(owner=UNKNOWN_TEXT)),
    *_ordinary("M02"),
    _case("M02", "a draft", "fail", release(card={**SUBJECT["card"], "status": "draft"})),
    _case("M02", "a card of the version before", "fail", release(card={**SUBJECT["card"], "updated": "2026-05-19"})),
    _case("M02", "a card without a day", "fail", release(card={"status": "approved"})),
    _case("M02", "an unknown day", "cannot tell", release(card={"status": "approved", "updated": UNKNOWN_TEXT})),
    *_ordinary("M03"),
    _case("M03", "another tier", "fail", release(risk={"tier": "none", "aiAct": "minimal"})),
    _case("M03", "no class of the AI Act", "fail", release(risk={"tier": "low"})),
    _case("M03", "a prohibited use", "fail", release(risk={"tier": "high", "aiAct": "prohibited"})),
    _case("M03", "an unknown tier", "cannot tell", release(risk={"tier": UNKNOWN_TEXT, "aiAct": "minimal"})),
    *_day("M04"),
    _m04("nobody", "fail", {"subject": SUBJECT, "approvals": []}),
    _m04("one of two", "fail", release(_GRACE)),
    _m04("one, and the risk is low", "pass", release(risk={"tier": "low", "aiAct": "minimal"})),
    _m04("the same person twice", "fail", release(_GRACE, {**_GRACE, "identity": "Grace@example.com"})),
    _m04("the author and one more", "fail", release(_GRACE, approval(SUBJECT, "Ada@example.com"))),
    _m04("two, one of them over", "fail", release(_GRACE, {**_ALAN, "expires": "2026-05-31"})),
    _m04("two, one of them without an end", "fail", release(_GRACE, {**_ALAN, "expires": None})),
    _m04("its last day", "pass", release(_GRACE, {**_ALAN, "expires": _TODAY})),
    _m04("approvals of another digest", "fail", release(_GRACE, {**_ALAN, "digest": _OTHER})),
    _m04(
        "a model changed after it was approved",
        "fail",
        release(_GRACE, _ALAN, model={**SUBJECT["model"], "digest": _OTHER}),
    ),
    _m04(
        "a measurement changed after it was approved",
        "fail",
        release(_GRACE, _ALAN, measurements=[{**_BRIER, "value": 0.1}]),
    ),
    _m04(
        "two said yes and one no",
        "fail",
        release(_GRACE, _ALAN, approval(SUBJECT, "kay@example.com", decision="rejected")),
    ),
    _m04(
        "somebody rejected another version",
        "pass",
        release(_GRACE, _ALAN, {**_GRACE, "digest": _OTHER, "decision": "rejected"}),
    ),
    _m04("latest", "fail", release(model={**SUBJECT["model"], "version": "latest"})),
    _m04("no author", "fail", release(author=None)),
    _m04("no tier is the highest", "fail", release(_GRACE, risk={})),
    _m04("unknown approvals", "cannot tell", {"subject": SUBJECT, "approvals": UNKNOWN_LIST}),
    _m04("an unknown approval", "cannot tell", {"subject": SUBJECT, "approvals": [UNKNOWN_OBJECT]}),
    _m04("something unknown in what is approved", "cannot tell", release(owner=UNKNOWN_TEXT)),
    *_ordinary("M05"),
    _case("M05", "from dev to prod", "fail", release(stage={"from": "dev", "to": "prod"})),
    _case("M05", "to staging from nowhere", "fail", release(stage={"to": "staging"})),
    _case("M05", "to dev from nowhere", "pass", release(stage={"to": "dev"})),
    _case("M05", "back from prod", "fail", release(stage={"from": "prod", "to": "staging"})),
    _case("M05", "to a stage that is not one", "fail", release(stage={"from": "staging", "to": "live"})),
    _case("M05", "unknown where to", "cannot tell", release(stage={"from": "staging", "to": UNKNOWN_TEXT})),
    *_ordinary("M06"),
    _measured("M06", "nothing measured", "fail"),
    _measured("M06", "only fairness", "fail", _GAP),
    _measured("M06", "a broken limit", "fail", {**_BRIER, "value": 0.26}),
    _measured("M06", "at the limit", "pass", {**_BRIER, "value": 0.25, "champion": None}),
    _measured("M06", "no limit", "fail", {**_BRIER, "limit": None}),
    _measured("M06", "a limit that is none", "fail", {**_BRIER, "limit": "good"}),
    _measured("M06", "worse than the champion", "fail", {**_BRIER, "value": 0.13}),
    _measured("M06", "a champion without a bound", "fail", {**_BRIER, "againstChampion": None}),
    _measured("M06", "no champion yet", "pass", {**_BRIER, "champion": None, "againstChampion": None}),
    _measured("M06", "on other data", "fail", {**_BRIER, "dataset": "rain-training:7"}),
    _measured("M06", "on data that nobody declared", "fail", _BRIER, evaluation=None),
    _measured("M06", "an unknown value", "cannot tell", {**_BRIER, "value": UNKNOWN_NUMBER}),
    *_ordinary("M07"),
    _measured("M07", "nothing measured", "fail"),
    _measured("M07", "a low risk", "not applicable", risk={"tier": "low", "aiAct": "minimal"}),
    _measured("M07", "a gap too wide", "fail", {**_GAP, "value": 0.2}),
    _measured("M07", "groups too small", "fail", {**_GAP, "smallestGroup": 99}),
    _measured("M07", "groups of nobody knows what size", "fail", {**_GAP, "smallestGroup": None}),
    _measured("M07", "an unknown size", "cannot tell", {**_GAP, "smallestGroup": UNKNOWN_NUMBER}),
    *_ordinary("M08"),
    _measured("M08", "nothing measured", "fail"),
    _measured("M08", "a cohort that fails", "fail", {**_COHORT, "value": 0.31}),
    _measured("M08", "an unknown value", "cannot tell", {**_COHORT, "value": UNKNOWN_NUMBER}),
    *_ordinary("M09"),
    _case("M09", "a short digest", "fail", release(model={**SUBJECT["model"], "digest": "sha256:ab"})),
    _case("M09", "no digest of the runtime", "fail", release(runtime={"image": "x"})),
    _case("M09", "no digest of the data", "fail", release(data={"name": "rain-training", "version": "7"})),
    _case("M09", "what was approved is deployed", "pass", release(deployed=_DIGEST)),
    _case("M09", "something else is deployed", "fail", release(deployed=_OTHER)),
    _case("M09", "unknown what is deployed", "cannot tell", release(deployed=UNKNOWN_TEXT)),
    *_ordinary("M10"),
    _case("M10", "a pickle", "fail", release(model={**SUBJECT["model"], "format": "pickle"})),
    _case(
        "M10",
        "a pickle that is listed",
        "pass",
        release(model={**SUBJECT["model"], "format": "Pickle"}),
        formats=["pickle"],
    ),
    _case("M10", "no scan of licences", "fail", release(scans=_SCANS[:1])),
    _case("M10", "a hole", "fail", release(scans=[{"kind": "cve", "critical": 1, "high": 0}, _SCANS[1]])),
    _case("M10", "a scan that says nothing", "fail", release(scans=[{"kind": "cve"}, _SCANS[1]])),
    _case(
        "M10",
        "an unknown count",
        "cannot tell",
        release(scans=[{"kind": "cve", "critical": UNKNOWN_NUMBER, "high": 0}, _SCANS[1]]),
    ),
    *_ordinary("M11", says_nothing="not applicable"),
    _case("M11", "unset monitors", "fail", release(monitoring=None)),
    _case("M11", "to staging", "not applicable", release(stage={"from": "dev", "to": "staging"}, monitoring=None)),
    _case(
        "M11",
        "only data quality",
        "fail",
        release(monitoring={"monitors": [{"signal": "data_quality"}], "alertOwner": "x"}),
    ),
    _case("M11", "nobody hears the alert", "fail", release(monitoring={"monitors": [{"signal": "data_drift"}]})),
    _case("M11", "unknown monitors", "cannot tell", release(monitoring={"monitors": UNKNOWN_LIST, "alertOwner": "x"})),
    *_ordinary("M12"),
    _case("M12", "the first of all", "pass", release(rollback={"first": True})),
    _case("M12", "back to latest", "fail", release(rollback={"version": "latest", "deployable": True})),
    _case("M12", "back to what is gone", "fail", release(rollback={"version": "6", "deployable": False})),
    _case(
        "M12",
        "unknown whether it can be deployed",
        "cannot tell",
        release(rollback={"version": "6", "deployable": UNKNOWN_FLAG}),
    ),
    *_ordinary("M13", says_nothing="not applicable", today=_TODAY),
    _case("M13", "looked at a year ago", "pass", release({**_GRACE, "at": "2025-06-01T00:00:00Z"}), today=_TODAY),
    _case("M13", "looked at longer ago", "fail", release({**_GRACE, "at": "2025-05-31T23:00:00Z"}), today=_TODAY),
    _case("M13", "an approval without a day", "fail", release({**_GRACE, "at": None}), today=_TODAY),
    _case("M13", "a day that nobody can read", "fail", release({**_GRACE, "at": "yesterday"}), today=_TODAY),
    _case("M13", "an unknown day", "cannot tell", release({**_GRACE, "at": UNKNOWN_TEXT}), today=_TODAY),
    _case("M02", "a draft with an unknown day", "fail", release(card={"status": "draft", "updated": UNKNOWN_TEXT})),
    _measured("M06", "on unknown data", "cannot tell", _BRIER, evaluation={"dataset": UNKNOWN_TEXT}),
    _measured("M06", "an unknown champion", "cannot tell", {**_BRIER, "champion": UNKNOWN_NUMBER}),
    _case(
        "M09",
        "unknown what was approved",
        "cannot tell",
        release(deployed=_OTHER, model={**SUBJECT["model"], "digest": UNKNOWN_TEXT}),
    ),
    _case("M10", "an unknown format", "cannot tell", release(model={**SUBJECT["model"], "format": UNKNOWN_TEXT})),
    _case("M10", "unknown scans", "cannot tell", release(scans=UNKNOWN_LIST)),
    _case("M10", "an unknown scan", "cannot tell", release(scans=[UNKNOWN_OBJECT])),
    _case(
        "M11",
        "a monitor of an unknown signal",
        "cannot tell",
        release(monitoring={"monitors": [{"signal": UNKNOWN_TEXT}], "alertOwner": "x"}),
    ),
    _case(
        "M12", "unknown which version", "cannot tell", release(rollback={"version": UNKNOWN_TEXT, "deployable": True})
    ),
)
