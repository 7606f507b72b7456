"""Keys of the notifications."""

import difflib
import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from mlops.domain.declared.notification import TOLD
from mlops.domain.records.decision import Subject
from mlops.spec.document.part import Part
from mlops.spec.document.source import Address, Secret
from mlops.spec.fields import Name, Said


def _pattern(text: str) -> str:
    """`champion promoted`, `rollout *`, `endpoint`, `*`."""
    subject = text.partition(" ")[0]
    known = [each.value for each in Subject]
    if subject not in {*known, "*"}:
        near = difflib.get_close_matches(subject, known, n=1)
        guess = f"; did you mean {near[0]!r}?" if near else ":"
        raise ValueError(f"no decision is about {subject!r}{guess} {', '.join(known)}, or * for all")
    return text


def _mail(text: str) -> str:
    if not re.fullmatch(r"[^@\s,<>\x00-\x1f]+@[^@\s,<>\x00-\x1f]+", text):
        raise ValueError(f"{text!r} is no mail address")
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]
MailAddress = Annotated[str, AfterValidator(_mail)]


class Webhook(Part):
    """A POST of JSON."""

    url: Address | None = Field(default=None, description="the address …")
    url_from: Secret | None = Field(default=None, description="… or where it is, when the address itself is a secret")
    secret: Secret | None = Field(default=None, description="what requests are signed with; none: they are not")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.url is None) == (self.url_from is None):
            raise ValueError("needs exactly one of url and urlFrom")
        return self


class Teams(Part):
    """An Adaptive Card to a workflow of Teams."""

    url_from: Secret = Field(description="where the workflow's address is")


class Slack(Part):
    """Blocks to an incoming webhook of Slack."""

    url_from: Secret = Field(description="where the webhook's address is")


class Email(Part):
    """A message by SMTP."""

    to: tuple[MailAddress, ...] = Field(min_length=1, description="who")
    sender: MailAddress = Field(description="from whom")
    server: Said = Field(description="the mail server's name")
    port: int = Field(default=587, ge=1, le=65535, description="its port")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="`starttls`, `tls`, or `none`: in the clear, without a password"
    )
    user: Said | None = Field(default=None, description="who signs in; none: nobody")
    password: Secret | None = Field(default=None, description="where the password is")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password come together")
        if self.password is not None and self.security == "none":
            raise ValueError("a password is not sent in the clear: use security starttls or tls")
        return self


CHANNELS = ("webhook", "email", "teams", "slack")


class Notification(Part):
    """Decisions that somebody is told of, at least once each."""

    name: Name = Field(description="the notification's name")
    webhook: Webhook | None = Field(default=None, description="a POST of JSON")
    email: Email | None = Field(default=None, description="a message by SMTP")
    teams: Teams | None = Field(default=None, description="a card in Teams")
    slack: Slack | None = Field(default=None, description="blocks in Slack")
    on: tuple[Pattern, ...] = Field(
        default=TOLD, min_length=1, description="of which decisions: `SUBJECT WHAT` as `decisions list` shows them"
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(getattr(self, channel) is not None for channel in CHANNELS) != 1:
            raise ValueError(f"notification {self.name!r} needs exactly one of {', '.join(CHANNELS)}")
        return self
