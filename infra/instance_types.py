"""Kubernetes instance types: what a job may ask for by name, for Azure's API and as objects of a cluster."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_GPU = "nvidia.com/gpu"


@dataclass(frozen=True, kw_only=True)
class InstanceType:
    """One size of a pod: what it is given, and on which nodes it may run."""

    cpu: str  # such as "2" or "700m"
    memory: str  # such as "8Gi"
    gpus: int = 0
    node_selector: Mapping[str, str]

    @property
    def requests(self) -> dict[str, str]:
        """What a node must have free."""
        return {"cpu": self.cpu, "memory": self.memory}

    @property
    def limits(self) -> dict[str, str]:
        """What a pod may use: no more than it asked for, so that one job cannot starve another."""
        return {**self.requests, **({_GPU: str(self.gpus)} if self.gpus else {})}


def manifests(types: Mapping[str, InstanceType], gpu_quotas: Mapping[str, int]) -> list[dict[str, Any]]:
    """Objects for a cluster's Git repository: instance types, and how many GPUs each namespace may hold."""
    return [
        *(
            {
                "apiVersion": "amlarc.azureml.com/v1alpha1",
                "kind": "InstanceType",
                "metadata": {"name": name},
                "spec": {
                    "nodeSelector": dict(each.node_selector),
                    "resources": {"requests": each.requests, "limits": each.limits},
                },
            }
            for name, each in types.items()
        ),
        *(
            {
                "apiVersion": "v1",
                "kind": "ResourceQuota",
                "metadata": {"name": "gpus", "namespace": namespace},
                "spec": {"hard": {f"requests.{_GPU}": str(most)}},
            }
            for namespace, most in gpu_quotas.items()
        ),
    ]
