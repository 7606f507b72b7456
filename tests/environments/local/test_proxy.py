from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.local.proxy import Proxy

if TYPE_CHECKING:
    from tests.environments.running import LocalAzure

SERVER, BLOB, QUEUE = 1, 2, 3


def _storage(account: str, service: str) -> int | None:
    return {"blob": BLOB, "queue": QUEUE}[service] if account == "mine" else None


PROXY = Proxy(SERVER, _storage)


@pytest.mark.parametrize(
    ("host", "target"),
    [
        ("management.azure.com", SERVER),
        ("login.microsoftonline.com", SERVER),
        ("eastus.api.azureml.ms", SERVER),
        ("rain.westeurope.inference.ml.azure.com", SERVER),
        ("mine.blob.core.windows.net", BLOB),
        ("mine.queue.core.windows.net", QUEUE),
        ("other.blob.core.windows.net", None),
        ("mine.table.core.windows.net", None),
        ("nowhere.api.azureml.ms", None),
        ("api.azureml.ms", None),
        ("a.b.eastus.inference.ml.azure.com", None),
        ("x.management.azure.com", None),
        ("management.azure.com.evil.example", None),
        ("managementXazure.com", None),
        ("dc.services.visualstudio.com", None),
        ("localhost", None),
    ],
)
def test_only_exact_names_lead_anywhere(host: str, target: int | None) -> None:
    assert PROXY.target(host, 443) == target


@given(host=st.from_regex(r"[a-z0-9.-]{1,40}", fullmatch=True), port=st.integers(0, 65535))
def test_whatever_else_is_asked_leads_nowhere(host: str, port: int) -> None:
    served = host in {"management.azure.com", "login.microsoftonline.com"} and port == 443
    assert (PROXY.target(host, port) is not None) == served


def test_a_foreign_host_gets_403_and_is_listed(local_azure: LocalAzure) -> None:
    with local_azure.http() as client, pytest.raises(httpx.ProxyError, match="403"):
        client.get("https://pypi.example/simple")
    status = httpx.get(f"http://127.0.0.1:{local_azure.context.ports.plain}/status", trust_env=False).json()
    assert status["refused"]["CONNECT pypi.example:443"] >= 1


def test_plain_http_is_refused_too(local_azure: LocalAzure) -> None:
    proxy = f"http://127.0.0.1:{local_azure.context.ports.proxy}"
    with httpx.Client(proxy=proxy, trust_env=False) as client:
        reply = client.get("http://management.azure.com/subscriptions")
    assert reply.status_code == 403
