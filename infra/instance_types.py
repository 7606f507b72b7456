"""Kubernetes instance types: what a job may ask for by name, for Azure's API and as objects of a cluster."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.sections.kubernetes import Kubernetes

POOL = "aml-kit/pool"  # the label of nodes that says which pool they are of

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


def instance_types(asked: Kubernetes) -> Mapping[str, InstanceType]:
    """Turn what a stack file says of pods into what Azure and the cluster are told."""
    return {
        name: InstanceType(
            cpu=each.cpu,
            memory=each.memory,
            gpus=each.gpus,
            node_selector={POOL: each.pool} if each.pool else {},
        )
        for name, each in asked.instance_types.items()
    }


def manifests(asked: Kubernetes) -> list[dict[str, Any]]:
    """Tell the objects for a cluster's Git repository: instance types, and how many GPUs each namespace may hold."""
    gpu_quotas = {each.namespace or name: each.gpus for name, each in asked.computes.items() if each.gpus is not None}
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
            for name, each in instance_types(asked).items()
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
