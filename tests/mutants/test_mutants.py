"""The list of planted bugs fits the code, and a sample of them is found; `make mutants` plants them all."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import Mutant
from tests.mutants.planted import ROOT, PlantingError, copied, killer, mutated

SAMPLE = ("advances-on-too-few-requests", "as-good-is-better")


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    assert len(MUTANTS) >= 40
    assert [name for name, times in Counter(mutant.name for mutant in MUTANTS).items() if times > 1] == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name for mutant in MUTANTS])
def test_its_place_is_there_once_and_its_tests_exist(mutant: Mutant) -> None:
    text = (ROOT / mutant.file).read_text(encoding="utf-8")

    assert mutated(mutant, text) != text
    assert [test for test in mutant.tests if not (ROOT / test).exists()] == []


def test_a_sample_is_found_and_what_is_no_bug_is_not() -> None:
    chosen = {mutant.name: mutant for mutant in MUTANTS if mutant.name in SAMPLE}
    with copied() as root:
        found = {name: killer(mutant, root) for name, mutant in chosen.items()}
        first = chosen[SAMPLE[0]]
        harmless = killer(replace(first, after=first.before + "        # as it was\n"), root)

    assert {name: test.partition("::")[0] for name, test in found.items()} == {
        "advances-on-too-few-requests": "tests/mlops/domain/test_rollout.py",
        "as-good-is-better": "tests/mlops/domain/test_gate.py",
    }
    assert harmless == ""


def test_a_place_that_has_gone_is_said() -> None:
    with pytest.raises(PlantingError, match="has its place 0 times, not once: say where it is now"):
        mutated(replace(MUTANTS[0], before="no such line"), "some text")
