"""What signs the logs, and the store's part of it, in our words."""

from collections.abc import Mapping
from typing import Protocol

from mlops.domain.records.seal import End, Signed


class Signer(Protocol):
    """Who signs seals."""

    @property
    def key(self) -> str:
        """The SHA-256 of its raw public key."""

    def sign(self, text: str) -> str:
        """An Ed25519 signature, base64.  Raises OutsideError."""


class Verifier(Protocol):
    """Who knows the public key."""

    def verify(self, text: str, signature: str) -> bool:
        """Whether that key signed exactly this."""


class Seals(Protocol):
    """The store's memory of seals."""

    def ends(self) -> Mapping[str, End]:
        """Where every project's log ends now."""

    def newest(self) -> Signed | None:
        """The last one."""

    def all(self) -> tuple[Signed, ...]:
        """All, oldest first.  Raises StateError when one cannot be read."""

    def put(self, signed: Signed) -> bool:
        """Store it, unless there is one of that number: another was quicker."""
