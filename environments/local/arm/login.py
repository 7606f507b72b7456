"""Entra ID as far as credentials ask it: discovery, tokens for client secrets, federated and managed identities."""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.routing import Route

from environments.local.arm.identity import LIFETIME, Principal
from environments.local.arm.ids import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from environments.local.arm.resource_types import Context

_HOST = "https://login.microsoftonline.com"
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class LoginError(Exception):
    """A refused login: OAuth's error code and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def routes(context: Context) -> list[BaseRoute]:
    """Routes of `login.microsoftonline.com`."""

    async def discover(request: Request) -> Response:
        return JSONResponse(_configuration(request.path_params["tenant"]))

    async def instance(_request: Request) -> Response:
        endpoint = f"{_HOST}/{context.settings.tenant}/v2.0/.well-known/openid-configuration"
        known = [
            {
                "preferred_network": "login.microsoftonline.com",
                "preferred_cache": "login.windows.net",
                "aliases": ["login.microsoftonline.com", "login.windows.net", "sts.windows.net"],
            }
        ]
        return JSONResponse({"tenant_discovery_endpoint": endpoint, "api-version": "1.1", "metadata": known})

    async def token(request: Request) -> Response:
        asked = dict(parse_qsl((await request.body()).decode()))
        try:
            _check_tenant(context, request.path_params["tenant"])
            principal = await run_in_threadpool(_who, context, asked)
            return JSONResponse(reply(context, principal, _audience(asked)))
        except LoginError as error:
            status = 401 if error.code == "invalid_client" else 400
            return JSONResponse({"error": error.code, "error_description": str(error)}, status_code=status)

    return [
        Route("/common/discovery/instance", instance),
        Route("/{tenant}/v2.0/.well-known/openid-configuration", discover),
        Route("/{tenant}/oauth2/v2.0/token", token, methods=["POST"]),
        Route("/{tenant}/oauth2/token", token, methods=["POST"]),
    ]


def managed_identity(context: Context, header: str, query: Mapping[str, str]) -> Principal:
    """Whose token a process may have that shows this header.  Raises LoginError.

    The deployer's header stands for every identity, named by `client_id`, `principal_id` or `msi_res_id`.
    """
    principal = context.identities.by_header(header)
    if principal is None:
        raise LoginError("invalid_request", "X-IDENTITY-HEADER is wrong: no identity belongs to it.")
    wanted = query.get("client_id") or query.get("principal_id") or query.get("object_id")
    named = query.get("msi_res_id") or query.get("mi_res_id")
    own = {principal.client_id.lower(), principal.object_id.lower()}
    if named is None and (wanted is None or wanted.lower() in own):
        return principal
    found = _assigned(context, wanted, named)
    if found is None or (header != context.identities.header and found.client_id != principal.client_id):
        raise LoginError("invalid_request", f"The identity '{wanted or named}' is not assigned to this process.")
    return found


def reply(context: Context, principal: Principal, audience: str) -> dict[str, object]:
    """A token reply, in the form that all of Azure's credentials read."""
    return {
        "token_type": "Bearer",
        "access_token": context.identities.issue(principal, audience),
        "expires_in": LIFETIME,
        "ext_expires_in": LIFETIME,
        "expires_on": str(int(time.time()) + LIFETIME),
        "resource": audience,
    }


def audience_of(resource: str) -> str:
    """The audience of a scope or resource: without `/.default` and trailing slashes."""
    return resource.removesuffix("/.default").rstrip("/")


def _assigned(context: Context, wanted: str | None, named: str | None) -> Principal | None:
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities"
    for resource in context.store.of_type(kind):
        properties = resource.properties
        ids = {properties["clientId"].lower(), properties["principalId"].lower()}
        if (wanted and wanted.lower() in ids) or (named and parse(named).key == resource.id.key):
            return Principal(
                object_id=properties["principalId"], client_id=properties["clientId"], name=resource.id.name
            )
    return None


def _who(context: Context, asked: Mapping[str, str]) -> Principal:
    if asked.get("grant_type") != "client_credentials":
        raise LoginError("unsupported_grant_type", "The local environment knows client credentials only.")
    deployer = context.identities.deployer
    client = asked.get("client_id", "").lower()
    if asked.get("client_assertion_type") == _ASSERTION:
        return _federated(context, client, asked.get("client_assertion", ""))
    if client != deployer.client_id:
        raise LoginError("unauthorized_client", f"AADSTS700016: Application '{client}' was not found in the tenant.")
    if not hmac.compare_digest(asked.get("client_secret", ""), context.identities.client_secret):
        raise LoginError("invalid_client", "AADSTS7000215: Invalid client secret provided.")
    return deployer


def _federated(context: Context, client: str, assertion: str) -> Principal:
    """Exchange a federated token: its issuer and subject must be those that were agreed for the client."""
    try:
        middle = assertion.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except (IndexError, ValueError) as error:
        raise LoginError("invalid_client", "AADSTS50027: JWT token is invalid or malformed.") from error
    if context.identities.is_own_federation(assertion) and client == context.identities.deployer.client_id:
        return context.identities.deployer
    for credential in context.store.of_type(
        "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"
    ):
        agreed = (credential.properties.get("issuer"), credential.properties.get("subject"))
        shown = (claims.get("iss"), claims.get("sub"))
        owner = context.store.get(credential.id.parent) if credential.id.parent else None
        if owner and owner.properties["clientId"].lower() == client and agreed == shown:
            return Principal(
                object_id=owner.properties["principalId"], client_id=owner.properties["clientId"], name=owner.id.name
            )
    raise LoginError("invalid_client", "AADSTS70021: No matching federated identity record found for the assertion.")


def _audience(asked: Mapping[str, str]) -> str:
    wanted = asked.get("scope") or asked.get("resource")
    if not wanted:
        raise LoginError("invalid_request", "AADSTS900144: The request must contain 'scope'.")
    return audience_of(wanted.split()[0])


def _check_tenant(context: Context, tenant: str) -> None:
    if tenant.lower() not in {context.settings.tenant, "common", "organizations"}:
        raise LoginError("invalid_request", f"AADSTS90002: Tenant '{tenant}' not found.")


def _configuration(tenant: str) -> dict[str, object]:
    base = f"{_HOST}/{tenant}"
    return {
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
        "issuer": f"{base}/v2.0",
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
    }
