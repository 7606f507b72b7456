"""The contract gate: what a candidate takes and gives, against what the project says; and whether its card is whole."""

from collections.abc import Iterator

from mlops.domain.data.measurement import Verdict
from mlops.domain.declared.facts import Card, Facts
from mlops.domain.declared.gate import ContractGate
from mlops.domain.loop import GateResult
from mlops.domain.project import Data
from mlops.domain.world import Signature


def keeps_contract(
    gate: ContractGate, data: Data, facts: Facts, *, signature: Signature | None, card: Card | None
) -> GateResult:
    """Judge it.  A model that says nothing of what it takes is inconclusive: absence never passes."""
    wrong = []
    if gate.card:
        wrong += list(_card(facts, card))
    if gate.signature and signature is not None:
        wrong += list(_signature(data, signature))
    if wrong:
        return GateResult(gate=gate.name, verdict=Verdict.FAIL, why="; ".join(wrong))
    if gate.signature and signature is None:
        why = "the model says nothing of what it takes: save it with a signature (MLmodel), or set signature: false"
        return GateResult(gate=gate.name, verdict=Verdict.INCONCLUSIVE, why=why)
    fits = f"takes {len(data.features)} features" if gate.signature else ""
    told = f"card {card.version or 'without a version'} is {card.status}" if gate.card and card else ""
    return GateResult(gate=gate.name, verdict=Verdict.PASS, why=", ".join(part for part in (fits, told) if part))


def _signature(data: Data, signature: Signature) -> Iterator[str]:
    if signature.width is not None:
        if signature.width not in (-1, len(data.features)):
            yield f"the model takes {signature.width} numbers a row, data.features has {len(data.features)}"
    else:
        for name in sorted(set(signature.required) - set(data.features)):
            yield f"the model needs {name!r}, which is no feature (data.features)"
        for name in sorted(set(data.features) - {*signature.required, *signature.optional}):
            yield f"the model does not take the feature {name!r}"
    if signature.gives and data.prediction not in signature.gives:
        yield f"the model gives {', '.join(signature.gives)}, not {data.prediction!r} (data.prediction)"


def _card(facts: Facts, card: Card | None) -> Iterator[str]:
    said = {
        "metadata.owner": facts.owner,
        "metadata.intendedUse": facts.intended_use,
        "metadata.risk.tier": facts.tier,
    }
    for key, value in said.items():
        if not value:
            yield f"{key} is not said"
    if card is None:
        yield "there is no model card (model.card)"
        return
    for key, value in (("status", card.status), ("version", card.version), ("updated", card.updated)):
        if not value:
            yield f"the card says no {key}"
    if card.status == "archived":
        yield "the card is archived"
