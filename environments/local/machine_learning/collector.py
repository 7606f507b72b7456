"""The receiver of collected data: what scoring processes post, filed by the driven clock's hour."""

from __future__ import annotations

import asyncio
import base64
import logging
import ssl
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from environments.local import supervisor
from environments.local.machine_learning.collected_event import EventError, folder_of, read_event
from environments.local.machine_learning.filing import Filing, GoneError
from environments.local.machine_learning.spool import Entry, Spool

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from starlette.types import Receive, Scope, Send

    from environments.local.arm.resource_types import Context
    from environments.local.machine_learning.assets import Location

_log = logging.getLogger(__name__)
_REMEMBERED = 20_000
_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where one deployment's collections go."""

    source: str
    """The deployment's ARM id."""
    instance: str
    rolling_rate: str
    collections: Mapping[str, Location]
    """By collection, in lower case."""


class Collector:
    """Receives, spools and files; the filing runs in a thread with a loop of its own."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._targets: dict[str, Target] = {}
        self._scored: OrderedDict[str, datetime] = OrderedDict()
        self._filing = Filing(Spool(context.home.folder("collected")), _Azurite(context))
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to file, what an earlier server left first."""
        self._thread = threading.Thread(target=self._filing.run_forever, daemon=True, name="collector")
        self._thread.start()

    def stop(self) -> None:
        """Stop filing: what is spooled stays for the next start."""
        self._filing.stop()
        if self._thread is not None:
            self._thread.join(5)

    @property
    def pending(self) -> int:
        """How many received events are not in their blobs yet."""
        return self._filing.pending

    def expect(self, credential: str, target: Target) -> None:
        """Take events from whoever shows `credential`."""
        self._targets[credential] = target

    def scored(self, request: str) -> None:
        """Remember when a request was scored: its data belongs to that hour, however late it is posted."""
        self._scored[request] = self._context.clock.now()
        if len(self._scored) > _REMEMBERED:
            self._scored.popitem(last=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a POST to `/modeldata/log`."""
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        status, said = self._take(headers, body)
        length = str(len(said)).encode()
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": said})

    def _take(self, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        target = self._targets.get(_credential(headers.get("authorization", "")))
        if target is None:
            return 401, b"no deployment collects data with this credential"
        try:
            event = read_event(headers, body, target.source)
        except EventError as error:
            return 400, str(error).encode()
        location = target.collections.get(event.collection.lower())
        if location is None:
            return 400, f"collection {event.collection} is not enabled".encode()
        moment = self._scored.get(event.request) or self._context.clock.now()
        where = location.below(f"{folder_of(moment, target.rolling_rate)}/{target.instance}.jsonl")
        try:
            self._filing.take(Entry(f"{where.account}/{where.container}/{where.path}", event.line))
        except OSError as error:
            _log.error("collected data is refused: %s", error)
            return 507, str(error).encode()
        return 200, b""


def _credential(authorization: str) -> str:
    """The user of a basic authorization: the library takes it from `AZUREML_MDC_HOST`."""
    kind, _, coded = authorization.partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(coded).decode().partition(":")[0]
    except ValueError:
        return ""


class _Azurite:
    """Append blobs over the storage protocol itself: two small requests a blob, signed once a day."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._client: aiohttp.ClientSession | None = None
        self._signatures: dict[tuple[str, str], tuple[float, str]] = {}

    def generation(self) -> Mapping[str, str]:
        """The accounts' Azurite processes."""
        found = {}
        for account in {account for account, _ in self._signatures}:
            process = supervisor.find(self._context.home, f"azurite-{account}")
            found[account] = f"{process.pid}:{process.started}" if process else "none"
        return found

    async def close(self) -> None:
        """Let go of connections."""
        if self._client is not None:
            await self._client.close()

    async def append(self, blob: str, data: bytes, *, new: bool) -> None:
        """Append one block; `new` makes the blob first where it is not there."""
        if new:
            made = {"x-ms-blob-type": "AppendBlob", "If-None-Match": "*", "x-ms-blob-content-type": "application/json"}
            await self._ask("PUT", blob, "", made, b"", allowed=(201, 409))
        await self._ask("PUT", blob, "comp=appendblock&", {}, data, allowed=(201,))

    async def read(self, blob: str) -> bytes:
        """Read a blob; empty where there is none."""
        return await self._ask("GET", blob, "", {}, None, allowed=(200, 404))

    async def _ask(
        self,
        method: str,
        blob: str,
        query: str,
        headers: Mapping[str, str],
        data: bytes | None,
        *,
        allowed: tuple[int, ...],
    ) -> bytes:
        account, container, path = blob.split("/", 2)
        signature = self._signature(account, container)
        port = self._context.accounts.port(account, "blob")
        url = f"https://127.0.0.1:{port}/{account}/{container}/{path}?{query}{signature}"
        sent = {"x-ms-version": "2021-12-02", **headers}
        try:
            async with self._session().request(method, URL(url, encoded=True), data=data, headers=sent) as reply:
                content = await reply.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            self._signatures.pop((account, container), None)
            raise OSError(f"{type(error).__name__}: {error}") from error
        if reply.headers.get("x-ms-error-code") == "ContainerNotFound":
            raise GoneError(f"container {container} of {account} is gone")
        if reply.status not in allowed:
            raise OSError(f"{reply.status} {content[:200].decode(errors='replace')}")
        return content if reply.status == 200 else b""  # noqa: PLR2004 - only then is it the blob

    def _signature(self, account: str, container: str) -> str:
        now = asyncio.get_running_loop().time()
        kept = self._signatures.get((account, container))
        if kept is None or kept[0] < now:
            try:
                made = self._context.accounts.container_sas(account, container, "racwl", hours=24)
            except KeyError as error:
                raise GoneError(f"storage account {account} is gone") from error
            kept = (now + 12 * 3600, made)
            self._signatures[account, container] = kept
        return kept[1]

    def _session(self) -> aiohttp.ClientSession:
        if self._client is None or self._client.closed:
            trusted = ssl.create_default_context(cafile=str(self._context.home.bundle))
            connector = aiohttp.TCPConnector(limit=16, ssl=trusted, keepalive_timeout=30)
            self._client = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=_SECONDS))
        return self._client
