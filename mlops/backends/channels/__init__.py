"""Ways to tell somebody: a web hook, mail, Teams, Slack.  Secrets are found when needed, and never repeated."""

from collections.abc import Mapping

from mlops.backends.channels.mail import Mail
from mlops.backends.channels.web import Slack, Teams, Webhook
from mlops.backends.secrets import Secrets
from mlops.domain.declared.notification import EmailChannel, Notification, SlackChannel, TeamsChannel, WebhookChannel
from mlops.domain.project import Project
from mlops.post import Channel


def open_channels(project: Project) -> Mapping[str, Channel]:
    """The project's notifications by name; nothing is contacted yet."""
    secrets = Secrets()
    return {each.name: _opened(each, secrets) for each in project.notifications}


def _opened(notification: Notification, secrets: Secrets) -> Channel:
    match notification.channel:
        case WebhookChannel() as hook:
            return Webhook(hook, secrets.reveal)
        case TeamsChannel() as teams:
            return Teams(teams.url_from, secrets.reveal)
        case SlackChannel() as slack:
            return Slack(slack.url_from, secrets.reveal)
        case EmailChannel() as mail:
            return Mail(mail, secrets.reveal)
