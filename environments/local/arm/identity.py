"""Who asks: principals, and the tokens that prove it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
import uuid
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from environments.local.arm.errors import ArmError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from environments.local.arm.store import Store
    from environments.local.home import Home
    from environments.local.settings import Settings

_FILE = "identity.json"
_FEDERATION = "api://AzureADTokenExchange"
LIFETIME = 24 * 3600
"""Seconds that a token is good for, as with managed identities in Azure."""


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Somebody with an object id in the tenant."""

    object_id: str
    client_id: str
    name: str


def secrets_of(home: Home) -> dict[str, str]:
    """The environment's own secrets, made the first time: `signing`, `client` (the deployer's) and `header`."""
    kept = home.read(_FILE)
    if not kept:
        kept = {
            "signing": secrets.token_hex(32),
            "client": secrets.token_urlsafe(24),
            "header": secrets.token_urlsafe(24),
        }
        home.write(_FILE, kept)
    return kept


class Identities:
    """Issues tokens and reads them back; knows which managed identity a process speaks for."""

    def __init__(self, store: Store, settings: Settings, kept: Mapping[str, str]) -> None:
        self._store = store
        self._settings = settings
        self._signing = kept["signing"].encode()
        self.client_secret: str = kept["client"]
        """The deployer's."""
        self.header: str = kept["header"]
        """The deployer's `IDENTITY_HEADER`: stands for any identity that is named by `client_id`."""

    @property
    def deployer(self) -> Principal:
        """Whoever runs `local-azure run`."""
        return Principal(object_id=self._settings.object_id, client_id=self._settings.client_id, name="local-azure")

    def issue(self, principal: Principal, audience: str, lifetime: int = LIFETIME) -> str:
        """A signed token (JWT) for one audience, such as `https://ml.azure.com`."""
        now = int(time.time())
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{self._settings.tenant}/",
            "iat": now - 60,
            "nbf": now - 60,
            "exp": now + lifetime,
            "appid": principal.client_id,
            "oid": principal.object_id,
            "sub": principal.object_id,
            "tid": self._settings.tenant,
            "idtyp": "app",
            "app_displayname": principal.name,
            "ver": "1.0",
            "uti": str(uuid.uuid4()),
        }
        head = _encode({"typ": "JWT", "alg": "HS256"}) + "." + _encode(claims)
        return f"{head}.{self._sign(head)}"

    def read(self, token: str, audiences: tuple[str, ...]) -> Principal:
        """Whose token it is.  Raises ArmError 401 when it is forged, stale or meant for somebody else."""
        parts = token.split(".")
        if len(parts) != 3 or not hmac.compare_digest(self._sign(".".join(parts[:2])), parts[2]):  # noqa: PLR2004
            raise ArmError(401, "InvalidAuthenticationToken", "The access token is invalid.")
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
        if claims["exp"] < time.time():
            raise ArmError(401, "ExpiredAuthenticationToken", "The access token expired; get a new one.")
        if claims["aud"].rstrip("/") not in audiences:
            raise ArmError(
                401,
                "InvalidAuthenticationTokenAudience",
                f"The access token is for '{claims['aud']}'; the allowed audiences are {', '.join(audiences)}.",
            )
        return Principal(object_id=claims["oid"], client_id=claims["appid"], name=claims["app_displayname"])

    def federated_token(self) -> str:
        """What a CI system would give the deployer for workload identity (the content of its token file)."""
        return self.issue(self.deployer, _FEDERATION)

    def is_own_federation(self, token: str) -> bool:
        """Whether it is such a token of ours."""
        try:
            return self.read(token, (_FEDERATION,)) == self.deployer
        except ArmError:
            return False

    def header_for(self, principal: Principal, process: str) -> str:
        """An `IDENTITY_HEADER` with which one process gets tokens of one principal, and of no other."""
        header = secrets.token_urlsafe(24)
        self._store.put_document("identity headers", header, {**asdict(principal), "process": process})
        return header

    def by_header(self, header: str) -> Principal | None:
        """Whose header it is; None when it is nobody's.  The deployer's own is known to the caller by `header`."""
        found = self._store.document("identity headers", header)
        if found is None:
            return self.deployer if hmac.compare_digest(header, self.header) else None
        return Principal(object_id=found["object_id"], client_id=found["client_id"], name=found["name"])

    def _sign(self, text: str) -> str:
        return _base64(hmac.new(self._signing, text.encode(), hashlib.sha256).digest())


def _encode(value: dict[str, Any]) -> str:
    return _base64(json.dumps(value).encode())


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
