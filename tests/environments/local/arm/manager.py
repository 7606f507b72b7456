"""A resource manager without a server: chosen types over a real store."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from environments.local.accounts import Accounts
from environments.local.arm import lifecycle
from environments.local.arm.faults import Faults
from environments.local.arm.identity import Identities, secrets_of
from environments.local.arm.ids import parse
from environments.local.arm.operations import Operations
from environments.local.arm.resource_types import Context, Reply, Request, ResourceType
from environments.local.arm.store import Store
from environments.local.clock import Clock
from environments.local.home import Home
from environments.local.server import answer
from environments.local.services import authorization, policy, resources
from environments.local.settings import Ports, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GROUP = f"/subscriptions/{Settings().subscription}/resourceGroups/G"
BOX = "Microsoft.Test/boxes"


@dataclass(frozen=True)
class Manager:
    """What the tests ask."""

    context: Context

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None, **query: str) -> Reply:
        """One request; the path begins below the group where it does not begin with a slash."""
        whole = path if path.startswith("/") else f"{GROUP}/providers/{path}"
        request = Request(
            id=parse(whole),
            api_version="2024-01-01",
            body=body or {},
            query={key.replace("_", "$", 1) if key.startswith("_") else key: value for key, value in query.items()},
            principal=self.context.identities.deployer,
        )
        return answer(self.context, method, request)

    def ended(self, reply: Reply, seconds: float = 10) -> dict[str, Any]:
        """Wait for the operation that a reply names."""
        path = reply.headers["Azure-AsyncOperation"].removeprefix("https://management.azure.com").partition("?")[0]
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found: dict[str, Any] = self.ask("GET", path).body
            if found["status"] != "InProgress":
                return found
            time.sleep(0.01)
        raise TimeoutError(path)


@contextlib.contextmanager
def manager(folder: Path, *types: ResourceType, least_seconds: float = 0.02) -> Iterator[Manager]:
    """Serve resource groups, locks, role assignments, policies and the given types; there is one group, G."""
    home, settings = Home(folder), Settings()
    store = Store(home.database)
    resources.seed(store, settings)
    served = (*resources.RESOURCE_TYPES, *authorization.RESOURCE_TYPES, *policy.RESOURCE_TYPES, *types)
    context = Context(
        store=store,
        operations=Operations(store, least_seconds),
        home=home,
        settings=settings,
        ports=Ports(tls=0, plain=0, proxy=0),
        clock=Clock(store),
        accounts=Accounts(store, home),
        identities=Identities(store, settings, secrets_of(home)),
        faults=Faults(),
        types={kind.type.lower(): kind for kind in served},
    )
    context.operations.start(lambda operation: lifecycle.do(context, operation))
    found = Manager(context)
    if store.get(parse(GROUP)) is None:
        found.ask("PUT", GROUP, {"location": "eastus"})
    try:
        yield found
    finally:
        context.operations.stop()
        store.close()
