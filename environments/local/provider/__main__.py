"""Serve the stand-in azure-native provider until it is ended; engines attach with PULUMI_DEBUG_PROVIDERS."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from environments.local.provider.claims import Claims
from environments.local.provider.configuration import Surroundings
from environments.local.provider.service import AzureNative

_LARGEST_MESSAGE = 400 * 1024 * 1024  # bytes; what the engine itself allows
_CALLS_AT_ONCE = 32


def main() -> int:
    """Serve until SIGTERM or SIGINT.  Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m environments.local.provider", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (0: any free one)")
    parser.add_argument("--home", type=Path, default=Path(".local-azure"), help="folder for what is under way")
    parser.add_argument("--endpoint", default=Surroundings.endpoint, help="the resource manager's address")
    given = parser.parse_args()
    stopped = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stopped.set())
    server, port = serve(Surroundings(endpoint=given.endpoint.rstrip("/")), given.home / "provider", given.port)
    if not port:
        print(f"port {given.port} is taken: end what listens there, or give another --port", file=sys.stderr)
        return 2
    print(port, flush=True)
    stopped.wait()
    server.stop(1).wait()
    return 0


def serve(around: Surroundings, folder: Path, port: int = 0) -> tuple[grpc.Server, int]:
    """Start serving.  Returns the server and its port, 0 when that is taken."""
    limits = [
        ("grpc.max_receive_message_length", _LARGEST_MESSAGE),
        ("grpc.max_send_message_length", _LARGEST_MESSAGE),
        ("grpc.so_reuseport", 0),
    ]
    server = grpc.server(ThreadPoolExecutor(_CALLS_AT_ONCE), options=limits)
    service = AzureNative(around, Claims(folder=folder / "begun"))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(service, server)
    try:
        bound = server.add_insecure_port(f"127.0.0.1:{port}")
    except RuntimeError:
        return server, 0
    server.start()
    return server, bound


if __name__ == "__main__":
    sys.exit(main())
