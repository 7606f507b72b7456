"""Two Azures with the same promises: the fake, and the real port asked of the local environment."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from environments.local import subscription
from infra.preflight.arm import ResourceManager
from infra.preflight.port import Azure, Deleted, Permission, Policy, Size, Usage
from tests.environments.local.services.platform import make_account, make_group
from tests.fakes.preflight import SERVERS, SIZES, FakeAzure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pytest

    from tests.environments.running import LocalAzure

VAULT = "Microsoft.KeyVault/vaults"
_FAKE_VERSION = "0" * 32

Tiers: TypeAlias = "Mapping[str, Mapping[str, tuple[str, ...]]]"


class World(Protocol):
    """An Azure that a test can arrange; `port` looks at it as it then is."""

    @property
    def port(self) -> Azure: ...

    @property
    def scope(self) -> str: ...

    def account(self, name: str) -> str:
        """Have a storage account; returns its id."""

    def limit(self, family: str, limit: int) -> None: ...

    def unregister(self, namespace: str) -> None: ...

    def restrict(self, size: str, why: str) -> None: ...

    def retire(self, size: str) -> None: ...

    def price(self, size: str, price: float | None) -> None:
        """Have Azure tell this price of a dedicated machine, and none of low priority; None: neither."""

    def offer(self, tiers: Tiers, **also: Any) -> None:  # noqa: ANN401  any field
        """Have PostgreSQL's servers be these: `versions`, `geo_backup`, `closed`."""

    def key(self, vault: str, vault_told: Mapping[str, Any], told: Mapping[str, Any], region: str = "eastus") -> str:
        """Have a vault and a key in it; returns the id of the key's version."""

    def delete_vault(self, name: str, *, protected: bool) -> None: ...

    def delete_logs(self, name: str, group: str) -> None: ...

    def allow(self, *actions: str, but: tuple[str, ...] = ()) -> None: ...

    def assign(self, name: str, definition: str, mode: str = "Default", **parameters: object) -> None: ...


class Faked:
    """The fake."""

    def __init__(self) -> None:
        self._azure = FakeAzure()

    @property
    def port(self) -> FakeAzure:
        return self._azure

    @property
    def scope(self) -> str:
        return f"/subscriptions/{self._azure.subscription_id}"

    def _change(self, **changed: Any) -> None:  # noqa: ANN401  any field
        self._azure = replace(self._azure, **changed)

    def account(self, name: str) -> str:
        found = f"{self.scope}/resourceGroups/preflight/providers/Microsoft.Storage/storageAccounts/{name}"
        self._change(
            names={**self._azure.names, name: f"The storage account named {name} is already taken."},
            resources={**self._azure.resources, found.lower(): {"id": found, "name": name}},
        )
        return found

    def limit(self, family: str, limit: int) -> None:
        kept = tuple(each for each in self._azure.usages if each.name != family or each.low_priority)
        self._change(usages=(*kept, Usage(name=family, used=0, limit=limit)))

    def unregister(self, namespace: str) -> None:
        self._change(states={namespace.lower(): "NotRegistered"})

    def restrict(self, size: str, why: str) -> None:
        self._change(restricted={size.lower(): why})

    def retire(self, size: str) -> None:
        self._change(known_sizes={name: each for name, each in SIZES.items() if name != size.lower()})

    def price(self, size: str, price: float | None) -> None:
        prices = {} if price is None else {"Standard": price}
        found: Size = replace(SIZES[size.lower()], prices=prices, currency="USD" if prices else "")
        self._change(known_sizes={**SIZES, size.lower(): found})

    def offer(self, tiers: Tiers, **also: Any) -> None:  # noqa: ANN401  any field
        self._change(database=replace(SERVERS, tiers=tiers, **also))

    def key(self, vault: str, vault_told: Mapping[str, Any], told: Mapping[str, Any], region: str = "eastus") -> str:
        where = f"{self.scope}/resourceGroups/preflight/providers/{VAULT}/{vault}"
        version = f"{where}/keys/k/versions/{_FAKE_VERSION}"
        held = {"tenantId": self._azure.tenant, **vault_told}
        key = {"kty": "RSA", "keySize": 2048, "attributes": {"enabled": True}, **told}
        made = {where: {"location": region, "properties": held}, version: {"properties": key}}
        self._change(resources={**self._azure.resources, **{each.lower(): body for each, body in made.items()}})
        return version

    def delete_vault(self, name: str, *, protected: bool) -> None:
        self._change(twins=(Deleted(kind="Microsoft.KeyVault/vaults", name=name, purgeable=not protected),))

    def delete_logs(self, name: str, group: str) -> None:
        where = f"{self.scope}/resourceGroups/{group}/providers/Microsoft.OperationalInsights/workspaces/{name}"
        self._change(twins=(Deleted(kind="Microsoft.OperationalInsights/workspaces", name=name, id=where),))

    def allow(self, *actions: str, but: tuple[str, ...] = ()) -> None:
        self._change(grants=(Permission(actions=actions, not_actions=but),))

    def assign(self, name: str, definition: str, mode: str = "Default", **parameters: object) -> None:
        if mode != "Default":
            return
        effect = str(parameters.get("effect", "deny")).lower()
        policy = Policy(
            assignment=name, definition=definition, title="", effect=effect, parameters=parameters | {"effect": effect}
        )
        self._change(in_force=(*self._azure.in_force, policy))


class Local:
    """The local environment, through Azure's own SDK."""

    def __init__(self, azure: LocalAzure, monkeypatch: pytest.MonkeyPatch) -> None:
        self._azure = azure
        for name, value in azure.environment().items():
            monkeypatch.setenv(name, value)
        self._ports: list[ResourceManager] = []
        self._assigned: list[str] = []

    @property
    def port(self) -> Azure:
        self._ports.append(ResourceManager())
        return self._ports[-1]

    @property
    def scope(self) -> str:
        return self._azure.subscription

    def _change(self, table: str, **changed: Any) -> None:  # noqa: ANN401  JSON
        subscription.change(self._azure.home, table, changed)

    def account(self, name: str) -> str:
        return make_account(self._azure, make_group(self._azure, "preflight"), name)

    def limit(self, family: str, limit: int) -> None:
        self._change("quota", machineLearning={"dedicated": {family: limit}})

    def unregister(self, namespace: str) -> None:
        self._change("providers", **{namespace: "NotRegistered"})

    def restrict(self, size: str, why: str) -> None:
        self._change("sizes", **{size: {"restricted": why}})

    def retire(self, size: str) -> None:
        self._change("sizes", **{size: None})

    def price(self, size: str, price: float | None) -> None:
        self._change("sizes", **{size: {"prices": {"Standard": price, "LowPriority": None}}})

    def offer(self, tiers: Tiers, **also: Any) -> None:  # noqa: ANN401  any field
        words = {"geo_backup": "geoBackup"}
        old = subscription.table(self._azure.home, "postgresql")["tiers"]
        gone = {tier: dict.fromkeys(sizes) for tier, sizes in old.items()}
        new = {tier: {**gone.get(tier, {}), **{k: list(v) for k, v in sizes.items()}} for tier, sizes in tiers.items()}
        said = {words.get(name, name): list(v) if isinstance(v, tuple) else v for name, v in also.items()}
        self._change("postgresql", tiers={tier: new.get(tier) for tier in {*old, *new}}, **said)

    def key(self, vault: str, vault_told: Mapping[str, Any], told: Mapping[str, Any], region: str = "eastus") -> str:
        where = f"{make_group(self._azure, 'preflight')}/providers/{VAULT}/{vault}"
        held = {"tenantId": self._azure.context.settings.tenant, "sku": {"family": "A", "name": "standard"}}
        self._azure.put(where, "2024-11-01", {"location": region, "properties": {**held, **vault_told}})
        key = self._azure.put(f"{where}/keys/k", "2024-11-01", {"properties": dict(told)})
        return f"{where}/keys/k/versions/{key['properties']['keyUriWithVersion'].rsplit('/', 1)[1]}"

    def delete_vault(self, name: str, *, protected: bool) -> None:
        self._change("names", deletedVaults={name: {"purgeProtectionEnabled": protected}})

    def delete_logs(self, name: str, group: str) -> None:
        self._change("names", deletedWorkspaces={name: {"resourceGroup": group}})

    def allow(self, *actions: str, but: tuple[str, ...] = ()) -> None:
        self._change("permissions", deployer=[{"actions": actions, "notActions": but}])

    def assign(self, name: str, definition: str, mode: str = "Default", **parameters: object) -> None:
        path = f"{self.scope}/providers/Microsoft.Authorization/policyAssignments/{name}"
        target = f"/providers/Microsoft.Authorization/policyDefinitions/{definition}"
        given = {key: {"value": value} for key, value in parameters.items()}
        properties = {"policyDefinitionId": target, "parameters": given, "enforcementMode": mode}
        self._azure.put(path, "2023-04-01", {"properties": properties})
        self._assigned.append(path)

    def close(self) -> None:
        subscription.reset(self._azure.home)
        for path in self._assigned:
            self._azure.arm("DELETE", path, "2023-04-01")
        for port in self._ports:
            port.close()


@contextlib.contextmanager
def local(azure: LocalAzure, monkeypatch: pytest.MonkeyPatch) -> Iterator[Local]:
    found = Local(azure, monkeypatch)
    try:
        yield found
    finally:
        found.close()
