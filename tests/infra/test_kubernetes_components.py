"""A Kubernetes cluster and what works on it: the whole of what each component asks Azure for."""

from typing import Any

import pytest

from infra.components.attached_kubernetes import AttachedKubernetes, AttachedKubernetesArgs, Quota
from infra.components.cluster_objects import ClusterObjects, ClusterObjectsArgs
from infra.components.kubernetes_cluster import KubernetesCluster, KubernetesClusterArgs, NodePool
from infra.components.kubernetes_extension import KubernetesExtension, KubernetesExtensionArgs, Serving
from infra.instance_types import InstanceType
from tests.infra.asking import HERE, PLACED, TAGS, asked, inputs

_SUBNET = "/subscriptions/s/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/hub/subnets/nodes"
_ON_AKS = {
    "resourceGroupName": "rg",
    "clusterRp": "Microsoft.ContainerService",
    "clusterResourceName": "managedClusters",
    "clusterName": "aks",
}
_SYSTEM: dict[str, Any] = {
    "name": "system",
    "mode": "System",
    "type": "VirtualMachineScaleSets",
    "osType": "Linux",
    "vmSize": "Standard_D4ads_v5",
    "enableAutoScaling": True,
    "minCount": 3,
    "maxCount": 5,
    "count": 3,
    "enableNodePublicIP": False,
    "nodeLabels": {"aml-kit/pool": "system"},
}
_CLUSTER: dict[str, Any] = {
    **PLACED,
    "resourceName": "aks",
    "nodeResourceGroup": "rg-nodes",
    "dnsPrefix": "aks",
    "sku": {"name": "Base", "tier": "Standard"},
    "identity": {"type": "UserAssigned", "userAssignedIdentities": ["/identity"]},
    "enableRBAC": True,
    "aadProfile": {"managed": True, "enableAzureRBAC": True, "tenantID": "tenant", "adminGroupObjectIDs": []},
    "disableLocalAccounts": True,
    "oidcIssuerProfile": {"enabled": True},
    "securityProfile": {"workloadIdentity": {"enabled": True}},
    "apiServerAccessProfile": {
        "enablePrivateCluster": True,
        "enablePrivateClusterPublicFQDN": False,
        "privateDNSZone": "system",
        "disableRunCommand": True,
    },
    "networkProfile": {
        "networkPlugin": "azure",
        "networkPluginMode": "overlay",
        "networkPolicy": "azure",
        "loadBalancerSku": "standard",
        "outboundType": "loadBalancer",
        "serviceCidr": "172.31.0.0/16",
        "dnsServiceIP": "172.31.0.10",
        "podCidr": "192.168.0.0/16",
    },
    "autoUpgradeProfile": {"upgradeChannel": "patch", "nodeOSUpgradeChannel": "NodeImage"},
    "agentPoolProfiles": [_SYSTEM],
}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, {}),
        (
            {
                "admin_groups": ("admins",),
                "version": "1.33",
                "tier": "Premium",
                "outbound": "userDefinedRouting",
                "subnet_id": _SUBNET,
            },
            {
                "aadProfile": {**_CLUSTER["aadProfile"], "adminGroupObjectIDs": ["admins"]},
                "kubernetesVersion": "1.33",
                "sku": {"name": "Base", "tier": "Premium"},
                "networkProfile": {**_CLUSTER["networkProfile"], "outboundType": "userDefinedRouting"},
                "agentPoolProfiles": [{**_SYSTEM, "vnetSubnetID": _SUBNET}],
            },
        ),
        (
            {"private": False, "local_accounts": True},
            {
                "apiServerAccessProfile": {"enablePrivateCluster": False, "disableRunCommand": True},
                "disableLocalAccounts": False,
            },
        ),
    ],
    ids=["defaults", "hardened", "open"],
)
def test_kubernetes_cluster(changed: dict[str, Any], expected: dict[str, Any]) -> None:
    args = KubernetesClusterArgs(
        **HERE,
        name="aks",
        node_group="rg-nodes",
        tenant_id="tenant",
        identity_id="/identity",
        system=NodePool(vm_size="Standard_D4ads_v5", min_nodes=3, max_nodes=5),
        pools={},
        **changed,
    )

    (made,) = asked(lambda: KubernetesCluster("kubernetes", args))

    assert made.inputs == _CLUSTER | expected
    assert not made.protect  # it holds no data


def test_machines_with_gpus_are_kept_for_machine_learning() -> None:
    args = KubernetesClusterArgs(
        **HERE,
        name="aks",
        node_group="rg-nodes",
        tenant_id="tenant",
        identity_id="/identity",
        system=NodePool(vm_size="Standard_D4ads_v5", min_nodes=3, max_nodes=5),
        pools={"gpu": NodePool(vm_size="Standard_NC4as_T4_v3", min_nodes=0, max_nodes=2)},
        subnet_id=_SUBNET,
    )

    _, pool = asked(lambda: KubernetesCluster("kubernetes", args))

    assert pool.inputs == {
        "resourceGroupName": "rg",
        "resourceName": "kubernetes",
        "agentPoolName": "gpu",
        "mode": "User",
        "type": "VirtualMachineScaleSets",
        "osType": "Linux",
        "vmSize": "Standard_NC4as_T4_v3",
        "enableAutoScaling": True,
        "minCount": 0,
        "maxCount": 2,
        "count": 0,
        "enableNodePublicIP": False,
        "vnetSubnetID": _SUBNET,
        "nodeLabels": {"aml-kit/pool": "gpu"},
        "nodeTaints": ["ml.azure.com/amlarc-workload=true:NoSchedule"],
        "tags": TAGS,
    }
    assert pool.ignore_changes == ("count",)  # the autoscaler's


_EXTENSION = {
    **_ON_AKS,
    "extensionName": "azureml",
    "extensionType": "Microsoft.AzureML.Kubernetes",
    "autoUpgradeMinorVersion": True,
    "releaseTrain": "stable",
    "scope": {"cluster": {"releaseNamespace": "azureml"}},
}
_TRUST = {
    "resourceGroupName": "rg",
    "resourceName": "aks",
    "trustedAccessRoleBindingName": "azureml",
    "sourceResourceId": "/workspace",
    "roles": ["Microsoft.MachineLearningServices/workspaces/mlworkload"],
}
_TRAINS = {"enableTraining": "True", "enableInference": "False", "installNvidiaDevicePlugin": "True"}


@pytest.mark.parametrize(
    ("changed", "configured", "trusted"),
    [
        ({}, _TRAINS, True),
        (
            {"serving": Serving(tls_secret="tls", host="models.example.com", highly_available=False)},
            {
                **_TRAINS,
                "enableInference": "True",
                "allowInsecureConnections": "False",
                "inferenceRouterServiceType": "LoadBalancer",
                "internalLoadBalancerProvider": "azure",
                "inferenceRouterHA": "False",
                "sslSecret": "tls",
                "sslCname": "models.example.com",
            },
            True,
        ),
        ({"trusted": False, "gpu_plugin": False}, {**_TRAINS, "installNvidiaDevicePlugin": "False"}, False),
    ],
    ids=["defaults", "serving", "by a local account"],
)
def test_kubernetes_extension(changed: dict[str, Any], configured: dict[str, str], *, trusted: bool) -> None:
    args = KubernetesExtensionArgs(resource_group_name="rg", cluster_name="aks", workspace_id="/workspace", **changed)

    made = inputs(lambda: KubernetesExtension("extension", args))

    expected = {"kubernetesconfiguration:Extension": {**_EXTENSION, "configurationSettings": configured}}
    assert made == expected | ({"containerservice:TrustedAccessRoleBinding": _TRUST} if trusted else {})


_NAMESPACE = {
    **PLACED,
    "resourceGroupName": "cluster-rg",
    "resourceName": "aks",
    "managedNamespaceName": "team",
    "properties": {
        "adoptionPolicy": "Never",
        "deletePolicy": "Delete",
        "defaultResourceQuota": {
            "cpuRequest": "32",
            "cpuLimit": "32",
            "memoryRequest": "128Gi",
            "memoryLimit": "128Gi",
        },
        "defaultNetworkPolicy": {"ingress": "AllowSameNamespace", "egress": "AllowAll"},
    },
}
_SMALL = InstanceType(cpu="2", memory="8Gi", gpus=1, node_selector={"aml-kit/pool": "gpu"})


@pytest.mark.parametrize("quota", [Quota(cpu="32", memory="128Gi"), None], ids=["its own namespace", "one that stands"])
def test_attached_kubernetes(quota: Quota | None) -> None:
    args = AttachedKubernetesArgs(
        **HERE,
        workspace_name="mlw",
        name="k8s",
        identity_id="/identity",
        cluster_id="/aks",
        cluster_group="cluster-rg",
        cluster_name="aks",
        namespace="team",
        instance_types={"small": _SMALL},
        default_instance_type="small",
        quota=quota,
    )

    made = asked(lambda: AttachedKubernetes("k8s", args))

    assert {one.token: one.inputs for one in made} == {
        **({"containerservice:ManagedNamespace": _NAMESPACE} if quota else {}),
        "machinelearningservices:Compute": {
            **PLACED,
            "workspaceName": "mlw",
            "computeName": "k8s",
            "identity": {"type": "UserAssigned", "userAssignedIdentities": ["/identity"]},
            "properties": {
                "computeType": "Kubernetes",
                "resourceId": "/aks",
                "disableLocalAuth": True,
                "properties": {
                    "namespace": "team",
                    "defaultInstanceType": "small",
                    "instanceTypes": {
                        "small": {
                            "nodeSelector": {"aml-kit/pool": "gpu"},
                            "resources": {
                                "requests": {"cpu": "2", "memory": "8Gi"},
                                "limits": {"cpu": "2", "memory": "8Gi", "nvidia.com/gpu": "1"},
                            },
                        }
                    },
                },
            },
        },
    }
    # Attaching neither makes the namespace nor looks whether it is there.
    assert [urn.rsplit("::", 1)[1] for urn in made[-1].depends_on] == (["k8s-namespace"] if quota else [])


def test_cluster_objects() -> None:
    args = ClusterObjectsArgs(
        resource_group_name="rg", cluster_name="aks", url="https://git.example.com/cluster", branch="main", path="prod"
    )

    made = asked(lambda: ClusterObjects("objects", args))

    assert {one.name: one.inputs for one in made} == {
        "objects-flux": {
            **_ON_AKS,
            "extensionName": "flux",
            "extensionType": "microsoft.flux",
            "autoUpgradeMinorVersion": True,
            "releaseTrain": "stable",
            "scope": {"cluster": {"releaseNamespace": "flux-system"}},
        },
        "objects": {
            **_ON_AKS,
            "fluxConfigurationName": "aml-kit",
            "namespace": "flux-system",
            "scope": "cluster",
            "sourceKind": "GitRepository",
            "gitRepository": {
                "url": "https://git.example.com/cluster",
                "repositoryRef": {"branch": "main"},
                "syncIntervalInSeconds": 600,
                "timeoutInSeconds": 600,
            },
            "suspend": False,
            "waitForReconciliation": False,
            "kustomizations": {
                "objects": {
                    "path": "prod",
                    "prune": True,
                    "force": False,
                    "wait": True,
                    "syncIntervalInSeconds": 600,
                    "timeoutInSeconds": 600,
                }
            },
        },
    }
