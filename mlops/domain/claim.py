"""Who may work on a project, and for how long: several controllers take turns."""

from dataclasses import dataclass
from datetime import timedelta

LEASE = timedelta(minutes=1)
"""How long a claim holds unless it is renewed: after that its owner is taken for dead."""
LONGEST_WAIT = timedelta(hours=1)
"""A project is looked at this often even when nothing is due, for what nobody told the loop."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right to work on a project until its lease ends.  Who claims it later has a higher fence."""

    project: str
    owner: str  # one name a process start
    fence: int
    nudges: int  # how often others had asked for a look by then
