"""Where events come from: each source delivers until it is told that what it delivered was stored."""

from collections.abc import Mapping

from mlops.backends.events.folder import Folder
from mlops.backends.events.schedule import Schedule
from mlops.domain.declared.source import FolderSource, Kind, QueueSource, ScheduleSource, Source, SqsSource
from mlops.domain.project import Platform, Project
from mlops.flows.inbox import queue_url
from mlops.ports import Clock
from mlops.post import EventSource


def open_sources(project: Project, platform: Platform, clock: Clock) -> Mapping[str, EventSource]:
    """All that is asked for events, by name; nothing is asked yet.  Web hooks come by themselves."""
    opened = {source.name: _opened(source, platform, clock) for source in project.sources}
    return {name: source for name, source in opened.items() if source is not None}


def _opened(source: Source, platform: Platform, clock: Clock) -> EventSource | None:
    means = source.means or Kind.DATA
    match source.place:
        case FolderSource(path=path):
            return Folder(path, means)
        case ScheduleSource() as schedule:
            return Schedule(source.name, schedule, clock, means)
        case QueueSource() as queue:
            return _storage_queue(queue_url(queue, platform))
        case SqsSource(url=url, region=region):
            return _sqs(url, region)
    return None


def _storage_queue(url: str) -> EventSource:
    from azure.identity import DefaultAzureCredential  # noqa: PLC0415 - only projects with a queue wait for the SDK
    from azure.storage.queue import QueueClient  # noqa: PLC0415

    from mlops.backends.events.storage_queue import StorageQueue  # noqa: PLC0415

    return StorageQueue(QueueClient.from_queue_url(url, credential=DefaultAzureCredential()))


def _sqs(url: str, region: str | None) -> EventSource:
    from mlops.backends.events.sqs import Sqs  # noqa: PLC0415 - only projects with such a queue wait for the SDK

    return Sqs(url, region)
