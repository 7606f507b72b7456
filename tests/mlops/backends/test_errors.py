"""Which of Azure's errors may go away, and which will come again."""

from __future__ import annotations

import json

import pytest
from azure.core.exceptions import AzureError, HttpResponseError, ServiceRequestError
from azure.core.rest import HttpRequest

from mlops.backends.errors import said
from mlops.ports import OutsideError, QuotaError, RefusedError


class _Reply:
    """As much of an HTTP response as the SDK's error reads."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status_code = status
        self.reason = "reason"
        self.headers: dict[str, str] = {}
        self.request = HttpRequest("PUT", "https://management.azure.com")
        self._body = json.dumps({"error": {"code": code, "message": message}})

    def text(self) -> str:
        return self._body


def _error(status: int, code: str, message: str = "because") -> HttpResponseError:
    return HttpResponseError(response=_Reply(status, code, message))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (_error(429, "TooManyRequests"), OutsideError),
        (_error(500, "InternalServerError"), OutsideError),
        (_error(409, "Conflict"), OutsideError),
        (_error(409, "AssetVersionImmutable"), RefusedError),
        (_error(404, "ResourceNotFound"), OutsideError),
        (_error(400, "OperationCanceled"), OutsideError),
        (_error(400, "OutOfQuota", "Not enough subscription quota"), RefusedError),
        (_error(400, "OutOfQuota", "not enough capacity in the region"), QuotaError),
        (_error(400, "BadArgument"), RefusedError),
        (_error(400, "ImageBuildFailure"), RefusedError),
        (_error(403, "AuthorizationFailed"), RefusedError),
        (ServiceRequestError("connection refused"), OutsideError),
        (AzureError("lost"), OutsideError),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, Exception) else value.__name__,
)
def test_an_error_says_whether_asking_again_may_help(error: AzureError, kind: type[OutsideError]) -> None:
    with pytest.raises(OutsideError) as caught, said("doing"):
        raise error
    assert type(caught.value) is kind


def test_an_error_says_what_was_done_and_what_azure_said() -> None:
    with pytest.raises(RefusedError, match=r"^creating m-1: BadArgument: no such model$"), said("creating m-1"):
        raise _error(400, "BadArgument", "no such model")
