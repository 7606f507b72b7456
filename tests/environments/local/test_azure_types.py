"""What is read from the SDK's source."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from environments.local import azure_types
from environments.local.azure_types import Property, Shape, UnknownTypeError, azure_type, module

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_STRING = Shape(kind="string")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    module.cache_clear()
    yield tmp_path
    module.cache_clear()


def test_the_sdk_is_read_without_being_imported() -> None:
    program = (
        "import sys; from environments.local.azure_types import azure_type;"
        "azure_type('azure-native:storage:StorageAccount'); print('pulumi' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


def test_a_types_version_inputs_and_outputs_are_known() -> None:
    found = azure_type("azure-native:managedidentity:FederatedIdentityCredential")
    assert found.api_version == "2023-01-31"
    assert dict(found.inputs) == {
        "audiences": Property(name="audiences", shape=Shape(kind="list", of=(_STRING,)), required=True),
        "federatedIdentityCredentialResourceName": Property(
            name="federatedIdentityCredentialResourceName", shape=_STRING, required=False
        ),
        "issuer": Property(name="issuer", shape=_STRING, required=True),
        "resourceGroupName": Property(name="resourceGroupName", shape=_STRING, required=True),
        "resourceName": Property(name="resourceName", shape=_STRING, required=True),
        "subject": Property(name="subject", shape=_STRING, required=True),
    }
    assert found.output_only == {"azureApiVersion", "name", "systemData", "type"}


def test_constants_closed_enums_and_unions_are_told_apart() -> None:
    learning = module("machinelearningservices")
    compute = learning.types["Compute"].inputs["properties"].shape
    assert compute.kind == "union"
    assert Shape(kind="object", name="AmlComputeArgs") in compute.of
    assert learning.objects["AmlComputeArgs"]["computeType"].const == "AmlCompute"
    assert module("storage").objects["NetworkRuleSetArgs"]["defaultAction"].shape.values == ("Allow", "Deny")
    access = Shape(kind="string", known=("Enabled", "Disabled"))
    assert learning.types["Workspace"].inputs["publicNetworkAccess"].shape == access


def test_what_azure_answers_within_an_object_is_known() -> None:
    answer = module("machinelearningservices").answers["OnlineEndpointPropertiesResponse"]
    assert {"scoringUri", "swaggerUri", "provisioningState"} < set(answer)


@pytest.mark.parametrize(
    "token",
    [
        "azure-native:network:VirtualNetwork",  # its arguments are called VirtualNetworkInitArgs
        "azure-native:machinelearningservices/v20240401:Workspace",  # an alias of other versions
    ],
)
def test_odd_tokens_are_found(token: str) -> None:
    assert azure_type(token).inputs["resourceGroupName"].required


@pytest.mark.parametrize(
    "token",
    ["azure-native:storage:Bucket", "azure-native:s3:Bucket", "aws:storage:StorageAccount", "StorageAccount",
     "azure-native:../pulumi:Thing"],
)  # fmt: skip
def test_a_type_that_the_sdk_lacks_is_named(token: str) -> None:
    with pytest.raises(UnknownTypeError, match="is not a type of pulumi_azure_native"):
        azure_type(token)


def test_a_module_is_read_once_and_a_broken_cache_is_mended(cache: Path) -> None:
    first = module("managedidentity")
    (kept,) = cache.glob("aml-kit/azure-types/*/managedidentity.json")
    written = kept.read_text()
    module.cache_clear()
    assert module("managedidentity") == first
    kept.write_text(written[: len(written) // 2])
    module.cache_clear()
    assert module("managedidentity") == first
    assert kept.read_text() == written


def test_a_cache_that_cannot_be_written_only_costs_time(cache: Path) -> None:
    (cache / "aml-kit").write_text("in the way")
    assert "UserAssignedIdentity" in module("managedidentity").types


def test_the_cache_belongs_to_the_wheels_version(cache: Path) -> None:
    module("managedidentity")
    (folder,) = (cache / "aml-kit" / "azure-types").iterdir()
    assert folder.name.startswith(azure_types.wheel_version())
