"""What can be wrong with the files that a user writes."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing wrong: where, and what is allowed or to be done.  `key` is the place inside that file."""

    file: Path
    line: int | None
    key: str
    what: str

    def __str__(self) -> str:
        """As compilers say it: file:line: key: what."""
        place = str(self.file) if self.line is None else f"{self.file}:{self.line}"
        return ": ".join(part for part in (place, self.key, self.what) if part)


class ProjectFileError(Exception):
    """The project file cannot be used; the message says where and why, a line for each thing wrong."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings


class PlatformFileError(Exception):
    """The stack outputs cannot be used; the message says what is missing."""
