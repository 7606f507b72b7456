"""A storage queue that Event Grid fills: a message is hidden while it is worked on, and deleted once it is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azure.core.exceptions import ResourceNotFoundError

from mlops.backends.errors import said
from mlops.post import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from azure.storage.queue import QueueClient

_BATCH = 32
"""As many as the service gives at a time."""
HIDDEN = 60
"""Seconds in which a message must be stored; then it comes again."""


class StorageQueue:
    """Keeps the promises of `post.EventSource`."""

    def __init__(self, client: QueueClient, hidden: int = HIDDEN) -> None:
        self._client = client
        self._hidden = hidden

    def receive(self) -> Sequence[Message]:
        """What waits, hidden from others for a while."""
        with said(f"reading the queue {self._client.queue_name}"):
            page = self._client.receive_messages(
                messages_per_page=_BATCH, max_messages=_BATCH, visibility_timeout=self._hidden
            )
            return [
                Message(
                    id=str(one.id),
                    body=str(one.content).encode("utf-8", "replace"),
                    tries=int(one.dequeue_count or 1),
                    handle=(one.id, one.pop_receipt),
                )
                for one in page
            ]

    def done(self, message: Message) -> None:
        """Delete it; one that somebody else has by now is theirs to delete."""
        assert isinstance(message.handle, tuple)  # noqa: S101 - as `receive` made it
        number, receipt = message.handle
        with said(f"deleting a message of the queue {self._client.queue_name}"):
            try:
                self._client.delete_message(number, receipt)
            except ResourceNotFoundError:
                return
