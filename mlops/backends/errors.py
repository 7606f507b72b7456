"""Azure's errors in our words: what may help to ask again, and what will be refused again."""

from __future__ import annotations

import io
import json
import threading
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

from azure.core.exceptions import AzureError, HttpResponseError

from mlops.ports import OutsideError, QuotaError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

_AGAIN = frozenset({404, 408, 409, 412, 429})
"""Statuses below 500 after which looking again may help: gone, slow, busy, changed meanwhile, throttled."""
_NEVER_CODES = frozenset({"assetversionimmutable"})
_AGAIN_CODES = frozenset({"operationcanceled", "resourcenotready", "internalservererror"})
_LONGEST = 600


@contextmanager
def said(doing: str) -> Iterator[None]:
    """Turn an error of Azure's SDKs into OutsideError or RefusedError that says what was being done.

    A refusal is what Azure or the SDK's own validation would say again: a bad name, a wrong reference, no right, no
    quota configured.  All else, a lost response included, has an unknown outcome: the next pass looks.

    What the SDK prints meanwhile (dots, colours, where it uploads) is dropped: the output is the command's.
    """
    try:
        with _silence():
            yield
    except AzureError as error:
        kind = (QuotaError if "quota" in code_of(error).lower() else OutsideError) if may_help(error) else RefusedError
        raise kind(f"{doing}: {_message(error)}") from error


@contextmanager
def _silence() -> Iterator[None]:
    """Only in the main thread: standard output belongs to the process, and two threads would not give it back."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        yield


def may_help(error: AzureError) -> bool:
    """Say whether doing the same again can succeed."""
    if is_validation(error):
        return False
    if not isinstance(error, HttpResponseError) or error.status_code is None:
        return True
    code, text = code_of(error).lower(), str(error).lower()
    if code in _NEVER_CODES:
        return False
    if error.status_code in _AGAIN or error.status_code >= 500:  # noqa: PLR2004 - HTTP's server errors
        return True
    # Quota that is not there is a setting; a region that is full is a matter of time.  Both arrive as 400.
    return code in _AGAIN_CODES or ("quota" in code and "capacity" in text)


def code_of(error: AzureError) -> str:
    """Azure's own word for the error; empty when it gave none."""
    inner = getattr(error, "error", None)
    return str(getattr(inner, "code", None) or "")


def is_validation(error: AzureError) -> bool:
    """Say whether the SDK itself refused, before it asked Azure."""
    return type(error).__module__.startswith("azure.ai.ml.exceptions")


def complaints(text: str) -> str:
    """Pick the sentences out of the page of JSON that the SDK makes of a file it cannot use."""
    try:
        found = json.JSONDecoder().raw_decode(text[text.index("{") :])[0]["errors"]
        said_so = "; ".join(f"{one.get('path', '')}: {one.get('message', '')}" for one in found)
    except (ValueError, KeyError, TypeError, AttributeError):
        said_so = text
    return " ".join(said_so.split())[:_LONGEST]


def _message(error: AzureError) -> str:
    """Give the sentence that Azure wrote, without the SDK's frame around it."""
    inner = getattr(error, "error", None)
    text = str(getattr(inner, "message", None) or getattr(error, "message", None) or error).strip()
    code = code_of(error)
    if is_validation(error):
        text = complaints(text)
    said_so = f"{code}: {text}" if code and not text.startswith(f"({code})") else text
    return said_so[:_LONGEST]
