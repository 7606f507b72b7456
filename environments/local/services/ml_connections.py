"""Connections, serverless endpoints and marketplace subscriptions."""

from __future__ import annotations

import copy
import secrets
from typing import TYPE_CHECKING

from environments.local.arm.resource_types import Action, Reply, ResourceType
from environments.local.services.uris import WORKSPACE

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Body, Context, Request, Resource

_CONNECTION = f"{WORKSPACE}/connections"
_SERVERLESS = f"{WORKSPACE}/serverlessEndpoints"
_MARKETPLACE = f"{WORKSPACE}/marketplaceSubscriptions"


def _fill_connection(_context: Context, request: Request, existing: Body | None) -> Body:
    properties = dict(request.body.get("properties") or {})
    before = (existing or {}).get("properties") or {}
    if properties.get("credentials") is None and before.get("authType") == properties.get("authType"):
        properties["credentials"] = before.get("credentials")  # a re-PUT of what was read has no secrets in it
    return {**request.body, "properties": {"isSharedToAll": False, "metadata": {}, **properties}}


def _show_connection(_context: Context, resource: Resource) -> Body:
    body = copy.deepcopy(resource.body)
    body["properties"]["credentials"] = None
    return body


def _connection_secrets(context: Context, request: Request) -> Reply:
    found = context.store.get(request.id)
    properties = found.properties if found else {}
    return Reply(body={"id": request.id.text, "name": request.id.name, "type": _CONNECTION, "properties": properties})


def _fill_serverless(context: Context, request: Request, existing: Body | None) -> Body:
    properties = dict(request.body.get("properties") or {})
    before = (existing or {}).get("properties") or {}
    region = str(request.body.get("location") or context.settings.region)
    address = f"https://{request.id.name}.{region}.models.ai.azure.com"
    own = {
        "inferenceEndpoint": {"uri": address, "headers": {}},
        "endpointState": "Online",
        "keys": before.get("keys") or _new_keys(),
    }
    return {**request.body, "properties": {"authMode": "Key", **properties, **own}}


def _show_serverless(_context: Context, resource: Resource) -> Body:
    body = copy.deepcopy(resource.body)
    body["properties"].pop("keys", None)
    return body


def _keys(context: Context, request: Request) -> Reply:
    found = context.store.get(request.id)
    return Reply(body=found.properties["keys"] if found else {})


def _checked(_context: Context, _request: Request) -> Reply:
    return Reply(status=202)


def _regenerate(context: Context, request: Request) -> None:
    which = f"{str(request.body.get('keyType') or 'Primary').lower()}Key"

    def renewed(body: Body) -> Body:
        keys = {**body["properties"]["keys"], which: secrets.token_urlsafe(24)}
        return {**body, "properties": {**body["properties"], "keys": keys}}

    context.store.update(request.id, renewed)


def _new_keys() -> Body:
    return {"primaryKey": secrets.token_urlsafe(24), "secondaryKey": secrets.token_urlsafe(24)}


def _fill_marketplace(_context: Context, request: Request, _existing: Body | None) -> Body:
    properties = dict(request.body.get("properties") or {})
    offer = str(properties.get("modelId") or "").rstrip("/").rsplit("/", 1)[-1]
    own = {
        "marketplacePlan": {"offerId": offer, "planId": f"{offer}-plan", "publisherId": "local"},
        "marketplaceSubscriptionStatus": "Subscribed",
    }
    return {**request.body, "properties": {**properties, **own}}


RESOURCE_TYPES = (
    ResourceType(
        type=_CONNECTION,
        fill=_fill_connection,
        show=_show_connection,
        put_status=200,
        actions={"listsecrets": Action(run=_connection_secrets)},
    ),
    ResourceType(
        type=_SERVERLESS,
        fill=_fill_serverless,
        show=_show_serverless,
        long_running=True,
        actions={"listkeys": Action(run=_keys), "regeneratekeys": Action(run=_checked, later=_regenerate)},
    ),
    ResourceType(type=_MARKETPLACE, fill=_fill_marketplace, long_running=True),
)
