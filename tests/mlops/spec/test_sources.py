"""Sources of events in the project file: where from, by which secret, and never the secret itself."""

from datetime import timedelta
from pathlib import Path

import pytest

from mlops.domain.declared.source import (
    FolderSource,
    Kind,
    QueueSource,
    ScheduleSource,
    Secret,
    Source,
    SqsSource,
    WebhookSource,
)
from mlops.domain.declared.trigger import CronCondition
from mlops.flows.apply import PlatformMismatchError, Wanted, check
from mlops.spec.errors import ProjectFileError
from mlops.spec.read import parse_project
from tests.fakes.azure import write_project_folder
from tests.mlops.rig import PLATFORM, PROJECT

PLANTED = "hunter2-planted"


def project(folder: Path, sources: str) -> tuple[Source, ...]:
    write_project_folder(folder)
    text = PROJECT.replace("  triggerPolicy:", f"  sources: [{sources}]\n  triggerPolicy:")
    return parse_project(text, folder / "project.yaml").sources


def refused(folder: Path, sources: str) -> str:
    with pytest.raises(ProjectFileError) as found:
        project(folder, sources)
    return str(found.value)


def test_each_kind_of_source_is_read_with_its_defaults(tmp_path: Path) -> None:
    hook = "{name: hook, webhook: {secret: {file: secret.txt}}, means: request, hears: [request]}"
    found = project(
        tmp_path,
        "{name: queue, queue: {key: events}}, {name: sqs, sqs: {url: 'https://sqs.eu-west-1.amazonaws.com/1/q'}}, "
        f"{hook}, {{name: drops, folder: {{path: drops}}}}, {{name: night, schedule: {{cron: '0 3 * * *'}}}}",
    )

    secret = Secret(file=tmp_path / "secret.txt")
    assert found == (
        Source(name="queue", place=QueueSource(key="events")),
        Source(name="sqs", place=SqsSource(url="https://sqs.eu-west-1.amazonaws.com/1/q")),
        Source(
            name="hook",
            place=WebhookSource(secret=secret, tolerance=timedelta(minutes=5)),
            means=Kind.REQUEST,
            hears=(Kind.REQUEST,),
        ),
        Source(name="drops", place=FolderSource(path=tmp_path / "drops")),
        Source(name="night", place=ScheduleSource(when=CronCondition(cron="0 3 * * *"))),
    )


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "{name: a, queue: {key: e}, folder: {path: p}}",
            "source 'a' needs exactly one of queue, sqs, webhook, folder",
        ),
        ("{name: a}", "source 'a' needs exactly one of queue, sqs"),
        ("{name: a, queue: {}}", "needs exactly one of key and url"),
        ("{name: a, foldr: {path: p}}", "unknown key; did you mean 'folder'?"),
        ("{name: a, schedule: {cron: never}}", "'never' is no cron expression"),
        ("{name: a, schedule: {cron: '0 3 * * *', timezone: Mars}}", "'Mars' is no time zone"),
        ("{name: a, folder: {path: p}}, {name: a, folder: {path: q}}", "the name 'a' is taken already"),
        ("{name: a, folder: {path: p}, means: rows}", "'data', 'run', 'model', 'endpoint', 'request'"),
        ("{name: a, webhook: {secret: {}}}", "needs exactly one of env, file, keyVault"),
    ],
)
def test_what_cannot_be_meant_is_said_with_what_is_allowed(tmp_path: Path, source: str, said: str) -> None:
    assert said in refused(tmp_path, source)


@pytest.mark.parametrize(
    "source",
    [
        f"{{name: a, webhook: {{secret: {PLANTED}}}}}",
        f"{{name: a, webhook: {{secret: {{env: {PLANTED}}}}}}}",
        f"{{name: a, webhook: {{secret: {{keyVault: {PLANTED}}}}}}}",
        f"{{name: a, queue: {{url: 'https://a.queue.core.windows.net/q?sig={PLANTED}'}}}}",
        f"{{name: a, sqs: {{url: 'https://me:{PLANTED}@sqs.eu-west-1.amazonaws.com/1/q'}}}}",
    ],
)
def test_a_secret_that_was_written_into_the_file_is_refused_and_not_repeated(tmp_path: Path, source: str) -> None:
    said = refused(tmp_path, source)

    assert PLANTED not in said
    assert "sources[0]" in said


def test_a_queue_that_the_platform_lacks_is_named_before_anything_is_applied(tmp_path: Path) -> None:
    write_project_folder(tmp_path)
    text = PROJECT.replace("  triggerPolicy:", "  sources: [{name: a, queue: {key: events}}]\n  triggerPolicy:")
    found = parse_project(text, tmp_path / "project.yaml")
    wanted = Wanted(project=found, text=text, path="project.yaml", platform=PLATFORM, actor="ada")

    with pytest.raises(PlatformMismatchError, match="queue 'events' is not among the platform's queues"):
        check(wanted)
