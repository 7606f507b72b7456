"""Ed25519 keys: from a file that nobody else can read, or from a secret of a Key Vault by identity."""

import base64
import hashlib
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from mlops.ports import OutsideError, RefusedError

_VERSION = "7.4"
_MAKE = "make one with `openssl genpkey -algorithm ed25519`"


@dataclass(frozen=True)
class Key:
    """A private key."""

    private: Ed25519PrivateKey

    @property
    def key(self) -> str:
        """The SHA-256 of its raw public key."""
        raw = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return hashlib.sha256(raw).hexdigest()

    def sign(self, text: str) -> str:
        """A signature, base64."""
        return base64.b64encode(self.private.sign(text.encode())).decode()


@dataclass(frozen=True)
class PublicKey:
    """A public key."""

    public: Ed25519PublicKey

    def verify(self, text: str, signature: str) -> bool:
        """Whether that key signed exactly this."""
        try:
            self.public.verify(base64.b64decode(signature, validate=True), text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


def open_key(place: str, credential: Any = None, transport: Any = None) -> Key:  # noqa: ANN401 - Azure's own
    """A private key: a PEM file, or https://VAULT.vault.azure.net/secrets/NAME that holds one.

    Raises RefusedError: it is no such key; OutsideError: the vault did not answer.
    """
    pem = _secret(place, credential, transport) if place.startswith("https://") else _file(Path(place))
    try:
        found = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise RefusedError(f"{place} holds no private key in PEM without a password: {_MAKE}") from error
    if not isinstance(found, Ed25519PrivateKey):
        raise RefusedError(f"{place} holds a key of another kind, not Ed25519: {_MAKE}")
    return Key(found)


def open_public_key(path: Path) -> PublicKey:
    """A public key: a PEM file.  Raises RefusedError."""
    try:
        found = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise RefusedError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise RefusedError(
            f"{path} holds no public key in PEM: `openssl pkey -in KEY -pubout` makes it of a private one"
        ) from error
    if not isinstance(found, Ed25519PublicKey):
        raise RefusedError(f"{path} holds a key of another kind, not Ed25519")
    return PublicKey(found)


def _file(path: Path) -> bytes:
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise RefusedError(f"others can read the key in {path}: chmod 600 it, and make a new one if they may have")
        return path.read_bytes()
    except OSError as error:
        raise RefusedError(f"the key in {path} cannot be read: {error.strerror}; {_MAKE}") from error


def _secret(url: str, credential: Any, transport: Any) -> bytes:  # noqa: ANN401
    from azure.core import PipelineClient  # noqa: PLC0415 - only where a vault is used
    from azure.core.exceptions import AzureError  # noqa: PLC0415
    from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RetryPolicy  # noqa: PLC0415
    from azure.core.rest import HttpRequest  # noqa: PLC0415

    if credential is None:
        from azure.identity import DefaultAzureCredential  # noqa: PLC0415

        credential = DefaultAzureCredential()
    cloud = (urlsplit(url).hostname or "").partition(".")[2]
    policies = [RetryPolicy(), BearerTokenCredentialPolicy(credential, f"https://{cloud}/.default")]
    try:
        with PipelineClient(url, policies=policies, **({"transport": transport} if transport else {})) as client:
            answer = client.send_request(HttpRequest("GET", url, params={"api-version": _VERSION}))
            answer.raise_for_status()
            return str(answer.json()["value"]).encode()
    except (AzureError, ValueError, KeyError) as error:
        first = next(iter(str(error).splitlines()), "")
        raise OutsideError(
            f"the key in {url} could not be had: {first}; the identity needs to get secrets there"
        ) from error
