"""What triggers watch: the newest version of a model or of data, and the digest of the training code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azure.ai.ml.exceptions import MlException
from azure.core.exceptions import ResourceNotFoundError

from mlops.backends.errors import said

if TYPE_CHECKING:
    from azure.ai.ml import MLClient

    from mlops.backends.azure_ml.training import AzureTraining


class AzureAssets:
    """The port `Assets` on the workspace's registries; newest is what was made last, not the greatest name."""

    def __init__(self, client: MLClient, training: AzureTraining) -> None:
        self._client = client
        self._training = training

    def version(self, asset: str) -> str:
        """See Assets.version."""
        kind, _, name = asset.partition(":")
        if kind == "code":
            return self._training.code()
        versions = self._client.models if kind == "model" else self._client.data
        with said(f"looking for the newest {asset}"):
            try:
                return str(versions.get(name, label="latest").version)
            except ResourceNotFoundError:
                return ""
            except MlException as error:
                if "does not exist" in str(error):
                    return ""
                raise
