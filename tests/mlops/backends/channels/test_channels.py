"""Channels over real sockets: what arrives, by which key, and that no secret is ever said."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from environments.local import certificates, supervisor
from environments.local.home import Home
from mlops.backends.channels.mail import Mail
from mlops.backends.channels.web import Slack, Teams, Webhook
from mlops.domain.declared.notification import EmailChannel, WebhookChannel
from mlops.domain.declared.source import Secret
from mlops.domain.messages.letters import as_blocks, as_card, as_json
from mlops.domain.messages.signing import check
from mlops.ports import OutsideError
from tests.mlops.domain.test_letters import NOTICE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlops.post import Channel

PLANTED = "hunter2-planted"


@dataclass
class Receiver:
    """A web server that writes down what it is sent."""

    url: str = ""
    status: int = 200
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(found.status)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/services/{PLANTED}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def web(receiver: Receiver) -> dict[str, Channel]:
    def reveal(secret: Secret) -> str:
        return receiver.url if secret.env == "URL" else PLANTED

    url = Secret(env="URL")
    signed = WebhookChannel(url_from=url, secret=Secret(env="SECRET"))
    return {"webhook": Webhook(signed, reveal), "teams": Teams(url, reveal), "slack": Slack(url, reveal)}


def test_each_form_arrives_whole_under_the_notices_key(receiver: Receiver) -> None:
    for channel in web(receiver).values():
        channel.send(NOTICE)

    assert [json.loads(body) for _, _, body in receiver.got] == [as_json(NOTICE), as_card(NOTICE), as_blocks(NOTICE)]
    assert {(path, headers["idempotency-key"]) for path, headers, _ in receiver.got} == {(f"/services/{PLANTED}", "k")}
    _, headers, body = receiver.got[0]
    assert check(PLANTED, headers, body, datetime.now(UTC), timedelta(minutes=1)) == "k"


@pytest.mark.parametrize("name", ["webhook", "teams", "slack"])
@pytest.mark.parametrize("status", [302, 404, 500])
def test_an_answer_that_is_no_yes_is_an_error_that_says_no_address(receiver: Receiver, name: str, status: int) -> None:
    receiver.status = status
    with pytest.raises(OutsideError, match=f"it answers {status}") as found:
        web(receiver)[name].send(NOTICE)

    assert (PLANTED in repr(found.value), found.value.__cause__, len(receiver.got)) == (False, None, 1)


@pytest.mark.parametrize("url", [f"http://127.0.0.1:9/{PLANTED}", f"http://[{PLANTED}", PLANTED, f"ftp://{PLANTED}"])
def test_an_address_that_is_none_or_does_not_answer_is_an_error_that_does_not_repeat_it(url: str) -> None:
    with pytest.raises(OutsideError, match="it cannot be reached: ") as found:
        Slack(Secret(env="URL"), lambda _: url).send(NOTICE)

    assert PLANTED not in repr(found.value)
    assert found.value.__cause__ is None


class Mailbox:
    """What a small SMTP server took in."""

    def __init__(self) -> None:
        self.letters: list[Any] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ANN401, ARG002, N802
        self.letters.append(envelope)
        return self.answer


def authenticated(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:  # noqa: ANN401, ARG001
    return AuthResult(success=data.password == PLANTED.encode(), handled=False)


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[tuple[Mailbox, EmailChannel, ssl.SSLContext]]:
    """A mail server that wants TLS and a password, on a port of its own choice."""
    home = Home(tmp_path)
    certificates.ensure(home)
    own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    own.load_cert_chain(home.path / "tls" / "leaf.pem", home.path / "tls" / "leaf.key")
    box = Mailbox()
    server = Controller(
        box,
        hostname="127.0.0.1",
        port=supervisor.free_port(),
        tls_context=own,
        require_starttls=True,
        authenticator=authenticated,
        auth_required=True,
    )
    server.start()
    channel = EmailChannel(
        to=("ops@example.com", "ada@example.com"),
        sender="mlops@example.com",
        server="localhost",
        port=server.port,
        user="mlops",
        password=Secret(env="PASSWORD"),
    )
    yield box, channel, ssl.create_default_context(cafile=str(home.bundle))
    server.stop()


def test_a_mail_arrives_over_tls_with_the_notices_key_as_its_id(
    mailbox: tuple[Mailbox, EmailChannel, ssl.SSLContext],
) -> None:
    box, channel, trusted = mailbox
    Mail(channel, lambda _: PLANTED, trusted).send(NOTICE)

    (sent,) = box.letters
    text = sent.content.decode()
    assert (sent.mail_from, sent.rcpt_tos) == ("mlops@example.com", ["ops@example.com", "ada@example.com"])
    assert "Subject: rain: champion promoted\r\n" in text
    assert "Message-ID: <k@aml-kit>\r\n" in text
    assert "rain:2 takes over" in text
    assert PLANTED not in text


def test_a_mail_server_that_refuses_is_an_error_without_the_password(
    mailbox: tuple[Mailbox, EmailChannel, ssl.SSLContext],
) -> None:
    box, channel, trusted = mailbox
    cases = {
        "the mail server answers 535": Mail(channel, lambda _: f"wrong {PLANTED}", trusted),
        "the mail server cannot be used: SSLCertVerificationError": Mail(channel, lambda _: PLANTED),
    }
    for said, mail in cases.items():
        with pytest.raises(OutsideError, match=said) as found:
            mail.send(NOTICE)
        assert PLANTED not in repr(found.value)
    box.answer = f"451 try later, {PLANTED}"
    with pytest.raises(OutsideError, match="the mail server answers 451") as found:
        Mail(channel, lambda _: PLANTED, trusted).send(NOTICE)
    assert PLANTED not in repr(found.value)
    nobody = EmailChannel(to=("a@example.com",), sender="b@example.com", server="127.0.0.1", port=9)
    with pytest.raises(OutsideError, match="the mail server cannot be used: ConnectionRefusedError"):
        Mail(nobody, lambda _: PLANTED).send(NOTICE)
