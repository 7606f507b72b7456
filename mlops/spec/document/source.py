"""Keys of the sources of events."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from mlops.domain.declared.source import Kind
from mlops.spec.document.part import Part
from mlops.spec.fields import Duration, Name

_VAULT = re.compile(r"https://[a-z0-9-]+\.vault\.[a-z0-9.]+/secrets/[A-Za-z0-9-]+(/[0-9a-f]{32})?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _address(text: str) -> str:
    """An address without anything secret in it."""
    found = re.fullmatch(r"https?://[^/@?#\s]+(/[^?#\s]*)?", text)
    if found is None:
        raise ValueError("is no plain https:// address: no user, password, query or token may stand in it")
    return text


def _variable(text: str) -> str:
    if not _VARIABLE.fullmatch(text):
        raise ValueError("is no name of an environment variable: the value itself must not stand here")
    return text


def _vault(text: str) -> str:
    if not _VAULT.fullmatch(text):
        raise ValueError("is no secret in a Key Vault: write https://NAME.vault.azure.net/secrets/NAME")
    return text


Address = Annotated[str, AfterValidator(_address)]


class Secret(Part):
    """Where a secret is to be found; the value never stands in a project file."""

    env: Annotated[str, AfterValidator(_variable)] | None = Field(
        default=None, description="name of an environment variable …"
    )
    file: Path | None = Field(default=None, description="… or a file that holds nothing else …")
    key_vault: Annotated[str, AfterValidator(_vault)] | None = Field(
        default=None, description="… or a secret in a Key Vault: https://NAME.vault.azure.net/secrets/NAME"
    )

    @model_validator(mode="before")
    @classmethod
    def _place(cls, written: object) -> object:
        if not isinstance(written, dict):
            raise ValueError("says where a secret is, {env: NAME}, {file: PATH} or {keyVault: URL}; never the value")  # noqa: TRY004 - pydantic's word
        return written

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(each is not None for each in (self.env, self.file, self.key_vault)) != 1:
            raise ValueError("needs exactly one of env, file, keyVault")
        return self


class Queue(Part):
    """A storage queue that Event Grid fills."""

    key: str | None = Field(default=None, description="of the platform's `queues` (`events`) …")
    url: Address | None = Field(default=None, description="… or https://ACCOUNT.queue.core.windows.net/QUEUE")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.key is None) == (self.url is None):
            raise ValueError("needs exactly one of key and url")
        return self


class Sqs(Part):
    """An SQS queue that S3 fills."""

    url: Address = Field(description="the queue's address")
    region: str | None = Field(default=None, description="none: as AWS's own settings say")


class Webhook(Part):
    """Signed requests to `mlops events listen`."""

    secret: Secret = Field(description="what senders sign with")
    tolerance: Duration = Field(
        default=timedelta(minutes=5), description="a request whose time is further off is refused"
    )


class Folder(Part):
    """Files that are dropped."""

    path: Path = Field(description="`.json` files are events, other files are news of data; read ones go to `taken/`")


class Schedule(Part):
    """An event at each tick."""

    cron: str = Field(description="five fields; after a standstill one event for the newest tick")
    timezone: str = Field(default="UTC", description="IANA name")


PLACES = ("queue", "sqs", "webhook", "folder", "schedule")


class Source(Part):
    """One place where events come from: hints to look sooner, what they say is read again at its source."""

    name: Name = Field(description="the source's name")
    queue: Queue | None = Field(default=None, description="a storage queue that Event Grid fills")
    sqs: Sqs | None = Field(default=None, description="an SQS queue that S3 fills")
    webhook: Webhook | None = Field(default=None, description="signed requests to `mlops events listen`")
    folder: Folder | None = Field(default=None, description="files that are dropped")
    schedule: Schedule | None = Field(default=None, description="an event at each tick")
    means: Kind | None = Field(
        default=None, description="what events of other types are about: `data`, `run`, `model`, `endpoint`, `request`"
    )
    hears: tuple[Kind, ...] = Field(default=(), description="kinds that count, others are kept and ignored; empty: all")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(getattr(self, place) is not None for place in PLACES) != 1:
            raise ValueError(f"source {self.name!r} needs exactly one of {', '.join(PLACES)}")
        return self
