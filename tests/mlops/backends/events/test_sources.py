"""One set of promises for every source of events: whole, again until done with, never after."""

from __future__ import annotations

import json
import os
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from azure.storage.queue import QueueClient
from moto.server import ThreadedMotoServer

from mlops.backends.events.folder import Folder
from mlops.backends.events.sqs import Sqs
from mlops.backends.events.storage_queue import StorageQueue
from mlops.domain.declared.source import Kind
from mlops.domain.messages.envelopes import parse
from mlops.ports import OutsideError
from tests.environments.local.services.platform import make_account, make_group
from tests.fakes.events import FakeSource, grid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from azure.core.credentials import AccessToken

    from mlops.post import EventSource
    from tests.environments.running import LocalAzure


class Stage(ABC):
    """A source with what puts messages there, and lets hidden ones come back."""

    source: EventSource

    @abstractmethod
    def put(self, body: bytes) -> None: ...

    @abstractmethod
    def reappear(self) -> None: ...

    @abstractmethod
    def left(self) -> int:
        """How many it still holds, hidden ones too."""


class FakeStage(Stage):
    def __init__(self) -> None:
        self.fake = FakeSource()
        self.source = self.fake

    def put(self, body: bytes) -> None:
        self.fake.put(body)

    def reappear(self) -> None:
        self.fake.reappear()

    def left(self) -> int:
        return len(self.fake.messages)


class FolderStage(Stage):
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = Folder(folder, patience=0)
        self.count = 0

    def put(self, body: bytes) -> None:
        self.count += 1
        (self.folder / f"{self.count}.json").write_bytes(body)

    def reappear(self) -> None:
        """Files are not hidden."""

    def left(self) -> int:
        return len(list(self.folder.glob("*.json")))


class Identity:
    """The deployer's tokens, as `DefaultAzureCredential` gives them."""

    def __init__(self, azure: LocalAzure) -> None:
        self._azure = azure

    def get_token(self, *scopes: str, **_: object) -> AccessToken:
        from azure.core.credentials import AccessToken  # noqa: PLC0415

        identities = self._azure.context.identities
        return AccessToken(identities.issue(identities.deployer, scopes[0].removesuffix("/.default")), 2**31)


class QueueStage(Stage):
    received: tuple[Any, ...] = ()

    def __init__(self, azure: LocalAzure) -> None:
        make_account(azure, make_group(azure, "events"), "eventsaccount")
        self.client = QueueClient(
            "https://eventsaccount.queue.core.windows.net",
            "workspace-events",
            credential=Identity(azure),
            connection_verify=str(azure.home.bundle),
            proxies={"https": f"http://127.0.0.1:{azure.context.ports.proxy}"},
        )
        self.client.create_queue()
        self.source = StorageQueue(self.client, hidden=600)

    def put(self, body: bytes) -> None:
        self.client.send_message(body.decode())

    def reappear(self) -> None:
        for number, receipt in self.received:
            self.client.update_message(number, receipt, visibility_timeout=0)

    def left(self) -> int:
        return int(self.client.get_queue_properties().approximate_message_count or 0)


class SqsStage(Stage):
    received: tuple[Any, ...] = ()

    def __init__(self) -> None:
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.server.start()
        host, port = self.server.get_host_and_port()
        self.client: Any = boto3.client("sqs", region_name="eu-west-1", endpoint_url=f"http://{host}:{port}")
        self.url = self.client.create_queue(QueueName="labels")["QueueUrl"]
        self.source = Sqs(self.url, "eu-west-1", hidden=600)

    def put(self, body: bytes) -> None:
        self.client.send_message(QueueUrl=self.url, MessageBody=body.decode())

    def reappear(self) -> None:
        for receipt in self.received:
            self.client.change_message_visibility(QueueUrl=self.url, ReceiptHandle=receipt, VisibilityTimeout=0)

    def left(self) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    def close(self) -> None:
        self.client.close()
        self.server.stop()


@pytest.fixture(params=["fake", "folder", "storage queue", "SQS"])
def stage(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    match request.param:
        case "fake":
            yield FakeStage()
        case "folder":
            yield FolderStage(tmp_path)
        case "SQS":
            queue = SqsStage()
            yield queue
            queue.close()
        case _:
            found = QueueStage(request.getfixturevalue("local_azure"))
            yield found
            found.client.delete_queue()
            found.client.close()


def test_a_source_delivers_whole_again_until_it_is_done_with_and_never_after(stage: Stage) -> None:
    assert list(stage.source.receive()) == []
    sent = [grid(str(number), "Microsoft.Storage.BlobCreated", f"é{number}") for number in range(3)]
    for body in sent:
        stage.put(body)

    first = list(stage.source.receive())
    assert {parse(message.body) for message in first} == set(map(parse, sent))
    assert len({message.id for message in first}) == 3
    stage.source.done(first[0])
    if isinstance(stage, (QueueStage, SqsStage)):
        stage.received = tuple(message.handle for message in first[1:])
    stage.reappear()

    again = list(stage.source.receive())
    assert {message.body for message in again} == {message.body for message in first[1:]}
    assert isinstance(stage, FolderStage) or {message.tries for message in again} == {2}
    for message in again:
        stage.source.done(message)
        stage.source.done(message)  # a lost answer: asked again
    assert (list(stage.source.receive()), stage.left()) == ([], 0)


def test_a_file_that_is_no_json_is_news_by_its_being_there_and_again_when_it_changed(tmp_path: Path) -> None:
    source = Folder(tmp_path, patience=0)
    file = tmp_path / "labels.csv"
    file.write_text("day,rain\n")
    (first,) = source.receive()
    assert [(event.type, event.subject) for event in parse(first.body)] == [("aml-kit.data", "labels.csv")]
    source.done(first)
    assert sorted(path.name[12:] for path in (tmp_path / "taken").iterdir()) == ["-labels.csv"]
    file.write_text("day,rain\n1975-01-01,1\n")
    (second,) = source.receive()

    assert parse(second.body)[0].id != parse(first.body)[0].id


def test_a_file_that_is_still_written_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "new.json").write_text(json.dumps({"half": 1})[:5])
    (tmp_path / "a.json.part").write_text("{")
    (tmp_path / ".hidden.json").write_text("{")
    old = tmp_path / "old.json"
    old.write_bytes(grid("1", "x", "y"))
    os.utime(old, (1, 1))

    assert [message.handle for message in Folder(tmp_path, patience=60).receive()] == ["old.json"]


def test_a_folder_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match=r"drops is not there: make the folder .*drops"):
        Folder(tmp_path / "drops").receive()


def test_a_queue_that_is_not_there_or_nobody_answers_for_is_one_clear_error() -> None:
    with pytest.raises(OutsideError, match=r"reading the queue labels: .*EndpointConnection|Could not connect"):
        Sqs("http://127.0.0.1:9/1/labels", "eu-west-1").receive()
    with pytest.raises(OutsideError, match="reading the queue labels: You must specify a region"):
        Sqs("http://127.0.0.1:9/1/labels").receive()


def test_a_file_that_comes_into_a_bucket_arrives_as_s3_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    stage = SqsStage()
    address = stage.server.get_host_and_port()
    s3: Any = boto3.client("s3", region_name="eu-west-1", endpoint_url="http://{}:{}".format(*address))
    s3.create_bucket(Bucket="rain", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    arn = stage.client.get_queue_attributes(QueueUrl=stage.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    to_queue = {"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(
        Bucket="rain", NotificationConfiguration={"QueueConfigurations": [to_queue]}
    )
    s3.put_object(Bucket="rain", Key="labels/1975.csv", Body=b"day,rain")
    found = [event for message in stage.source.receive() for event in parse(message.body)]
    s3.close()
    stage.close()

    assert [(event.kind, event.about) for event in found if event.kind is not Kind.NOTICE] == [
        (Kind.DATA, "s3://rain/labels/1975.csv")
    ]
