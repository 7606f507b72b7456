"""Splits that Azure ML refuses late, or not at all, are refused before anything is sent."""

from __future__ import annotations

import pytest

from mlops.backends.azure_ml.endpoints import _check, _shares
from mlops.backends.azure_ml.references import short_reference
from mlops.ports import RefusedError


@pytest.mark.parametrize(
    ("traffic", "mirror"),
    [({}, {}), ({"m-1": 100}, {}), ({"m-1": 90, "m-2": 10}, {}), ({"m-1": 100}, {"m-2": 50})],
)
def test_what_azure_ml_allows_passes(traffic: dict[str, int], mirror: dict[str, int]) -> None:
    _check(traffic, mirror)


@pytest.mark.parametrize(
    ("traffic", "mirror", "message"),
    [
        ({"m-1": 90}, {}, "add up to 0 or 100, not 90"),
        ({"m-1": 110, "m-2": -10}, {}, "whole number of percent"),
        ({"m-1": 100}, {"m-2": 51}, "at most 50 %"),
        ({"m-1": 100}, {"m-2": 10, "m-3": 10}, "mirrors to one deployment"),
        ({"m-1": 90, "m-2": 10}, {"m-2": 10}, "m-2 would get live and mirrored traffic"),
    ],
)
def test_what_azure_ml_does_not_allow_is_refused(traffic: dict[str, int], mirror: dict[str, int], message: str) -> None:
    with pytest.raises(RefusedError, match=message):
        _check(traffic, mirror)


def test_a_split_is_compared_without_zeros_and_case() -> None:
    assert _shares({"M-1": 100, "m-2": 0}) == {"m-1": 100}
    assert _shares(None) == {}


@pytest.mark.parametrize(
    "written",
    [
        "azureml:rain:3",
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/models/rain/versions/3",
    ],
)
def test_a_model_has_one_name_however_azure_ml_writes_it(written: str) -> None:
    assert short_reference(written) == "azureml:rain:3"
