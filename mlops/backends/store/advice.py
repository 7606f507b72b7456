"""What to do when the state cannot be read or written."""

from collections.abc import Mapping

_ADVICE: Mapping[str, str] = {
    "disk is full": "free some space there, or choose another folder with --home",
    "disk I/O error": "the disk fails or is full: free some space, or choose another folder with --home",
    "readonly": "it cannot be written: check its owner and mode",
    "unable to open": "it cannot be opened: check the folder, or choose another with --home",
    "locked": "another process holds it: wait, or end that process",
    "not a database": "that is no state file of ours: choose another folder with --home",
}


def said(name: str, cause: str) -> str:
    """One sentence: what failed, where, why and what to do."""
    what = next((advice for key, advice in _ADVICE.items() if key in cause), "nothing was changed outside; try again")
    return f"the state in {name} could not be read or written: {cause}; {what}"
