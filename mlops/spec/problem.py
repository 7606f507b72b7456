"""Well-formed, but it cannot be meant: what the checks of a project find."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mlops.spec.document import Spec
from mlops.spec.errors import Finding
from mlops.spec.tree import Where


@dataclass(frozen=True)
class Problem:
    """Something wrong at a place of the project file; `what` says why and what to do."""

    what: str
    where: Where


Found = Iterator[Problem | Finding]
"""Problems of the project file itself, findings in the files that it points at."""


@dataclass(frozen=True)
class Check:
    """A rule on some sections of `spec`.  It runs when these are well-formed, whatever else is wrong with the file.

    `find` gets the specification, in which only the sections of `needs` may be read, and the project file's folder.
    """

    needs: tuple[str, ...]
    find: Callable[[Spec, Path], Found]
