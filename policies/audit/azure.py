"""Asking Azure's resource manager, as whoever is signed in; it only reads.  The only user of Azure's SDK here."""

import logging
import re
from collections.abc import Mapping
from typing import Any, Self

from azure.core import PipelineClient
from azure.core.credentials import TokenCredential
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    ServiceRequestTimeoutError,
    ServiceResponseTimeoutError,
)
from azure.core.pipeline.policies import (
    BearerTokenCredentialPolicy,
    HeadersPolicy,
    RequestIdPolicy,
    RetryPolicy,
    UserAgentPolicy,
)
from azure.core.pipeline.transport import HttpTransport, RequestsTransport
from azure.core.rest import HttpRequest, HttpResponse
from azure.identity import DefaultAzureCredential

from audit.subjects import UnreadableError

_HOST = "https://management.azure.com"
_CONNECT_SECONDS, _ANSWER_SECONDS, _PATIENCE_SECONDS = 10, 30, 60
_OK, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 200, 401, 403, 404
_GONE = frozenset({"NotFound", "ParentResourceNotFound", "ResourceGroupNotFound", "ResourceNotFound"})
"""What Azure says of what is not there; other 404s mean that the question was wrong."""

Body = Mapping[str, Any]


class UnansweredError(Exception):
    """Azure did not say; the text says what was asked, and what came."""

    def __init__(self, message: str, *, is_absent: bool = False) -> None:
        super().__init__(message)
        self.is_absent = is_absent


class Azure:
    """The resource manager."""

    def __init__(
        self, credential: TokenCredential | None = None, transport: HttpTransport[Any, Any] | None = None
    ) -> None:
        logging.getLogger("azure").addHandler(logging.NullHandler())  # it prints pages; what matters is in the errors
        who = credential or DefaultAzureCredential(exclude_interactive_browser_credential=True)
        policies = [
            RequestIdPolicy(),
            HeadersPolicy(),
            UserAgentPolicy("aml-kit-policies"),
            RetryPolicy(retry_total=3, retry_backoff_factor=0.4, timeout=_PATIENCE_SECONDS),
            BearerTokenCredentialPolicy(who, f"{_HOST}/.default"),
        ]
        wire = transport or RequestsTransport(connection_timeout=_CONNECT_SECONDS, read_timeout=_ANSWER_SECONDS)
        self._client: PipelineClient[HttpRequest, HttpResponse] = PipelineClient(
            _HOST, policies=policies, transport=wire
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def got(self, path: str, version: str) -> Body:
        """Read one thing.  Raises UnansweredError, and UnreadableError where nobody may ask at all."""
        return self._asked(f"{_HOST}{path}?api-version={version}")

    def listed(self, path: str, version: str) -> list[Body]:
        """Read a list, all its pages.  Raises as ``got``."""
        found: list[Body] = []
        address: str = f"{_HOST}{path}?api-version={version}"
        seen: set[str] = set()
        while address:
            if address in seen:
                raise UnansweredError(f"{path}: Azure's pages lead back to a page that was read")
            seen.add(address)
            page = self._asked(address)
            found += _rows(page, path)
            address = str(page.get("nextLink") or "")
            if address and not address.startswith(f"{_HOST}/"):
                raise UnansweredError(f"{path}: the next page is somewhere else")  # the token goes nowhere else
        return found

    def _asked(self, address: str) -> dict[str, Any]:
        path = address.removeprefix(_HOST).partition("?")[0]
        try:
            answer = self._client.send_request(HttpRequest("GET", address))
            body = _body(answer)
        except ClientAuthenticationError as error:
            raise UnreadableError(_not_signed_in(error)) from error
        except (ServiceRequestTimeoutError, ServiceResponseTimeoutError) as error:
            raise UnansweredError(f"{path}: no answer within {_ANSWER_SECONDS} s, asked several times") from error
        except AzureError as error:
            raise UnansweredError(
                f"{path}: Azure cannot be reached ({type(error).__name__}); is there a network, or a proxy to set?"
            ) from error
        if answer.status_code != _OK:
            raise _refusal(path, answer.status_code, _code(body))
        if not isinstance(body, dict):
            raise UnansweredError(f"{path}: the answer is no object of JSON")
        return body


def _body(answer: HttpResponse) -> object:
    try:
        found: object = answer.json()
    except ValueError:  # of a proxy, perhaps
        return None
    return found


def _rows(page: Mapping[str, Any], path: str) -> list[Body]:
    rows = page.get("value", [])
    if not isinstance(rows, list) or not all(isinstance(one, dict) and one.get("id") for one in rows):
        raise UnansweredError(f"{path}: the answer is no list of resources")
    return rows


def _code(body: object) -> str:
    """Azure's word for what is wrong; its sentences may quote anything."""
    error = body.get("error") if isinstance(body, Mapping) else None
    code = error.get("code") if isinstance(error, Mapping) else None
    return code if isinstance(code, str) and re.fullmatch(r"\w{1,60}", code) else ""


def _refusal(path: str, status: int, code: str) -> Exception:
    said = f"{path}: Azure answered {status}{f' {code}' if code else ''}"
    if status == _UNAUTHORIZED:
        return UnreadableError(
            f"{said}: it does not take this sign-in; sign in to the subscription's tenant: az login --tenant TENANT"
        )
    if status == _FORBIDDEN:
        return UnansweredError(f"{said}; reading it takes the role Reader there")
    if code == "SubscriptionNotFound":
        return UnansweredError(f"{said}; there is none, or whoever is signed in may not see it")
    return UnansweredError(said, is_absent=status == _NOT_FOUND and code in _GONE)


def _not_signed_in(error: ClientAuthenticationError) -> str:
    """Tell a sign-in that was refused, in the first sentence of Azure's reason, from none at all."""
    reason = re.search(r"AADSTS\d+:[^.\r\n]*", str(error.message))
    if reason:
        return f"Azure refuses the sign-in: {reason[0]}"
    return "nobody is signed in at Azure: az login, or set AZURE_CLIENT_ID and its kin"
