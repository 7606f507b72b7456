"""The CONNECT proxy: Azure's exact host names to this machine, everything else refused and remembered."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import socket
from collections import Counter
from typing import TYPE_CHECKING

from environments.local.settings import REGIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LOG = logging.getLogger(__name__)
_HEAD_LIMIT = 65536
_HEAD_SECONDS = 30
_REMEMBERED = 200
_REGION = "(?:" + "|".join(REGIONS) + ")"
_SERVED = re.compile(
    rf"management\.azure\.com|login\.microsoftonline\.com|{_REGION}\.api\.azureml\.ms"
    rf"|[a-z0-9-]+\.{_REGION}\.inference\.ml\.azure\.com"
)
_STORAGE = re.compile(r"([a-z0-9]{3,24})\.(blob|queue)\.core\.windows\.net")


class Proxy:
    """Listens on one port of this machine; only `CONNECT host:443` to a served name gets through."""

    def __init__(self, server_port: int, storage_port: Callable[[str, str], int | None]) -> None:
        self._server_port = server_port
        self._storage_port = storage_port
        self._refused: Counter[str] = Counter()
        self._open: set[asyncio.Task[None]] = set()

    @property
    def refused(self) -> Mapping[str, int]:
        """What was asked for and refused, with how often; the first two hundred."""
        return dict(self._refused)

    def target(self, host: str, port: int) -> int | None:
        """The port of this machine behind a host; None when it is refused."""
        if port != 443:  # noqa: PLR2004 - https, and nothing wider
            return None
        if _SERVED.fullmatch(host):
            return self._server_port
        storage = _STORAGE.fullmatch(host)
        return self._storage_port(storage[1], storage[2]) if storage else None

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client."""
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _HEAD_SECONDS)
            await self._serve(head, reader, writer)
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass
        except asyncio.CancelledError:  # the proxy closes; asyncio's streams would only log it
            pass
        finally:
            writer.close()

    async def close(self) -> None:
        """End what is still open."""
        for task in tuple(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        method, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
        asked = rest.partition(" ")[0]
        host, _, port = asked.rpartition(":")
        allowed = method == "CONNECT" and port.isdecimal()
        target = self.target(host.lower(), int(port)) if allowed else None
        if target is None:
            await self._refuse(f"{method} {asked}", writer)
            return
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_pump(reader, inner_writer, writer), _pump(inner_reader, writer))

    async def _refuse(self, line: str, writer: asyncio.StreamWriter) -> None:
        if line in self._refused or len(self._refused) < _REMEMBERED:
            self._refused[line] += 1
        _LOG.warning("refused %s", line)
        said = f"The local environment lets nothing out: {line} is no host that it serves.\n".encode()
        head = f"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: {len(said)}\r\n\r\n"
        writer.write(head.encode() + said)
        await writer.drain()


def _acknowledge(writer: asyncio.StreamWriter) -> None:
    """Acknowledge what was read, now.

    Through a proxy, urllib3 (and so every SDK of Azure) sends a request's head and body as two small parts, the second
    of which waits for the first one's acknowledgement; Linux would take 40 ms over it.
    """
    found = writer.get_extra_info("socket")
    if found is not None and hasattr(socket, "TCP_QUICKACK"):
        with contextlib.suppress(OSError):
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sender: asyncio.StreamWriter | None = None
) -> None:
    """Copy until the one side ends or the proxy closes, then tell the other."""
    try:
        with contextlib.suppress(ConnectionError):
            while chunk := await reader.read(_HEAD_LIMIT):
                writer.write(chunk)
                if sender is not None:
                    _acknowledge(sender)
                await writer.drain()
    finally:
        with contextlib.suppress(OSError, RuntimeError):
            writer.close()
