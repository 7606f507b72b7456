"""From records about releases to the setting of rule E14: which models may be deployed, and until when; pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit.judging import Strictness
from audit.report import Report
from audit.subjects import Source, UnreadableError
from rules.approvals import approved_until
from rules.props import Props
from rules.records import RELEASE

_REGISTRY = re.compile(r"azureml://registries/[^/\s]+", re.IGNORECASE)
_WORKSPACE = re.compile(
    r"/subscriptions/[^/\s]+/resourceGroups/[^/\s]+/providers/Microsoft\.MachineLearningServices/workspaces/[^/\s]+",
    re.IGNORECASE,
)
_WORD = re.compile(r"[\w.-]+")


@dataclass(frozen=True)
class Approved:
    """What goes into the setting, and what does not, with the reason."""

    models: tuple[Mapping[str, str], ...]
    left_out: tuple[str, ...]


def place(said: str) -> str:
    """Take where models lie, as deployments name it: a form with two gaps.  Raises UnreadableError."""
    found = said.rstrip("/")
    if found == "workspace":
        return "azureml:{name}:{version}"
    if _REGISTRY.fullmatch(found) or _WORKSPACE.fullmatch(found):
        return found + "/models/{name}/versions/{version}"
    raise UnreadableError(
        f"--in {said!r} is no place of models: azureml://registries/NAME, the id of a workspace "
        "(/subscriptions/…/workspaces/NAME), or `workspace` for azureml:MODEL:VERSION, which is the stack's own"
    )


def approved(source: Source, report: Report, strictness: Strictness, forms: Sequence[str]) -> Approved:
    """Pick the releases to this stage about which no rule refuses anything; each lasts as long as its approvals do."""
    refusals = {row.resource: f"{row.rule}: {row.message}" for row in reversed(report.rows) if row.refused}
    settings, stages = strictness.of["M04"].settings, strictness.of["M05"].settings["order"]
    stage = strictness.profile if strictness.profile in stages else stages[-1]
    models, left_out = [], []
    for subject in source.subjects:
        if subject.type != RELEASE:
            continue
        model: Any = subject.inputs["subject"]["model"]
        end = approved_until(Props(subject.inputs), settings)
        if subject.inputs["subject"]["stage"]["to"] != stage:
            left_out.append(f"{subject.id}: it is not bound for {stage}")
        elif subject.id in refusals:
            left_out.append(f"{subject.id}: {refusals[subject.id]}")
        elif end is None:
            left_out.append(f"{subject.id}: M04: nobody's approval says until when it holds")
        elif not all(_WORD.fullmatch(model[key]) for key in ("name", "version")):
            left_out.append(f"{subject.id}: its name or version is none that Azure ML takes")
        else:
            models += [{"model": form.format(**model), "expires": end} for form in forms]
    return Approved(tuple(sorted(models, key=lambda one: one["model"])), tuple(left_out))
