"""`notifications`: who was told of what, what still waits, and whether a channel works."""

import argparse

from mlops.commands.frame import DONE, FAILED, Commands, add, answer, opened, say_aside


def add_commands(commands: Commands) -> None:
    """Add them to the command line."""
    group = commands.add_parser("notifications", help="who was told of which decisions, and what waits")
    inner = group.add_subparsers(required=True, metavar="COMMAND")
    listing = add(inner, "list", _list, "list notices, oldest first: told, waiting or given up, and why")
    listing.add_argument("--last", type=int, default=50, help="only the newest so many (default: 50)")
    add(inner, "retry", _retry, "try again at once what waits or was given up; the next pass does")
    test = add(inner, "test", _test, "send a notice of nothing through each channel now")
    test.add_argument("--name", help="only through this one")


def _list(options: argparse.Namespace) -> int:
    from mlops import show  # noqa: PLC0415

    loop = opened(options)
    rows = loop.store.outbox.kept(loop.context.name, options.last)
    answer(options, rows, show.notices(rows) if options.output == "table" else "")
    return DONE


def _retry(options: argparse.Namespace) -> int:
    loop = opened(options)
    count = loop.store.outbox.retry(loop.context.name, loop.context.clock.now())
    answer(options, {"again": count}, f"{count} are tried again")
    return DONE


def _test(options: argparse.Namespace) -> int:
    from mlops.backends.channels import open_channels  # noqa: PLC0415
    from mlops.flows.outbox import sample  # noqa: PLC0415
    from mlops.ports import OutsideError  # noqa: PLC0415

    loop = opened(options)
    channels = open_channels(loop.project())
    if options.name is not None and options.name not in channels:
        say_aside(f"there is no notification {options.name!r}: {', '.join(sorted(channels)) or 'none is declared'}")
        return FAILED
    results: dict[str, str] = {}
    for name in [options.name] if options.name else sorted(channels):
        try:
            channels[name].send(sample(loop.context.name, name, loop.context.clock.now()))
            results[name] = "has it"
        except OutsideError as error:
            results[name] = str(error)
    answer(options, results, "\n".join(f"{name}: {said}" for name, said in results.items()) or "none is declared")
    return DONE if all(said == "has it" for said in results.values()) else FAILED
