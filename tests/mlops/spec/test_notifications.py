"""Notifications in the project file: who, how, of what; secrets by their place alone."""

from pathlib import Path

import pytest

from mlops.domain.declared.notification import (
    TOLD,
    EmailChannel,
    Notification,
    SlackChannel,
    TeamsChannel,
    WebhookChannel,
)
from mlops.domain.declared.source import Secret
from mlops.spec.errors import ProjectFileError
from mlops.spec.read import parse_project
from tests.fakes.azure import write_project_folder
from tests.mlops.rig import PROJECT

PLANTED = "hunter2-planted"


def project(folder: Path, notifications: str) -> tuple[Notification, ...]:
    write_project_folder(folder)
    text = PROJECT.replace("  triggerPolicy:", f"  notifications: [{notifications}]\n  triggerPolicy:")
    return parse_project(text, folder / "project.yaml").notifications


def test_each_channel_is_read_with_its_defaults(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        "{name: hook, webhook: {url: 'https://example.com/hook', secret: {env: HOOK}}, on: ['*']}, "
        "{name: teams, teams: {urlFrom: {keyVault: 'https://rain.vault.azure.net/secrets/teams'}}}, "
        "{name: slack, slack: {urlFrom: {file: slack.txt}}, on: [champion, endpoint *]}, "
        "{name: mail, email: {to: [ops@example.com], sender: mlops@example.com, server: smtp.example.com}}",
    )

    assert found == (
        Notification(
            name="hook",
            channel=WebhookChannel(url="https://example.com/hook", secret=Secret(env="HOOK")),
            on=("*",),
        ),
        Notification(
            name="teams",
            channel=TeamsChannel(url_from=Secret(key_vault="https://rain.vault.azure.net/secrets/teams")),
            on=TOLD,
        ),
        Notification(
            name="slack",
            channel=SlackChannel(url_from=Secret(file=tmp_path / "slack.txt")),
            on=("champion", "endpoint *"),
        ),
        Notification(
            name="mail",
            channel=EmailChannel(to=("ops@example.com",), sender="mlops@example.com", server="smtp.example.com"),
        ),
    )


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{name: a}", "notification 'a' needs exactly one of webhook, email, teams, slack"),
        ("{name: a, webhok: {url: 'https://a'}}", "unknown key; did you mean 'webhook'?"),
        (
            "{name: a, webhook: {url: 'https://a'}, on: [campion *]}",
            "no decision is about 'campion'; did you mean 'cha",
        ),
        ("{name: a, webhook: {url: 'https://a'}, on: [weather]}", "no decision is about 'weather': project, monitor"),
        ("{name: a, webhook: {}}", "needs exactly one of url and urlFrom"),
        ("{name: a, webhook: {url: 'https://a'}}, {name: a, webhook: {url: 'https://a'}}", "'a' is taken already"),
        ("{name: a, email: {to: [ops], sender: a@b, server: c}}", "'ops' is no mail address"),
        ("{name: a, email: {to: [a@b], sender: a@b, server: c, user: u}}", "user and password come together"),
        (
            "{name: a, email: {to: [a@b], sender: a@b, server: c, user: u, password: {env: P}, security: none}}",
            "a password is not sent in the clear: use security starttls or tls",
        ),
    ],
)
def test_what_cannot_be_meant_is_said_with_what_is_allowed(tmp_path: Path, written: str, said: str) -> None:
    with pytest.raises(ProjectFileError) as found:
        project(tmp_path, written)

    assert said in str(found.value)


@pytest.mark.parametrize(
    "written",
    [
        f"{{name: a, slack: {{urlFrom: 'https://hooks.example.com/{PLANTED}'}}}}",
        f"{{name: a, teams: {{url: 'https://hooks.example.com/{PLANTED}'}}}}",
        f"{{name: a, webhook: {{url: 'https://example.com/?key={PLANTED}'}}}}",
        f"{{name: a, email: {{to: [a@b], sender: a@b, server: c, user: u, password: {PLANTED}}}}}",
    ],
)
def test_a_secret_that_was_written_into_the_file_is_refused_and_not_repeated(tmp_path: Path, written: str) -> None:
    with pytest.raises(ProjectFileError) as found:
        project(tmp_path, written)

    assert PLANTED not in str(found.value)
