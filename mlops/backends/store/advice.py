"""What to do when the state cannot be read or written."""

from collections.abc import Mapping

_ADVICE: Mapping[str, str] = {
    "disk is full": "free some space there, or choose another folder with --home",
    "disk I/O error": "the disk fails or is full: free some space, or choose another folder with --home",
    "readonly": "it cannot be written: check its owner and mode",
    "unable to open": "it cannot be opened: check the folder, or choose another with --home",
    "locked": "another process holds it: wait, or end that process",
    "Connection refused": "the server does not answer: see that it runs and can be reached from here",
    "connection to server": "the server does not answer as it should: see that it runs and lets this role in",
    "server closed the connection": "the server went away; what was not saved was not done, try again",
    "terminating connection": "the server went away; what was not saved was not done, try again",
    "No space left": "the server's disk is full: free some space there",
    "permission denied": "the role may not do that: grant it the database",
    "not a database": "that is no state file of ours: choose another folder with --home",
}


def said(name: str, cause: str) -> str:
    """One sentence: what failed, where, why and what to do."""
    cause = next(iter(cause.splitlines()), "no reason was given")
    what = next((advice for key, advice in _ADVICE.items() if key in cause), "nothing was changed outside; try again")
    return f"the state in {name} could not be read or written: {cause}; {what}"


def unreadable(name: str, cause: str) -> str:
    """One sentence about a row whose value this program does not know; nothing is done on what is not understood."""
    return f"{name} holds a row that cannot be read ({cause}): use the mlops that wrote it, which may be newer"
