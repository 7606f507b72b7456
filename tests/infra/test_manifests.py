"""The objects that a cluster keeps by its Git repository, printed from the same stack file."""

import pytest
import yaml

from infra.manifests import main


def test_instance_types_and_quotas_of_gpus_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["private"]) == 0

    small, gpu, quota = yaml.safe_load_all(capsys.readouterr().out)
    assert small == {
        "apiVersion": "amlarc.azureml.com/v1alpha1",
        "kind": "InstanceType",
        "metadata": {"name": "small"},
        "spec": {
            "nodeSelector": {"aml-kit/pool": "gpu"},
            "resources": {"requests": {"cpu": "2", "memory": "8Gi"}, "limits": {"cpu": "2", "memory": "8Gi"}},
        },
    }
    assert gpu["spec"]["resources"]["limits"] == {"cpu": "4", "memory": "24Gi", "nvidia.com/gpu": "1"}
    assert quota == {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "gpus", "namespace": "shared"},
        "spec": {"hard": {"requests.nvidia.com/gpu": "2"}},
    }


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "usage: python -m infra.manifests STACK"),
        (["minimal"], "has no aml-kit:kubernetes, so there are no objects"),
        (["elsewhere"], "there is no stack 'elsewhere'"),
    ],
    ids=["none named", "no cluster", "no such stack"],
)
def test_what_cannot_be_printed_is_one_line(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2

    printed = capsys.readouterr()
    assert printed.out == ""
    assert told in printed.err
