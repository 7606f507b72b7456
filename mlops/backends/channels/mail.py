"""Mail by SMTP: plain text, the notice's key as its Message-ID."""

import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import format_datetime

from mlops.domain.declared.notification import EmailChannel
from mlops.domain.declared.source import Secret
from mlops.domain.messages.letters import Notice, as_text, title
from mlops.ports import OutsideError

SECONDS = 10


class Mail:
    """A mail server."""

    def __init__(
        self,
        channel: EmailChannel,
        reveal: Callable[[Secret], str],
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        """`trusted`: whose certificates count; none said is what this machine trusts."""
        self._channel, self._reveal, self._trusted = channel, reveal, trusted

    def send(self, notice: Notice) -> None:
        """See Channel.send."""
        channel = self._channel
        password = self._reveal(channel.password) if channel.password else ""
        try:
            with self._server() as server:
                if channel.security == "starttls":
                    server.starttls(context=self._context())
                if channel.user:
                    server.login(channel.user, password)
                refused = server.send_message(letter(channel, notice))
        except smtplib.SMTPResponseException as error:
            raise OutsideError(f"the mail server answers {error.smtp_code} ({type(error).__name__})") from None
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise OutsideError(f"the mail server cannot be used: {type(error).__name__}") from None
        if refused:
            raise OutsideError(f"the mail server refuses {', '.join(sorted(refused))}")

    def _server(self) -> smtplib.SMTP:
        channel = self._channel
        if channel.security == "tls":
            return smtplib.SMTP_SSL(channel.server, channel.port, timeout=SECONDS, context=self._context())
        return smtplib.SMTP(channel.server, channel.port, timeout=SECONDS)

    def _context(self) -> ssl.SSLContext:
        return self._trusted or ssl.create_default_context()


def letter(channel: EmailChannel, notice: Notice) -> EmailMessage:
    """The message; every try has the same id, so that mailboxes can tell."""
    made = EmailMessage()
    made["Subject"] = title(notice)
    made["From"] = channel.sender
    made["To"] = ", ".join(channel.to)
    made["Date"] = format_datetime(notice.decision.at)
    made["Message-ID"] = f"<{notice.key}@aml-kit>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(as_text(notice))
    return made
