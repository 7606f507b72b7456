"""From the written sources of events and notifications to the domain's, with their paths resolved."""

from pathlib import Path

from mlops.domain.declared import notification as told
from mlops.domain.declared import source as declared
from mlops.domain.declared.trigger import CronCondition
from mlops.spec.document.notification import Notification
from mlops.spec.document.source import Secret, Source


def source_of(part: Source, folder: Path) -> declared.Source:
    """A source in which nothing was found wrong."""
    return declared.Source(
        name=part.name, place=_place(part, folder), means=part.means, hears=part.hears or tuple(declared.Kind)
    )


def secret_of(part: Secret, folder: Path) -> declared.Secret:
    """Where a secret is, a file from the project's folder on."""
    file = (folder / part.file).resolve() if part.file else None
    return declared.Secret(env=part.env, file=file, key_vault=part.key_vault)


def _place(part: Source, folder: Path) -> declared.Place:
    if part.queue is not None:
        return declared.QueueSource(**part.queue.model_dump())
    if part.sqs is not None:
        return declared.SqsSource(**part.sqs.model_dump())
    if part.webhook is not None:
        return declared.WebhookSource(secret=secret_of(part.webhook.secret, folder), tolerance=part.webhook.tolerance)
    if part.folder is not None:
        return declared.FolderSource(path=(folder / part.folder.path).resolve())
    if part.schedule is not None:
        return declared.ScheduleSource(when=CronCondition(**part.schedule.model_dump()))
    raise AssertionError("a checked source has a place")


def notification_of(part: Notification, folder: Path) -> told.Notification:
    """A notification in which nothing was found wrong."""
    return told.Notification(name=part.name, channel=_channel(part, folder), on=part.on)


def _channel(part: Notification, folder: Path) -> told.Channel:
    def secret(written: Secret | None) -> declared.Secret | None:
        return secret_of(written, folder) if written else None

    if part.webhook is not None:
        hook = part.webhook
        return told.WebhookChannel(url=hook.url, url_from=secret(hook.url_from), secret=secret(hook.secret))
    if part.teams is not None:
        return told.TeamsChannel(url_from=secret_of(part.teams.url_from, folder))
    if part.slack is not None:
        return told.SlackChannel(url_from=secret_of(part.slack.url_from, folder))
    if part.email is not None:
        return told.EmailChannel(**{**part.email.model_dump(), "password": secret(part.email.password)})
    raise AssertionError("a checked notification has a channel")
