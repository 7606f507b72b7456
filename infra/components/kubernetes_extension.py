"""What lets Azure ML work on a Kubernetes cluster: its extension, and the cluster's trust in one workspace."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Resource, ResourceOptions
from pulumi_azure_native import containerservice as aks
from pulumi_azure_native import kubernetesconfiguration as kubernetes

_ROLE = "Microsoft.MachineLearningServices/workspaces/mlworkload"


@dataclass(frozen=True, kw_only=True)
class Serving:
    """How models answer on the cluster: by TLS, behind a load balancer of the virtual network."""

    tls_secret: str  # a Kubernetes secret in the namespace `azureml`
    host: str  # the host name that the certificate is for
    highly_available: bool = True  # wants three nodes


@dataclass(frozen=True, kw_only=True)
class KubernetesExtensionArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]  # the cluster's
    cluster_name: Input[str]  # the cluster it is put on
    workspace_id: Input[str]
    after: Sequence[Resource] = ()  # a component does not hand its own depends_on down to its children
    serving: Serving | None = None  # none is training only
    gpu_plugin: bool = True  # whether it brings NVIDIA's device plugin
    trusted: bool = True  # a cluster without local accounts lets nobody in but by this


class KubernetesExtension(pulumi.ComponentResource):
    """The extension, for training and, if wanted, for serving by TLS only."""

    resources: tuple[Resource, ...]

    def __init__(self, name: str, args: KubernetesExtensionArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:KubernetesExtension", name, {}, opts)

        extension = kubernetes.Extension(
            name,
            resource_group_name=args.resource_group_name,
            cluster_rp="Microsoft.ContainerService",
            cluster_resource_name="managedClusters",
            cluster_name=args.cluster_name,
            extension_name="azureml",
            extension_type="Microsoft.AzureML.Kubernetes",
            auto_upgrade_minor_version=True,
            release_train="stable",
            scope=kubernetes.ScopeArgs(cluster=kubernetes.ScopeClusterArgs(release_namespace="azureml")),
            configuration_settings=_configuration(args),
            opts=ResourceOptions(parent=self, delete_before_replace=True, depends_on=list(args.after)),
        )
        trust = [self._trust(f"{name}-trust", args)] if args.trusted else []

        self.resources = (extension, *trust)
        self.register_outputs({})

    def _trust(self, name: str, args: KubernetesExtensionArgs) -> "aks.TrustedAccessRoleBinding":
        return aks.TrustedAccessRoleBinding(
            name,
            resource_group_name=args.resource_group_name,
            resource_name_=args.cluster_name,
            trusted_access_role_binding_name="azureml",
            source_resource_id=args.workspace_id,
            roles=[_ROLE],
            opts=ResourceOptions(parent=self, delete_before_replace=True, depends_on=list(args.after)),
        )


def _configuration(args: KubernetesExtensionArgs) -> dict[str, str]:
    configured = {
        "enableTraining": "True",
        "enableInference": "False",
        "installNvidiaDevicePlugin": str(args.gpu_plugin),
    }
    if args.serving is not None:
        configured |= {
            "enableInference": "True",
            "allowInsecureConnections": "False",
            "inferenceRouterServiceType": "LoadBalancer",
            "internalLoadBalancerProvider": "azure",
            "inferenceRouterHA": str(args.serving.highly_available),
            "sslSecret": args.serving.tls_secret,
            "sslCname": args.serving.host,
        }
    return configured
