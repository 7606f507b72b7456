"""The controller with its backends: all projects of a store, each opened when it is first worked on."""

import os
import secrets
import socket
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from mlops.domain.records.seal import digest_of
from mlops.flows.controller import Controller, Hands, Pace
from mlops.flows.reconcile import Pass
from mlops.flows.sealing import seal
from mlops.flows.watching import Nobody, Watching
from mlops.keeping import must_exist, open_store
from mlops.ports import Clock, Store
from mlops.spec.errors import PlatformFileError, ProjectFileError
from mlops.wiring import Connect, OpenLoop, connect_azure, open_clock
from mlops.witness import Signer

_SEAL = timedelta(hours=1)
_OPEN = 256
"""Projects whose connections stay open between their turns."""


def open_controller(
    home: Path,
    clock: Clock | str,
    workers: int,
    say: Callable[[str, Pass], None],
    *,
    url: str = "",
    connect: Connect = connect_azure,
    watch: Callable[[Store, Clock], Watching] = lambda *_: Nobody(),
    signer: Signer | None = None,
) -> Controller:
    """The controller of all projects of a store; on a file it must be alone (`only_controller`).  Raises StateError.

    `watch` gives who sees the passes; with `signer` the ends of all logs are signed every hour.
    """
    must_exist(home, url)
    store = open_store(home, lambda line: say("", Pass(acted=False, did=line)), url, own_time=clock == "system")
    time = open_clock(clock) if isinstance(clock, str) else clock
    if not url:
        store.free()

    watching = watch(store, time)

    @lru_cache(maxsize=_OPEN)
    def opened(project: str) -> OpenLoop:
        loop = OpenLoop(store, time, project, home, connect)
        loop.watch(watching)
        return loop

    hands = Hands(
        store=store,
        clock=time,
        work=lambda hold: opened(hold.claim.project).step(hold),
        say=say,
        owner=f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(4)}",
        known=(ProjectFileError, PlatformFileError),
        chore=(lambda: _seal(store, time, signer, say)) if signer is not None else None,
    )
    return Controller(hands, workers, Pace() if clock == "system" else Pace(soon=timedelta()))


def _seal(store: Store, clock: Clock, signer: Signer, say: Callable[[str, Pass], None]) -> None:
    made = seal(store.seals, signer, clock.now(), _SEAL)
    if made is not None:  # where the output is kept elsewhere, this line is a witness, too
        digest = digest_of(made.seal)
        say("", Pass(acted=False, did=f"seal {made.seal.number}, {digest}, over {len(made.seal.ends)} logs"))
