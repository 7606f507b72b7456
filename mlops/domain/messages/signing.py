"""Signed requests, as the Standard Webhooks specification 1.0.0 has them, in and out.

HMAC-SHA256 over `ID.TIMESTAMP.BODY`, in Base64 behind `v1,`.  A secret that begins with `whsec_` is Base64, any other
is taken as it is; several, a line each, all count, so that one can be exchanged for another.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_PREFIX = "whsec_"
_LONGEST_ID = 200


class NotSignedError(Exception):
    """The request is not what the sender signed; the message is for the sender and tells nothing of the secret."""


def sign(secret: str, number: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of a request."""
    stamp = str(int(at.timestamp()))
    signed = base64.b64encode(_digest(_keys(secret)[0], number, stamp, body)).decode()
    return {ID: number, TIMESTAMP: stamp, SIGNATURE: f"v1,{signed}"}


def check(secret: str, headers: Mapping[str, str], body: bytes, now: datetime, tolerance: timedelta) -> str:
    """The request's id.  Raises NotSignedError."""
    number, stamp, signatures = (headers.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE))
    if not number or len(number) > _LONGEST_ID or not stamp.isascii() or not stamp.isdigit():
        raise NotSignedError(f"needs the headers {ID}, {TIMESTAMP} (seconds since 1970) and {SIGNATURE}")
    given = [_decoded(each.partition(",")[2]) for each in signatures.split() if each.startswith("v1,")]
    expected = [_digest(key, number, stamp, body) for key in _keys(secret)]
    # All are compared, each in constant time: how long it takes tells nothing of how much fits.
    fits = [hmac.compare_digest(one, other) for one in given for other in expected]
    if not any(fits):
        raise NotSignedError(f"the signature does not fit: v1,Base64(HMAC-SHA256(secret, '{ID}.{TIMESTAMP}.body'))")
    off = abs(now.timestamp() - int(stamp[:15]))
    if off > tolerance.total_seconds():
        allowed = int(tolerance.total_seconds())
        raise NotSignedError(f"its time is {off:.0f} s off, {allowed} s are allowed: sign it anew, or set the clock")
    return number


def _keys(secret: str) -> list[bytes]:
    return [_key(line.strip()) for line in secret.splitlines() if line.strip()]


def _key(text: str) -> bytes:
    if not text.startswith(_PREFIX):
        return text.encode()
    return _decoded(text.removeprefix(_PREFIX)) or text.encode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _digest(key: bytes, number: str, stamp: str, body: bytes) -> bytes:
    return hmac.new(key, f"{number}.{stamp}.".encode() + body, hashlib.sha256).digest()
