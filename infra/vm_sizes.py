"""What the platform must know of a VM size: its quota family, its processors, and how many GPUs it has.

Sizes and processors are from Azure's "Sizes for virtual machines", families from the names that
`az vm list-usage` and `az vm list-skus` give; sizes that Azure has retired (NC, NCv2, NCv3, ND, NV, NVv3) are left out.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class VmSize:
    """One size as Azure lists it; ``family`` is the name that its quota has."""

    family: str
    vcpus: int
    gpus: int = 0  # a share of a GPU counts as one: what matters is that there is one


# A series: its quota's family, and its sizes with `#` for the processors that each has.
_SERIES = (
    ("standardDSv3Family", "Standard_D#s_v3", (2, 4, 8, 16, 32, 48, 64)),
    ("standardDSv4Family", "Standard_D#s_v4", (2, 4, 8, 16, 32, 48, 64)),
    ("standardDDSv4Family", "Standard_D#ds_v4", (2, 4, 8, 16, 32, 48, 64)),
    ("standardDSv5Family", "Standard_D#s_v5", (2, 4, 8, 16, 32, 48, 64, 96)),
    ("standardDDSv5Family", "Standard_D#ds_v5", (2, 4, 8, 16, 32, 48, 64, 96)),
    ("standardDASv5Family", "Standard_D#as_v5", (2, 4, 8, 16, 32, 48, 64, 96)),
    ("standardDADSv5Family", "Standard_D#ads_v5", (2, 4, 8, 16, 32, 48, 64, 96)),
    ("standardESv3Family", "Standard_E#s_v3", (2, 4, 8, 16, 20, 32, 48, 64)),
    ("standardEDSv4Family", "Standard_E#ds_v4", (2, 4, 8, 16, 20, 32, 48, 64)),
    ("standardEDSv5Family", "Standard_E#ds_v5", (2, 4, 8, 16, 20, 32, 48, 64, 96)),
    ("standardEADSv5Family", "Standard_E#ads_v5", (2, 4, 8, 16, 20, 32, 48, 64, 96)),
    ("standardFSv2Family", "Standard_F#s_v2", (2, 4, 8, 16, 32, 48, 64, 72)),
)

_DSV2 = "standardDSv2Family"
_T4 = "Standard NCASv3_T4 Family"
_A10 = "StandardNVADSA10v5Family"
_A100 = "StandardNCADSA100v4Family"
_H100 = "StandardNCadsH100v5Family"

VM_SIZES = {
    **{
        f"Standard_DS{number}_v2": VmSize(family=_DSV2, vcpus=vcpus)
        for number, vcpus in ((1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (11, 2), (12, 4), (13, 8), (14, 16), (15, 20))
    },
    **{
        name.replace("#", str(vcpus)): VmSize(family=family, vcpus=vcpus)
        for family, name, sizes in _SERIES
        for vcpus in sizes
    },
    "Standard_NC4as_T4_v3": VmSize(family=_T4, vcpus=4, gpus=1),
    "Standard_NC8as_T4_v3": VmSize(family=_T4, vcpus=8, gpus=1),
    "Standard_NC16as_T4_v3": VmSize(family=_T4, vcpus=16, gpus=1),
    "Standard_NC64as_T4_v3": VmSize(family=_T4, vcpus=64, gpus=4),
    "Standard_NV6ads_A10_v5": VmSize(family=_A10, vcpus=6, gpus=1),
    "Standard_NV12ads_A10_v5": VmSize(family=_A10, vcpus=12, gpus=1),
    "Standard_NV18ads_A10_v5": VmSize(family=_A10, vcpus=18, gpus=1),
    "Standard_NV36ads_A10_v5": VmSize(family=_A10, vcpus=36, gpus=1),
    "Standard_NV72ads_A10_v5": VmSize(family=_A10, vcpus=72, gpus=2),
    "Standard_NC24ads_A100_v4": VmSize(family=_A100, vcpus=24, gpus=1),
    "Standard_NC48ads_A100_v4": VmSize(family=_A100, vcpus=48, gpus=2),
    "Standard_NC96ads_A100_v4": VmSize(family=_A100, vcpus=96, gpus=4),
    "Standard_ND96asr_v4": VmSize(family="Standard NDASv4_A100 Family", vcpus=96, gpus=8),
    "Standard_ND96amsr_A100_v4": VmSize(family="standard NDAMSv4_A100Family", vcpus=96, gpus=8),
    "Standard_NC40ads_H100_v5": VmSize(family=_H100, vcpus=40, gpus=1),
    "Standard_NC80adis_H100_v5": VmSize(family=_H100, vcpus=80, gpus=2),
    "Standard_ND96isr_H100_v5": VmSize(family="standardNDSH100v5Family", vcpus=96, gpus=8),
    "Standard_ND96isr_H200_v5": VmSize(family="standardNDISRH200V5Family", vcpus=96, gpus=8),
}
