"""Web hooks to the inbox of a home: which there are is read anew after each apply."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mlops.domain.declared.source import WebhookSource
from mlops.flows.inbox import put
from mlops.ports import StateError, Store
from mlops.post import Message
from mlops.wiring import open_clock, open_store, parsed

if TYPE_CHECKING:
    from mlops.backends.events.listener import Listener


def listen(home: Path, clock: str, port: int, say: Callable[[str], None], url: str = "") -> "Listener":
    """A server that stores what it is sent; it begins with `serve_forever`.  Raises StateError."""
    from mlops.backends.events.listener import Hooks, Listener  # noqa: PLC0415 - only this command needs them
    from mlops.backends.secrets import Secrets  # noqa: PLC0415

    store, time = open_store(home, url=url), open_clock(clock)

    def stored(project: str, source: str, message: Message) -> tuple[int, int]:
        done = put(store, [(project, source)], message, time.now())
        return done.new, done.copies

    hooks = Hooks(
        find=Declared(store).find, reveal=Secrets().reveal, now=lambda: datetime.now(UTC), store=stored, say=say
    )
    try:
        return Listener(port, hooks)
    except (OSError, OverflowError) as error:
        raise StateError(f"port {port} of 127.0.0.1 cannot be listened on: {error}: choose another --port") from error


class Declared:
    """The web hooks that the newest generations declare."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[tuple[str, int], dict[str, WebhookSource]] = {}

    def find(self, project: str, source: str) -> WebhookSource | None:
        """By project and source; None when there is no such web hook."""
        loop = self._store.load(project)
        if loop is None or loop.removed is not None:
            return None
        key = (project, loop.generation)
        if key not in self._known:
            declared = parsed(self._store.applied(project, loop.generation)).sources
            self._known[key] = {each.name: each.place for each in declared if isinstance(each.place, WebhookSource)}
        return self._known[key].get(source)
