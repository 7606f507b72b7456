"""A cluster's own objects, kept by the cluster itself: Flux makes true what a Git repository says, again and again."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Resource, ResourceOptions
from pulumi_azure_native import kubernetesconfiguration as kubernetes

_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class ClusterObjectsArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]  # the cluster's
    cluster_name: Input[str]  # the cluster that keeps itself by it
    url: str  # the repository
    branch: str  # the branch that is in force
    path: str  # the folder that is in force
    after: Sequence[Resource] = ()  # a component does not hand its own depends_on down to its children


class ClusterObjects(pulumi.ComponentResource):
    """Flux and what it keeps: no program outside needs a way into the cluster, so a private one stays private."""

    def __init__(self, name: str, args: ClusterObjectsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:ClusterObjects", name, {}, opts)

        flux = kubernetes.Extension(
            f"{name}-flux",
            resource_group_name=args.resource_group_name,
            cluster_rp="Microsoft.ContainerService",
            cluster_resource_name="managedClusters",
            cluster_name=args.cluster_name,
            extension_name="flux",
            extension_type="microsoft.flux",
            auto_upgrade_minor_version=True,
            release_train="stable",
            scope=kubernetes.ScopeArgs(cluster=kubernetes.ScopeClusterArgs(release_namespace="flux-system")),
            opts=ResourceOptions(parent=self, delete_before_replace=True, depends_on=list(args.after)),
        )
        kubernetes.FluxConfiguration(
            name,
            resource_group_name=args.resource_group_name,
            cluster_rp="Microsoft.ContainerService",
            cluster_resource_name="managedClusters",
            cluster_name=args.cluster_name,
            flux_configuration_name="aml-kit",
            namespace="flux-system",
            scope="cluster",
            source_kind="GitRepository",
            git_repository=kubernetes.GitRepositoryDefinitionArgs(
                url=args.url,
                repository_ref=kubernetes.RepositoryRefDefinitionArgs(branch=args.branch),
                sync_interval_in_seconds=_SECONDS,
                timeout_in_seconds=_SECONDS,
            ),
            suspend=False,
            wait_for_reconciliation=False,  # a deployment does not hang on a repository
            kustomizations={
                "objects": kubernetes.KustomizationDefinitionArgs(
                    path=args.path,
                    prune=True,
                    force=False,
                    wait=True,
                    sync_interval_in_seconds=_SECONDS,
                    timeout_in_seconds=_SECONDS,
                )
            },
            opts=ResourceOptions(parent=self, delete_before_replace=True, depends_on=[flux]),
        )
        self.register_outputs({})
