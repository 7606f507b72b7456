"""What a stack file takes as given: ids of resources, and assets of registries that somebody else keeps."""

from __future__ import annotations

from environments.local.settings import Settings
from environments.rehearsal.existing import named_in
from environments.rehearsal.shared_assets import Asset, assets, scripts

_IDS = f"/subscriptions/{Settings().subscription}/resourceGroups"
_HUB = f"{_IDS}/hub/providers/Microsoft.Network/virtualNetworks/hub"
_MODEL = "azureml://registries/mlr-shared/models/normals/versions/1"
_CODE = "azureml://registries/mlr-shared/codes/normals/versions/2"
_CURATED = "azureml://registries/azureml/environments/minimal-py311-inference/versions/1"
_CONFIG = {"hub": _HUB, "fixed": [{"model": _MODEL, "code": _CODE, "script": "score.py", "environment": _CURATED}]}


def test_ids_and_registries_of_assets_are_there_before_the_first_up_and_azures_own_registry_always_is() -> None:
    registry = f"{_IDS}/shared-registries/providers/Microsoft.MachineLearningServices/registries/mlr-shared"

    assert named_in(_CONFIG) == (_HUB, registry)


def test_each_asset_is_made_once_and_code_holds_the_scripts_that_are_named() -> None:
    texts = (_MODEL, _CODE, _MODEL, _CURATED, "score.py", "rain")

    assert assets(texts) == (
        Asset(registry="mlr-shared", kind="models", name="normals", version="1"),
        Asset(registry="mlr-shared", kind="codes", name="normals", version="2"),
    )
    assert scripts(texts) == ("score.py",)
