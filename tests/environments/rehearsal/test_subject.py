"""What can be rehearsed, and what of a stack file travels to the local environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from environments.local.install import ROOT
from environments.local.settings import Settings
from environments.rehearsal.subject import PLANTED, SubjectError, find

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["local", "dev", "staging", "prod", "minimal", "typical", "private", "regulated"])
def test_every_shipped_stack_and_scenario_is_found_by_its_name(name: str) -> None:
    found = find(name, ROOT)

    assert (found.stack, found.config_folder, found.remarks) == (name, "environments", ())
    assert found.config == yaml.safe_load(found.file.read_text())["config"]


def test_a_users_own_file_loses_what_only_the_real_subscription_understands(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.mine.yaml"
    network = "/subscriptions/{}/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/hub"
    config = {
        "azure-native:subscriptionId": "their-own",
        "azure-native:location": "eastus",
        "aml-kit:password": {"secure": "v1:abc"},
        "aml-kit:network": {"subnets": [network.format("their-own")]},
    }
    file.write_text(yaml.safe_dump({"secretsprovider": "azurekeyvault://x", "encryptedkey": "k", "config": config}))

    found = find(str(file), ROOT)

    assert (found.stack, found.document) == (
        "mine",
        {
            "config": {
                "azure-native:location": "eastus",
                "aml-kit:password": PLANTED,
                "aml-kit:network": {"subnets": [network.format(Settings().subscription)]},
            }
        },
    )
    assert found.remarks == (
        "left out: azure-native:subscriptionId (the local environment has an account of its own)",
        f"encrypted values stand in by '{PLANTED}': aml-kit:password",
        "ids of other subscriptions are read as the same in the local environment's",
    )


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("typicl", "there is no stack or scenario 'typicl'; did you mean 'typical'; known are dev, local,"),
        ("nowhere/Pulumi.x.yaml", "there is no stack file nowhere/Pulumi.x.yaml"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(wanted: str, said: str) -> None:
    with pytest.raises(SubjectError) as caught:
        find(wanted, ROOT)
    assert str(caught.value).startswith(said)


def test_a_folder_without_a_project_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(SubjectError, match=r"holds no Pulumi\.yaml; give the project's folder with --project"):
        find("local", tmp_path)


def test_a_file_that_is_no_mapping_is_named(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.bad.yaml"
    file.write_text("- 1\n")
    with pytest.raises(SubjectError, match=r"Pulumi\.bad\.yaml is no mapping of keys"):
        find(str(file), ROOT)
