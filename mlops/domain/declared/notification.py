"""Who is told what, as a project declares it."""

from dataclasses import dataclass

from mlops.domain.declared.source import Secret

TOLD = (
    "approval asked",
    "attempt failed",
    "attempt rejected",
    "attempt rolled back",
    "champion *",
    "endpoint *",
    "project frozen*",
    "project paused",
    "quarantine set aside",
    "rollout held",
    "rollout paused",
    "rollout rolling back",
    "trigger breaker open",
    "trigger budget exhausted",
    "trigger glass broken",
)
"""What is told where the project does not say: what a person may want to act on, and each new champion."""


@dataclass(frozen=True, kw_only=True)
class WebhookChannel:
    """A POST of JSON, signed where there is a secret."""

    url: str | None = None
    url_from: Secret | None = None  # where the address itself is a secret
    secret: Secret | None = None


@dataclass(frozen=True, kw_only=True)
class TeamsChannel:
    """An Adaptive Card to a workflow of Teams; its address is a secret."""

    url_from: Secret


@dataclass(frozen=True, kw_only=True)
class SlackChannel:
    """Blocks to an incoming webhook of Slack; its address is a secret."""

    url_from: Secret


@dataclass(frozen=True, kw_only=True)
class EmailChannel:
    """A message by SMTP."""

    to: tuple[str, ...]
    sender: str
    server: str
    port: int = 587
    security: str = "starttls"  # starttls, tls or none
    user: str | None = None
    password: Secret | None = None


Channel = WebhookChannel | TeamsChannel | SlackChannel | EmailChannel


@dataclass(frozen=True, kw_only=True)
class Notification:
    """Decisions that somebody is told of, and how."""

    name: str
    channel: Channel
    on: tuple[str, ...] = TOLD  # `SUBJECT WHAT`; `*` stands for anything, a subject alone for all of its decisions
