"""Who may ask an endpoint: whoever shows one of its keys, or a token that was made for it; nobody else is forwarded."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from environments.local.arm.identity import Identities, Principal
from environments.local.arm.store import Store
from environments.local.machine_learning.router import Router
from environments.local.machine_learning.routing_table import EndpointRoute
from environments.local.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response

SECRETS = {"signing": "s", "client": "c", "header": "h"}
SOMEBODY = Principal(object_id="o", client_id="c", name="n")
OWN = "https://tokens.of.this.endpoint"
ROUTES = {
    auth: EndpointRoute(name=auth, auth=auth, keys=("first", "second"), audience=OWN)
    for auth in ("key", "aadtoken", "amltoken")
}
FORWARDED = 404  # past the check: these endpoints have no deployment to go to


@pytest.fixture
def identities(tmp_path: Path) -> Identities:
    return Identities(Store(tmp_path / "db"), Settings(), SECRETS)


def asked(identities: Identities, endpoint: str, authorization: str | None) -> tuple[int, str]:
    """The status and the message that a request gets."""
    sent: list[dict[str, Any]] = []
    shown = [(b"authorization", authorization.encode())] if authorization is not None else []
    host = (b"host", f"{endpoint}.eastus.inference.ml.azure.com".encode())

    async def elsewhere(request: Request, name: str) -> Response:
        raise AssertionError(f"{name}: {request}")

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: Any) -> None:  # noqa: ANN401 - the protocol's own
        sent.append(message)

    router = Router(ROUTES, identities, scored=lambda _: None, broken=lambda: None, batch=elsewhere)
    scope = {"type": "http", "method": "POST", "path": "/score", "headers": [host, *shown]}
    asyncio.run(router(scope, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])["error"]["message"]


def bearer(identities: Identities, audience: str, lifetime: int = 60) -> str:
    return f"Bearer {identities.issue(SOMEBODY, audience, lifetime)}"


@pytest.mark.parametrize("endpoint", ROUTES)
@pytest.mark.parametrize("shown", [None, "", "Bearer", "Bearer ", "Basic first", "first"])
def test_who_shows_nothing_is_refused(identities: Identities, endpoint: str, shown: str | None) -> None:
    assert asked(identities, endpoint, shown) == (
        401,
        "the request shows no key or token (Authorization: Bearer …).",
    )


def test_one_of_the_endpoints_keys_is_let_through_and_another_is_not(identities: Identities) -> None:
    for key in ("first", "second"):
        assert asked(identities, "key", f"Bearer {key}")[0] == FORWARDED
    for key in ("third", "firs", "firstt", "FIRST"):
        assert asked(identities, "key", f"Bearer {key}") == (401, "the key is none of the endpoint's.")
    assert asked(identities, "key", bearer(identities, "https://ml.azure.com"))[0] == 401


def test_a_token_for_the_endpoint_is_let_through(identities: Identities) -> None:
    assert asked(identities, "aadtoken", bearer(identities, "https://ml.azure.com"))[0] == FORWARDED
    assert asked(identities, "amltoken", bearer(identities, OWN))[0] == FORWARDED


def test_a_token_for_somebody_else_a_stale_one_and_a_forged_one_are_refused(
    identities: Identities, tmp_path: Path
) -> None:
    sound = bearer(identities, "https://ml.azure.com")
    forged = Identities(Store(tmp_path / "other"), Settings(), {**SECRETS, "signing": "another"})
    wrong = {
        "for the resource manager": bearer(identities, "https://management.azure.com"),
        "of another kind of endpoint": bearer(identities, OWN),
        "stale": bearer(identities, "https://ml.azure.com", lifetime=-1),
        "forged": bearer(forged, "https://ml.azure.com"),
        "cut off": sound[:-1],
        "no token at all": "Bearer first",
    }

    assert {why: asked(identities, "aadtoken", shown)[0] for why, shown in wrong.items()} == dict.fromkeys(wrong, 401)
    assert asked(identities, "amltoken", sound)[0] == 401
