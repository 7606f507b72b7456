"""Storage accounts that hold blobs and queues: one Azurite process each."""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from environments.local import supervisor
from environments.local.install import azurite

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient

    from environments.local.arm.store import Store
    from environments.local.home import Home

_KIND = "accounts"
_QUICK = Path(__file__).parent / "azurite" / "quick.cjs"  # makes its look-ups independent of the number of blobs


@dataclass(frozen=True, kw_only=True)
class Account:
    """A storage account and its key (base64)."""

    name: str
    key: str

    @property
    def blob_endpoint(self) -> str:
        """Where programs reach its blobs, through the proxy."""
        return f"https://{self.name}.blob.core.windows.net"

    @property
    def queue_endpoint(self) -> str:
        """Where programs reach its queues, through the proxy."""
        return f"https://{self.name}.queue.core.windows.net"


class Accounts:
    """The storage accounts of a local environment."""

    def __init__(self, store: Store, home: Home) -> None:
        self._store = store
        self._home = home
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._clients: dict[str, BlobServiceClient] = {}

    def get(self, name: str) -> Account | None:
        """The account of a name, or None."""
        found = self._store.document(_KIND, name.lower())
        return Account(name=name.lower(), key=found["key"]) if found else None

    def names(self) -> tuple[str, ...]:
        """Of all accounts."""
        return tuple(self._store.documents(_KIND))

    def make(self, name: str) -> Account:
        """Create the account if it is not there, and have its Azurite run.  Raises StartError."""
        account = self.get(name)
        if account is None:
            account = Account(name=name.lower(), key=_new_key())
            self._store.put_document(_KIND, account.name, {"key": account.key})
        self.ensure(account)
        return account

    def new_key(self, name: str) -> Account:
        """Replace the account's key; its Azurite starts again with the new one."""
        self._store.put_document(_KIND, name.lower(), {"key": _new_key()})
        supervisor.stop(self._home, _process(name))
        return self.make(name)

    def delete(self, name: str) -> None:
        """End the account's Azurite and delete its blobs."""
        with self._lock_of(name.lower()):
            self._clients.pop(name.lower(), None)
            supervisor.stop(self._home, _process(name))
            self._store.delete_document(_KIND, name.lower())
            shutil.rmtree(self._home.path / "azurite" / name.lower(), ignore_errors=True)

    def ensure(self, account: Account) -> None:
        """Have the account's Azurite run.  Raises StartError."""
        with self._lock_of(account.name):
            running = supervisor.find(self._home, _process(account.name))
            if running is None or not running.alive:
                self._clients.pop(account.name, None)
                _start(self._home, account)

    def ensure_all(self) -> None:
        """Have the Azurites of all accounts run.  Raises StartError."""
        with ThreadPoolExecutor() as threads:
            for done in [threads.submit(self.make, name) for name in self.names()]:
                done.result()

    def _lock_of(self, name: str) -> threading.Lock:
        with self._lock:
            return self._locks.setdefault(name, threading.Lock())

    def port(self, name: str, service: str) -> int | None:
        """Where an account's `blob` or `queue` service listens on this machine; None when it does not exist."""
        running = supervisor.find(self._home, _process(name))
        return running.ports[service] if running is not None else None

    def client(self, name: str) -> BlobServiceClient:
        """A client of the account's blobs for the server itself (not through the proxy).  KeyError when missing."""
        from azure.storage.blob import BlobServiceClient  # noqa: PLC0415 - half a second

        account, port = self.get(name), self.port(name, "blob")
        if account is None or port is None:
            raise KeyError(name)
        address = f"https://127.0.0.1:{port}/{account.name}"
        client = self._clients.get(account.name)
        if client is None or client.url.rstrip("/") != address:
            client = BlobServiceClient(
                address,
                credential={"account_name": account.name, "account_key": account.key},
                connection_verify=str(self._home.bundle),
            )
            self._clients[account.name] = client
        return client

    def make_container(self, account: str, container: str) -> None:
        """Create a container if it is not there."""
        found = self.client(account).get_container_client(container)
        if not found.exists():
            found.create_container()

    def container_sas(self, account: str, container: str, permission: str, hours: float = 24) -> str:
        """A token (no question mark) for one container; `permission` as in Azure: `rl` reads and lists."""
        from azure.storage.blob import generate_container_sas  # noqa: PLC0415 - half a second

        found = self.get(account)
        if found is None:
            raise KeyError(account)
        until = datetime.now(UTC) + timedelta(hours=hours)
        return generate_container_sas(found.name, container, found.key, permission=permission, expiry=until)


def _process(account: str) -> str:
    return f"azurite-{account.lower()}"


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(64)).decode()


def _start(home: Home, account: Account) -> None:
    node = shutil.which("node")
    if node is None:
        raise supervisor.StartError("Azurite needs Node.js 18 or newer; on Debian: apt-get install nodejs.")
    last: supervisor.StartError | None = None
    for _ in range(3):  # somebody may take a free port between the choice and the start
        ports = {"blob": supervisor.free_port(), "queue": supervisor.free_port()}
        command = [
            *(node, "--require", str(_QUICK), str(azurite())),
            *("--silent", "--skipApiVersionCheck", "--disableTelemetry", "--oauth", "basic"),
            *("--cert", str(home.path / "tls" / "leaf.pem"), "--key", str(home.path / "tls" / "leaf.key")),
            *("--location", str(home.folder("azurite", account.name))),
            *("--blobHost", "127.0.0.1", "--blobPort", str(ports["blob"])),
            *("--queueHost", "127.0.0.1", "--queuePort", str(ports["queue"])),
            *("--tableHost", "127.0.0.1", "--tablePort", str(supervisor.free_port())),
        ]
        environment = {"PATH": os.environ.get("PATH", ""), "AZURITE_ACCOUNTS": f"{account.name}:{account.key}"}
        try:
            supervisor.start(home, _process(account.name), command, environment=environment, ports=ports)
        except supervisor.StartError as error:
            last = error
        else:
            return
    assert last is not None  # noqa: S101 - three failures
    raise last
