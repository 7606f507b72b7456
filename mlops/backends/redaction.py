"""Keeps secrets out of what is written down: those that this process was shown, and what looks like one."""

import re
import threading

HIDDEN = "***"
_SHORTEST = 4
"""Shorter values would hide half of every word; nobody should have such a secret."""
_LIKELY = (
    re.compile(r"(?i)\b(sig|accountkey|sharedaccesskey|password|pwd|client_secret|api[-_]?key)=[^\s&;\"']+"),
    re.compile(r"(?i)\b(?:bearer|basic)\s+[a-z0-9._~+/=-]{8,}"),
    re.compile(r"(?<=://)[^\s/@:\"']+:[^\s/@\"']+(?=@)"),
    re.compile(r"https://hooks\.slack\.com/\S+"),
)
_shown: set[str] = set()
_lock = threading.Lock()


def remember(secret: str) -> None:
    """From now on it is hidden wherever it would be written: the whole, and each of its lines."""
    with _lock:
        _shown.update(part for part in (secret, *secret.splitlines()) if len(part.strip()) >= _SHORTEST)


def hide(text: str) -> str:
    """The text without secrets."""
    with _lock:
        known = sorted(_shown, key=len, reverse=True)
    for secret in known:
        text = text.replace(secret, HIDDEN)
    for pattern in _LIKELY:
        text = pattern.sub(lambda found: f"{found[1]}={HIDDEN}" if found.lastindex else HIDDEN, text)
    return text
