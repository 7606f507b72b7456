"""An SQS queue that S3 fills: a message is hidden while it is worked on, and deleted once it is stored."""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from mlops.ports import OutsideError, RefusedError
from mlops.post import Message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BATCH = 10
"""As many as the service gives at a time."""
HIDDEN = 60
"""Seconds in which a message must be stored; then it comes again."""
_GONE = {"ReceiptHandleIsInvalid", "InvalidParameterValue", "MessageNotInflight"}


class Sqs:
    """Keeps the promises of `post.EventSource`.  Credentials are AWS's own: environment, profile or role."""

    def __init__(self, url: str, region: str | None = None, hidden: int = HIDDEN) -> None:
        self._url, self._region, self._hidden = url, region, hidden
        self._name = url.rpartition("/")[2]

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - boto3 makes its clients as it runs
        place = urlsplit(self._url)
        found = re.fullmatch(r"(?:sqs\.)?([a-z0-9-]+)\.(?:queue\.)?amazonaws\.com(?:\.cn)?", place.netloc)
        return boto3.client(
            "sqs",
            region_name=self._region or (found[1] if found else None),
            endpoint_url=f"{place.scheme}://{place.netloc}",
            config=Config(retries={"total_max_attempts": 3, "mode": "standard"}, connect_timeout=10, read_timeout=20),
        )

    def receive(self) -> Sequence[Message]:
        """What waits, hidden from others for a while."""
        with self._said("reading"):
            found = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=_BATCH,
                VisibilityTimeout=self._hidden,
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
            )
        return [
            Message(
                id=one["MessageId"],
                body=one["Body"].encode("utf-8", "replace"),
                tries=int(one.get("Attributes", {}).get("ApproximateReceiveCount", 1)),
                handle=one["ReceiptHandle"],
            )
            for one in found.get("Messages", [])
        ]

    def done(self, message: Message) -> None:
        """Delete it; one that is gone is fine."""
        with self._said("deleting a message of"):
            try:
                self._client.delete_message(QueueUrl=self._url, ReceiptHandle=message.handle)
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") not in _GONE:
                    raise

    @contextmanager
    def _said(self, doing: str) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            found = error.response.get("Error", {})
            refused = found.get("Code", "") in {"AccessDenied", "AWS.SimpleQueueService.NonExistentQueue"}
            kind = RefusedError if refused else OutsideError
            raise kind(f"{doing} the queue {self._name}: {found.get('Code')}: {found.get('Message')}") from error
        except BotoCoreError as error:
            raise OutsideError(f"{doing} the queue {self._name}: {error}") from error
