"""`events`: what was told to the loop, and what became of it."""

import argparse
import sys

from mlops.commands.frame import DONE, TROUBLE, Commands, add, answer, home, opened, say_aside


def add_commands(commands: Commands) -> None:
    """Add them to the command line."""
    group = commands.add_parser("events", help="hints from outside: taken in, and what became of each")
    inner = group.add_subparsers(required=True, metavar="COMMAND")
    listing = add(inner, "list", _list, "list events, oldest first, with their outcome and why")
    listing.add_argument("--last", type=int, default=50, help="only the newest so many (default: 50)")
    listing.add_argument("--unread", action="store_true", help="only what nobody could read, with its text")
    listen = add(inner, "listen", _listen, "take in signed web hooks on this machine's loopback, until interrupted")
    listen.add_argument("--port", type=int, default=8087, help="0 takes a free one (default: 8087)")
    add(inner, "drain", _drain, "take in what waits at the project's sources; `reconcile` does so, too")


def _list(options: argparse.Namespace) -> int:
    from mlops import show  # noqa: PLC0415

    loop = opened(options)
    rows = loop.store.inbox.kept(loop.context.name, options.last)
    rows = tuple(row for row in rows if row.body) if options.unread else rows
    answer(options, rows, show.events(rows, text=options.unread) if options.output == "table" else "")
    return DONE


def _drain(options: argparse.Namespace) -> int:
    done = opened(options, say_aside).drain()
    for trouble in done.trouble:
        say_aside(trouble)
    answer(options, done, f"{done.new} new, {done.copies} that came before")
    return TROUBLE if done.trouble else DONE


def _listen(options: argparse.Namespace) -> int:
    import signal  # noqa: PLC0415

    from mlops.listening import listen  # noqa: PLC0415

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(DONE))  # what was answered is stored; the rest is sent again
    with listen(home(options), options.clock, options.port, say_aside, options.store) as server:
        say_aside(f"listening on http://127.0.0.1:{server.server_port}/PROJECT/SOURCE")
        server.serve_forever()
    return DONE
