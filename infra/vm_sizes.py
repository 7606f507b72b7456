"""What the platform must know of a VM size: its quota family, and whether it has a GPU."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class VmSize:
    """One size as Azure's "Sizes for virtual machines" lists it; ``family`` is the name that its quota has."""

    family: str
    vcpus: int
    gpus: int = 0


VM_SIZES = {
    "Standard_DS2_v2": VmSize(family="standardDSv2Family", vcpus=2),
    "Standard_DS3_v2": VmSize(family="standardDSv2Family", vcpus=4),
    "Standard_DS4_v2": VmSize(family="standardDSv2Family", vcpus=8),
    "Standard_DS5_v2": VmSize(family="standardDSv2Family", vcpus=16),
    "Standard_D2ads_v5": VmSize(family="standardDADSv5Family", vcpus=2),
    "Standard_D4ads_v5": VmSize(family="standardDADSv5Family", vcpus=4),
    "Standard_D8ads_v5": VmSize(family="standardDADSv5Family", vcpus=8),
    "Standard_D16ads_v5": VmSize(family="standardDADSv5Family", vcpus=16),
    "Standard_E4ds_v4": VmSize(family="standardEDSv4Family", vcpus=4),
    "Standard_E8ds_v4": VmSize(family="standardEDSv4Family", vcpus=8),
    "Standard_F4s_v2": VmSize(family="standardFSv2Family", vcpus=4),
    "Standard_F8s_v2": VmSize(family="standardFSv2Family", vcpus=8),
    "Standard_F16s_v2": VmSize(family="standardFSv2Family", vcpus=16),
    "Standard_NC4as_T4_v3": VmSize(family="Standard NCASv3_T4 Family", vcpus=4, gpus=1),
    "Standard_NC8as_T4_v3": VmSize(family="Standard NCASv3_T4 Family", vcpus=8, gpus=1),
    "Standard_NC16as_T4_v3": VmSize(family="Standard NCASv3_T4 Family", vcpus=16, gpus=1),
    "Standard_NC24ads_A100_v4": VmSize(family="StandardNCADSA100v4Family", vcpus=24, gpus=1),
    "Standard_NC48ads_A100_v4": VmSize(family="StandardNCADSA100v4Family", vcpus=48, gpus=2),
    "Standard_NC96ads_A100_v4": VmSize(family="StandardNCADSA100v4Family", vcpus=96, gpus=4),
    "Standard_NC40ads_H100_v5": VmSize(family="StandardNCadsH100v5Family", vcpus=40, gpus=1),
    "Standard_NC80adis_H100_v5": VmSize(family="StandardNCadsH100v5Family", vcpus=80, gpus=2),
}
