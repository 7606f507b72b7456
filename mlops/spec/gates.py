"""From the keys of gates to the domain's gates; approvals with the people whom their groups name."""

from pathlib import Path
from typing import Any

from mlops.domain.declared import gate as declared
from mlops.domain.gates.approval import BY_TIER
from mlops.spec.document import Document
from mlops.spec.document.gate import ApprovalGate, ContractGate, EvaluationGate, Gate, LoadGate, SlicesGate
from mlops.spec.document.part import Part


def to_gate(part: Gate, document: Document, folder: Path) -> declared.Gate:
    """Translate a gate of a document in which nothing was found wrong."""
    match part:
        case ContractGate():
            return declared.ContractGate(**_fields(part))
        case EvaluationGate():
            metrics = tuple(declared.GateMetric(**metric.model_dump()) for metric in part.metrics)
            return declared.EvaluationGate(**{**_fields(part), "metrics": metrics})
        case SlicesGate():
            slices = tuple(declared.SliceMetric(**metric.model_dump()) for metric in part.metrics)
            return declared.SlicesGate(**{**_fields(part), "metrics": slices})
        case LoadGate():
            limits = tuple(declared.LoadLimit(name=limit.name, at_most=limit.at_most) for limit in part.metrics)
            requests, profile = (folder / part.requests).resolve(), part.profile
            return declared.LoadGate(
                name=part.name, requests=requests, metrics=limits, rps=profile.rps, hold=profile.for_
            )
        case ApprovalGate():
            return declared.ApprovalGate(
                name=part.name,
                approvers=to_approvers(document, part.approvers, part.count, not_author=part.not_author),
                expires=part.expires,
                tiers=part.when.risk if part.when else (),
            )


def to_approvers(
    document: Document, groups: tuple[str, ...], count: int | None, *, not_author: bool
) -> declared.Approvers:
    """Say who may approve, and how many must: where the file does not, by the risk's tier."""
    people = tuple(dict.fromkeys(name for group in groups for name in document.spec.groups[group]))
    needed = count or BY_TIER[document.metadata.risk.tier]
    return declared.Approvers(groups=groups, people=people, count=needed, not_author=not_author)


def _fields(part: Part) -> dict[str, Any]:
    return {name: getattr(part, name) for name in type(part).model_fields if name != "type"}
