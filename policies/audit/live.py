"""Asking Azure what is deployed, also what Pulumi did not make; it only reads.  The only user of Azure's SDK here."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from typing import Any, Self

from azure.core import PipelineClient
from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.core.pipeline.policies import (
    BearerTokenCredentialPolicy,
    HeadersPolicy,
    RequestIdPolicy,
    RetryPolicy,
    UserAgentPolicy,
)
from azure.core.rest import HttpRequest, HttpResponse
from azure.identity import DefaultAzureCredential

from audit.arm import KINDS, WATCHED, kind_of, subject, type_in
from audit.subjects import Source, UnreadableError

_HOST = "https://management.azure.com"
_PATIENCE_SECONDS = 60
_SCOPED = ("Microsoft.Authorization/roleAssignments", "Microsoft.Authorization/locks")
_OK = 200

Body = Mapping[str, Any]


class _UnansweredError(Exception):
    """Azure did not say; the text says what was asked, and what came."""


def read_live(subscription: str | None, groups: tuple[str, ...]) -> Source:
    """Read a subscription, or some resource groups of it.  Raises UnreadableError."""
    chosen = subscription or os.environ.get("ARM_SUBSCRIPTION_ID") or os.environ.get("AZURE_SUBSCRIPTION_ID")
    if not chosen:
        raise UnreadableError("no subscription is named; give --subscription, or set ARM_SUBSCRIPTION_ID")
    roots = [f"/subscriptions/{chosen}/resourceGroups/{group}" for group in groups] or [f"/subscriptions/{chosen}"]
    with _Azure() as azure:
        try:
            listed = [one for root in roots for one in azure.listed(f"{root}/resources", "2021-04-01")]
        except _UnansweredError as error:
            raise UnreadableError(f"Azure cannot be read: {error}") from error
        found = list(azure.all(roots, listed))
    bodies = sorted({str(one["id"]).lower(): one for one in found}.values(), key=lambda one: str(one["id"]).lower())
    return Source(
        kind="live",
        of=f"subscription {chosen}" + "".join(f", {group}" for group in groups),
        stack="",
        digest=hashlib.sha256(json.dumps(bodies, sort_keys=True).encode()).hexdigest(),
        subjects=tuple(map(subject, bodies)),
        unread=tuple(azure.unread),
    )


class _Azure:
    """The resource manager, asked as whoever is signed in; what it refuses to say is noted and told."""

    def __init__(self) -> None:
        self.unread: list[str] = []
        credential = DefaultAzureCredential(exclude_interactive_browser_credential=True)
        policies = [
            RequestIdPolicy(),
            HeadersPolicy(),
            UserAgentPolicy("aml-kit-policies"),
            RetryPolicy(retry_total=3, retry_backoff_factor=0.4, timeout=_PATIENCE_SECONDS),
            BearerTokenCredentialPolicy(credential, f"{_HOST}/.default"),
        ]
        self._client: PipelineClient[HttpRequest, HttpResponse] = PipelineClient(_HOST, policies=policies)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def all(self, roots: list[str], listed: list[Body]) -> Iterator[Body]:
        """Read every resource that rules look at, and what lies below and beside it."""
        for root in roots:
            for kind in _SCOPED:
                yield from self._tried(f"{root}/providers/{kind}", KINDS[kind].version)
        for one in listed:
            known = kind_of(str(one.get("type", "")))
            if known is not None:
                yield from self._whole(str(one["id"]), known)

    def _whole(self, azure_id: str, kind: str) -> Iterator[Body]:
        try:
            yield self._get(azure_id, KINDS[kind].version)
        except _UnansweredError as error:
            self.unread.append(str(error))
            return
        yield from self._around(azure_id, kind)

    def _around(self, azure_id: str, kind: str) -> Iterator[Body]:
        if kind in WATCHED:
            name = "Microsoft.Insights/diagnosticSettings"
            yield from self._tried(f"{azure_id}/providers/{name}", KINDS[name].version)
        for child in KINDS[kind].children:
            below = f"{kind}/{child}"
            for one in self._tried(f"{azure_id}/{child}", KINDS[below].version):
                yield one
                yield from self._around(str(one["id"]), below)

    def _tried(self, path: str, version: str) -> list[Body]:
        """List; what cannot be listed is noted, and what Azure has not is none."""
        try:
            return [one for one in self.listed(path, version) if kind_of(type_in(str(one.get("id", "")))) is not None]
        except _UnansweredError as error:
            self.unread.append(str(error))
            return []

    def listed(self, path: str, version: str) -> list[Body]:
        """Read a list, all its pages.  Raises _UnansweredError."""
        found: list[Body] = []
        address: str = f"{_HOST}{path}?api-version={version}"
        while address:
            page = self._asked(address)
            found += page.get("value", [])
            address = str(page.get("nextLink") or "")
            if address and not address.startswith(f"{_HOST}/"):
                raise _UnansweredError(f"{path}: the next page is somewhere else")  # the token goes nowhere else
        return found

    def _get(self, path: str, version: str) -> Body:
        return self._asked(f"{_HOST}{path}?api-version={version}")

    def _asked(self, address: str) -> dict[str, Any]:
        path = address.removeprefix(_HOST).partition("?")[0]
        try:
            answer = self._client.send_request(HttpRequest("GET", address))
            if answer.status_code != _OK:
                raise _UnansweredError(f"{path}: Azure answered {answer.status_code}")
            body = answer.json()
        except ClientAuthenticationError as error:
            raise UnreadableError(
                "nobody is signed in at Azure: az login, or set AZURE_CLIENT_ID and its kin"
            ) from error
        except (AzureError, ValueError) as error:
            raise _UnansweredError(f"{path}: {type(error).__name__}") from error
        if not isinstance(body, dict):
            raise _UnansweredError(f"{path}: the answer is no object")
        return body
