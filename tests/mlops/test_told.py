"""The whole way through a process as commands open it: a file is dropped, the loop looks, a person is told."""

from __future__ import annotations

import json
import os
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

from mlops.domain.messages.event import Outcome
from mlops.flows import commands
from mlops.keeping import STATE_FILE
from mlops.wiring import open_loop
from tests.mlops.rig import PROJECT, Rig

if TYPE_CHECKING:
    from pathlib import Path

TOLD = """\
    - {name: fresh, when: {labelledRows: 100000}}
  sources:
    - {name: drops, folder: {path: drops}}
    - {name: gone, folder: {path: gone}}
  notifications:
    - {name: ops, webhook: {urlFrom: {file: url.txt}}, on: [project paused]}
  triggerPolicy:"""


def test_a_dropped_file_makes_the_loop_look_and_a_decision_reaches_whom_it_concerns(tmp_path: Path) -> None:
    got: list[dict[str, Any]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    (tmp_path / "url.txt").write_text(f"http://127.0.0.1:{server.server_port}/planted-token")
    text = PROJECT.replace("  triggerPolicy:", TOLD)
    rig = Rig(folder=tmp_path, text=text, state=tmp_path / ".mlops" / STATE_FILE)
    rig.settle()
    (tmp_path / "drops").mkdir()
    (tmp_path / "drops" / "labels.csv").write_text("day,rain\n")
    os.utime(tmp_path / "drops" / "labels.csv", (1, 1))
    loop = open_loop(tmp_path / ".mlops", rig.world.clock, connect=lambda *_: rig.world.backends())

    first = loop.reconcile()
    while loop.reconcile().acted:
        pass
    commands.pause(loop.context, "ada", "a holiday")
    told = loop.reconcile()
    server.shutdown()
    thread.join()
    server.server_close()

    (kept,) = loop.store.inbox.kept("rain")
    assert (kept.event.about, kept.outcome, kept.why) == (
        "labels.csv",
        Outcome.STARTED,
        "what is new in the data is counted",
    )
    (trouble,) = first.trouble  # one source's trouble is not the others'
    assert trouble.startswith("events of gone: ")
    assert (told.did, [(each["what"], each["why"]) for each in got]) == ("told 1 of 1", [("paused", "a holiday")])
    assert "planted-token" not in str(loop.store.outbox.kept("rain"))
