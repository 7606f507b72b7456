"""Where events come from, as a project declares it.  An event is a hint: what it says is read again at its source."""

import enum
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from mlops.domain.declared.trigger import CronCondition


class Kind(enum.StrEnum):
    """What an event is about, and so what is looked at again."""

    DATA = "data"  # rows, labels or files came: new rows are counted now
    RUN = "run"  # a job changed its state: the attempt that waits for it looks
    MODEL = "model"  # a model version was registered
    ENDPOINT = "endpoint"  # somebody deployed: the endpoint is compared with what it should be
    REQUEST = "request"  # somebody asks: only triggers that name the source hear it
    NOTICE = "notice"  # a service talks of the subscription itself; nothing is looked at


@dataclass(frozen=True, kw_only=True)
class Secret:
    """Where a secret is to be found.  Exactly one is given; the value itself never stands in a project."""

    env: str | None = None  # the name of an environment variable
    file: Path | None = None  # a file that holds it, absolute
    key_vault: str | None = None  # https://NAME.vault.azure.net/secrets/NAME

    def __str__(self) -> str:
        """How errors name it."""
        return f"environment variable {self.env}" if self.env else str(self.file or self.key_vault)


@dataclass(frozen=True, kw_only=True)
class QueueSource:
    """A storage queue that Event Grid fills: one of the platform's by its key, or any by its address."""

    key: str | None = None  # of the platform's `queues`
    url: str | None = None  # https://ACCOUNT.queue.core.windows.net/QUEUE


@dataclass(frozen=True, kw_only=True)
class SqsSource:
    """An SQS queue that S3 fills, directly, through SNS or through EventBridge."""

    url: str
    region: str | None = None  # none: as AWS's own settings say


@dataclass(frozen=True, kw_only=True)
class WebhookSource:
    """Signed requests to `mlops events listen`."""

    secret: Secret
    tolerance: timedelta = timedelta(minutes=5)  # a request whose time is further off is refused


@dataclass(frozen=True, kw_only=True)
class FolderSource:
    """Files dropped into a folder: `.json` files are events, any other file is news by its being there."""

    path: Path  # absolute


@dataclass(frozen=True, kw_only=True)
class ScheduleSource:
    """An event at each tick; after a standstill one for the newest tick."""

    when: CronCondition


Place = QueueSource | SqsSource | WebhookSource | FolderSource | ScheduleSource


@dataclass(frozen=True, kw_only=True)
class Source:
    """One place where events come from."""

    name: str
    place: Place
    means: Kind | None = None  # what an event is about whose type says nothing to us
    hears: tuple[Kind, ...] = field(default_factory=lambda: tuple(Kind))  # events about other things are ignored
