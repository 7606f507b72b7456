"""Channels that are one POST of JSON."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from mlops.domain.declared.notification import WebhookChannel
from mlops.domain.declared.source import Secret
from mlops.domain.messages.letters import Notice, as_blocks, as_card, as_json
from mlops.domain.messages.signing import sign
from mlops.ports import OutsideError

SECONDS = 10
Reveal = Callable[[Secret], str]


class Webhook:
    """A web hook of one's own: signed as the Standard Webhooks specification has it, where there is a secret."""

    def __init__(self, channel: WebhookChannel, reveal: Reveal) -> None:
        self._channel, self._reveal = channel, reveal

    def send(self, notice: Notice) -> None:
        """See Channel.send."""
        channel, body = self._channel, _written(as_json(notice))
        url = self._reveal(channel.url_from) if channel.url_from else channel.url or ""
        signed = sign(self._reveal(channel.secret), notice.key, datetime.now(UTC), body) if channel.secret else {}
        _post(url, body, {"webhook-id": notice.key, **signed, "Idempotency-Key": notice.key})


class Teams:
    """A workflow of Teams that posts the card it is sent."""

    def __init__(self, url: Secret, reveal: Reveal) -> None:
        self._url, self._reveal = url, reveal

    def send(self, notice: Notice) -> None:
        """See Channel.send."""
        _post(self._reveal(self._url), _written(as_card(notice)), {"Idempotency-Key": notice.key})


class Slack:
    """An incoming webhook of Slack."""

    def __init__(self, url: Secret, reveal: Reveal) -> None:
        self._url, self._reveal = url, reveal

    def send(self, notice: Notice) -> None:
        """See Channel.send."""
        _post(self._reveal(self._url), _written(as_blocks(notice)), {"Idempotency-Key": notice.key})


def _written(tree: Mapping[str, Any]) -> bytes:
    return json.dumps(tree, ensure_ascii=False).encode("utf-8", "replace")


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Errors say what happened and not where: the address itself may be a secret."""
    sent = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "aml-kit", **headers}
    try:
        answer = httpx.post(url, content=body, headers=sent, timeout=SECONDS, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise OutsideError(f"it cannot be reached: {type(error).__name__}") from None
    if not answer.is_success:
        raise OutsideError(f"it answers {answer.status_code}, where 2xx means that it has it")
