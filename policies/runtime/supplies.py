"""Definitions about what a workspace lives on: storage, vault, images, logs."""

from runtime.members import Condition, Own, absent, either, of

_STORAGE = "Microsoft.Storage/storageAccounts"
_VAULT = "Microsoft.KeyVault/vaults"
_IMAGES = "Microsoft.ContainerRegistry/registries"
_LOGS = "Microsoft.OperationalInsights/workspaces"


def _less(alias: str, setting: str) -> Condition:
    return either(absent(alias), {"field": alias, "less": f"[parameters('{setting}')]"})


MEMBERS = (
    # Azure's 8c6a50c6 lets through what says nothing, which is a key by Azure's own default.
    Own(rule="S01", broken=of(_STORAGE, {"field": f"{_STORAGE}/allowSharedKeyAccess", "notEquals": False})),
    Own(
        rule="S04",
        broken=of(
            _STORAGE,
            either(
                {"field": f"{_STORAGE}/supportsHttpsTrafficOnly", "notEquals": True},
                {"field": f"{_STORAGE}/minimumTlsVersion", "notIn": ["TLS1_2", "TLS1_3"]},
            ),
        ),
    ),
    Own(
        rule="S06",
        broken=of(
            _VAULT,
            either(
                {"field": f"{_VAULT}/enablePurgeProtection", "notEquals": True},
                {"field": f"{_VAULT}/enableSoftDelete", "equals": False},
                _less(f"{_VAULT}/softDeleteRetentionInDays", "days"),
            ),
        ),
    ),
    Own(rule="S07", broken=of(_VAULT, {"field": f"{_VAULT}/enableRbacAuthorization", "notEquals": True})),
    Own(
        rule="S08",
        broken=of(
            _VAULT,
            {"field": f"{_VAULT}/publicNetworkAccess", "notEquals": "Disabled"},
            {"field": f"{_VAULT}/networkAcls.defaultAction", "notEquals": "Deny"},
        ),
    ),
    Own(
        rule="S09",
        broken=of(
            _IMAGES,
            either(
                {"field": f"{_IMAGES}/adminUserEnabled", "notEquals": False},
                {"field": f"{_IMAGES}/anonymousPullEnabled", "equals": True},
                {"field": f"{_IMAGES}/publicNetworkAccess", "notEquals": "Disabled"},
                {"field": f"{_IMAGES}/sku.name", "notIn": "[parameters('skus')]"},
            ),
        ),
    ),
    Own(rule="S11", broken=of(_LOGS, _less(f"{_LOGS}/retentionInDays", "days"))),
)
