"""The command line: every command with its options, a file a subject."""

import argparse

from mlops import measuring
from mlops.commands import (
    events,
    freezing,
    log,
    notifications,
    orders,
    project,
    promotion,
    releases,
    running,
    simulate,
    start,
    why,
)
from mlops.commands.frame import general_options


def parser() -> argparse.ArgumentParser:
    """All commands; the options' `run` is what to call."""
    parser = argparse.ArgumentParser(
        prog="mlops",
        description="Runs one model on Azure ML: monitors, triggers, gates, rollouts.",
        epilog="Exit codes: 0 done; 1 could not be done; 2 wrong usage or file; 3 trouble outside, run again.",
    )
    general_options(parser)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    start.add_commands(commands)
    project.add_commands(commands)
    running.add_commands(commands)
    log.add_commands(commands)
    why.add_commands(commands)
    events.add_commands(commands)
    notifications.add_commands(commands)
    releases.add_commands(commands)
    promotion.add_commands(commands)
    simulate.add_commands(commands)
    orders.add_commands(commands)
    freezing.add_commands(commands)
    measuring.add(commands)
    return parser
