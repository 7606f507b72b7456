"""Web hooks over real sockets: stored before they are answered; forged, late and huge ones are refused."""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from mlops.domain.messages.event import Outcome
from mlops.domain.messages.signing import sign
from mlops.listening import listen
from mlops.ports import StateError
from mlops.wiring import STATE_FILE
from tests.mlops.rig import PROJECT, Rig

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOOKED = PROJECT.replace(
    "  triggerPolicy:",
    """\
  sources:
    - {name: upstream, webhook: {secret: {file: secret.txt}, tolerance: PT2M}, means: data}
    - {name: drops, folder: {path: drops}}
  triggerPolicy:""",
)
SECRET = "a-planted-value"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    (tmp_path / "secret.txt").write_text(f"{SECRET}\n")
    rig = Rig(folder=tmp_path, text=HOOKED, state=tmp_path / ".mlops" / STATE_FILE)
    rig.settle()
    return rig


@contextmanager
def listening(rig: Rig, said: list[str] | None = None) -> Iterator[str]:
    assert rig.state is not None
    server = listen(rig.state.parent, "system", 0, (said if said is not None else []).append)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def post(url: str, body: bytes, number: str = "1", late: float = 0, secret: str = SECRET) -> tuple[int, Any]:
    headers = sign(secret, number, datetime.now(UTC) - timedelta(seconds=late), body)
    answer = httpx.post(url, content=body, headers=headers, trust_env=False)
    return answer.status_code, answer.json()


def test_a_signed_request_is_stored_once_and_makes_the_loop_look(rig: Rig) -> None:
    body = json.dumps({"subject": "main"}).encode()
    with listening(rig) as url:
        assert post(f"{url}/rain/upstream", body) == (202, {"new": 1, "copies": 0})
        assert post(f"{url}/rain/upstream", body) == (202, {"new": 0, "copies": 1})  # replayed
        assert post(f"{url}/rain/upstream", body, number="2") == (202, {"new": 1, "copies": 0})  # said again
        assert post(f"{url}/rain/upstream", b"nothing of ours", number="3") == (202, {"new": 1, "copies": 0})
    rig.settle()

    kept = rig.store.inbox.kept("rain")
    assert [(each.event.id[:6], each.copies, each.outcome) for each in kept] == [
        ("1", 2, Outcome.STARTED),
        ("2", 1, Outcome.COALESCED),
        ("sha256", 1, Outcome.UNKNOWN),
    ]


def test_what_is_not_meant_for_us_is_refused_in_a_sentence_and_stores_nothing(rig: Rig) -> None:
    with listening(rig) as url:
        hook = f"{url}/rain/upstream"
        answers = [
            post(hook, b"{}", secret="guessed"),
            post(hook, b"{}", late=130),
            post(hook, b"x" * 3_000_000),
            post(f"{url}/rain/drops", b"{}"),
            post(f"{url}/snow/upstream", b"{}"),
            post(f"{url}/rain/upstream/more", b"{}"),
        ]
        unsigned = httpx.post(hook, content=b"{}", trust_env=False)
        read = httpx.get(hook, trust_env=False)
        chunked = httpx.post(hook, content=iter([b"{}"]), trust_env=False)

    assert [(status, said["error"].partition(":")[0].partition(" 13")[0]) for status, said in answers] == [
        (401, "the signature does not fit"),
        (401, "its time is"),
        (413, "larger than 262144 bytes"),
        *[(404, "there is no such web hook")] * 3,
    ]
    assert (unsigned.status_code, read.status_code, chunked.status_code) == (401, 405, 411)
    assert rig.store.inbox.kept("rain") == ()
    assert SECRET not in str(answers)


def test_a_body_of_which_half_comes_is_not_an_event(rig: Rig) -> None:
    with listening(rig) as url, socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as sent:
        sent.sendall(b"POST /rain/upstream HTTP/1.1\r\nContent-Length: 10\r\n\r\n{}")
        sent.shutdown(socket.SHUT_WR)
        assert b" 400 " in sent.recv(1000)


def test_without_the_secret_or_the_store_the_sender_is_asked_to_come_again(rig: Rig, tmp_path: Path) -> None:
    said: list[str] = []
    with listening(rig, said) as url:
        with rig.store._engine.begin() as connection:
            connection.exec_driver_sql(
                "create trigger full before insert on inbox begin select raise(abort, 'disk is full'); end"
            )
        assert post(f"{url}/rain/upstream", b"{}")[0] == 503
        (tmp_path / "secret.txt").unlink()
        assert post(f"{url}/rain/upstream", b"{}") == (503, {"error": "it cannot be stored now: send it again"})

    assert "disk is full" in said[0]
    assert said[1].endswith("secret.txt cannot be read: No such file or directory")
    assert SECRET not in str(said)


def test_a_hook_that_is_applied_while_it_listens_counts_at_once(rig: Rig) -> None:
    with listening(rig) as url:
        assert post(f"{url}/rain/second", b"{}")[0] == 404
        rig.apply(HOOKED.replace("name: upstream", "name: second"))
        assert post(f"{url}/rain/second", b"{}")[0] == 202
        assert post(f"{url}/rain/upstream", b"{}", number="2")[0] == 404


def test_a_port_that_is_taken_is_one_clear_error(rig: Rig) -> None:
    assert rig.state is not None
    with listening(rig) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(StateError, match=f"port {port} of 127.0.0.1 cannot be listened on"):
            listen(rig.state.parent, "system", port, print)
