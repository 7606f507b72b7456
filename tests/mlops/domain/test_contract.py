"""The contract gate: what a model takes and gives is what the project says, and its card says what a reader needs."""

import pytest

from mlops.backends.signatures import read_signature
from mlops.domain.data.measurement import Verdict
from mlops.domain.declared.facts import Card, Facts
from mlops.domain.declared.gate import ContractGate
from mlops.domain.gates.contract import keeps_contract
from mlops.domain.project import Data
from mlops.domain.world import Signature
from mlops.ports import OutsideError

DATA = Data(history="h", labels="l", key="k", time="t", features=("a", "b"), label="y", prediction="p")
FACTS = Facts(owner="weather", intended_use="umbrellas", tier="low")
CARD = Card(digest="sha256:0", status="approved", version="1", updated="2026-01-01T00:00:00Z")
SIGNATURE = Signature(required=("a", "b"), gives=("p",))


def judged(signature: Signature | None = SIGNATURE, card: Card | None = CARD, facts: Facts = FACTS) -> tuple[str, str]:
    result = keeps_contract(ContractGate(name="contract"), DATA, facts, signature=signature, card=card)
    return result.verdict.word, result.why


@pytest.mark.parametrize(
    ("signature", "expected"),
    [
        (SIGNATURE, "takes 2 features, card 1 is approved"),
        (Signature(required=("a",), optional=("b", "c")), "takes 2 features, card 1 is approved"),
        (Signature(width=2), "takes 2 features, card 1 is approved"),
        (Signature(width=-1), "takes 2 features, card 1 is approved"),
    ],
)
def test_a_model_that_takes_the_features_and_has_a_card_passes(signature: Signature, expected: str) -> None:
    assert judged(signature) == ("pass", expected)


@pytest.mark.parametrize(
    ("signature", "why"),
    [
        (Signature(required=("a", "b", "c")), "the model needs 'c', which is no feature (data.features)"),
        (Signature(required=("a",)), "the model does not take the feature 'b'"),
        (Signature(required=("a", "b"), gives=("q",)), "the model gives q, not 'p' (data.prediction)"),
        (Signature(width=3), "the model takes 3 numbers a row, data.features has 2"),
    ],
)
def test_a_model_that_takes_or_gives_something_else_fails(signature: Signature, why: str) -> None:
    assert judged(signature) == ("fail", why)


def test_a_model_that_says_nothing_of_what_it_takes_is_no_pass() -> None:
    assert judged(None)[0] == "inconclusive"
    unasked = keeps_contract(ContractGate(name="c", signature=False), DATA, FACTS, signature=None, card=CARD)
    assert unasked.verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("card", "facts", "why"),
    [
        (None, FACTS, "there is no model card (model.card)"),
        (Card(digest="d", status="draft", version="1"), FACTS, "the card says no updated"),
        (Card(digest="d", status="archived", version="1", updated="x"), FACTS, "the card is archived"),
        (CARD, Facts(), "metadata.owner is not said; metadata.intendedUse is not said; metadata.risk.tier is not said"),
    ],
)
def test_a_card_or_facts_that_are_not_whole_fail(card: Card | None, facts: Facts, why: str) -> None:
    assert judged(card=card, facts=facts) == ("fail", why)


NAMED = """\
signature:
  inputs: '[{"type": "double", "name": "a", "required": true}, {"type": "double", "name": "b", "required": false}]'
  outputs: '[{"type": "double", "name": "p"}]'
"""
TENSOR = """\
signature:
  inputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 2]}}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1]}}]'
"""


def test_a_signature_is_read_as_mlflow_writes_it() -> None:
    assert read_signature(NAMED) == Signature(required=("a",), optional=("b",), gives=("p",))
    assert read_signature(TENSOR) == Signature(width=2)
    assert read_signature("flavors: {}\n") is None


@pytest.mark.parametrize("text", ["signature: {inputs: '['}", "signature: [", "signature: {inputs: '[1]'}"])
def test_a_signature_that_cannot_be_read_is_no_absent_one(text: str) -> None:
    with pytest.raises(OutsideError, match="cannot be read"):
        read_signature(text)
