"""Secrets from where a project says they are; errors name the place and never what was found there."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mlops.backends.redaction import remember
from mlops.ports import OutsideError

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.core.credentials import TokenCredential
    from azure.core.pipeline.transport import HttpTransport

    from mlops.domain.declared.source import Secret

KEPT = 300.0
"""Seconds for which a Key Vault's answer is used: a rotated secret counts that soon."""
_VERSION = "7.4"


class Secrets:
    """Finds secrets; a Key Vault is asked again only after a while."""

    def __init__(
        self,
        credential: Callable[[], TokenCredential] | None = None,
        transport: HttpTransport | None = None,  # type: ignore[type-arg]
    ) -> None:
        self._credential = credential
        self._transport = transport
        self._found: dict[str, tuple[float, str]] = {}

    def reveal(self, secret: Secret) -> str:
        """The value, without white space around it.  Raises OutsideError."""
        if secret.env is not None:
            found = os.environ.get(secret.env, "")
        elif secret.file is not None:
            try:
                found = secret.file.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                why = getattr(error, "strerror", None) or "no UTF-8 text"
                raise OutsideError(f"the secret in {secret.file} cannot be read: {why}") from None
        else:
            found = self._from_vault(secret.key_vault or "")
        if not found.strip():
            raise OutsideError(f"the secret in {secret} is empty or not set")
        remember(found.strip())
        return found.strip()

    def _from_vault(self, url: str) -> str:
        known = self._found.get(url)
        if known and time.monotonic() < known[0] + KEPT:
            return known[1]
        found = self._asked(url)
        self._found[url] = (time.monotonic(), found)
        return found

    def _asked(self, url: str) -> str:
        from azure.core import PipelineClient  # noqa: PLC0415 - only who has a vault waits for the SDK
        from azure.core.exceptions import AzureError  # noqa: PLC0415
        from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RetryPolicy  # noqa: PLC0415
        from azure.core.rest import HttpRequest  # noqa: PLC0415

        host = urlsplit(url).netloc
        audience = f"https://{host.partition('.')[2]}/.default"
        policies = [RetryPolicy(retry_total=2), BearerTokenCredentialPolicy(self._identity(), audience)]
        try:
            client: PipelineClient[Any, Any] = PipelineClient(
                f"https://{host}", policies=policies, transport=self._transport
            )
            answer = client.send_request(HttpRequest("GET", url, params={"api-version": _VERSION}))
            if answer.status_code != 200:  # noqa: PLR2004 - HTTP's "OK"
                raise OutsideError(f"the secret {url} cannot be read: the vault answers {answer.status_code}")
            value = answer.json().get("value")
        except (AzureError, ValueError, AttributeError) as error:
            raise OutsideError(f"the secret {url} cannot be read: {type(error).__name__}") from None
        return value if isinstance(value, str) else ""

    def _identity(self) -> TokenCredential:
        if self._credential is not None:
            return self._credential()
        from azure.identity import DefaultAzureCredential  # noqa: PLC0415

        return DefaultAzureCredential()
