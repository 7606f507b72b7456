"""What an answer to a question of `init` must look like: given back, or a ValueError says how to write it."""

import re

_HUGE = 1e12


def name(text: str) -> str:
    """A project's name."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", text):
        raise ValueError("lower-case letters, digits and '-', letter first, at most 31")
    return text


def task(text: str) -> str:
    """What the model does."""
    if text not in {"classification", "regression"}:
        raise ValueError("classification (is it so? 0 or 1) or regression (how much?)")
    return text


def columns(text: str) -> str:
    """Columns, each once."""
    names = [name.strip() for name in text.split(",")]
    if not all(names) or len(set(names)) != len(names):
        raise ValueError("names with commas between them, each once: temperature,pressure")
    return ",".join(names)


def column(text: str) -> str:
    """One column."""
    if not text.strip() or "," in text:
        raise ValueError("the name of one column")
    return text.strip()


def asset(text: str) -> str:
    """A version of registered data."""
    if not re.fullmatch(r"azureml:[\w.-]+:[\w.-]+", text):
        raise ValueError("azureml:NAME:VERSION")
    return text


def folder(text: str) -> str:
    """A folder of a datastore."""
    if not re.fullmatch(r"azureml://datastores/[\w-]+/paths/[\w./=-]+", text):
        raise ValueError("azureml://datastores/NAME/paths/FOLDER")
    return text


def key(text: str) -> str:
    """A key of the platform's outputs."""
    if not re.fullmatch(r"[\w.-]+", text):
        raise ValueError("letters, digits, '-', '_' and '.'")
    return text


def duration(text: str) -> str:
    """A duration in ISO 8601."""
    from mlops.spec.fields import duration as parse  # noqa: PLC0415 - pydantic takes a while

    parse(text)
    return text


def rate(text: str) -> str:
    """A number above 0."""
    if not 0 < _number_of(text) < _HUGE:
        raise ValueError("a number above 0")
    return text


def number(text: str) -> str:
    """A number."""
    _number_of(text)
    return text


def _number_of(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        raise ValueError("a number") from None
    if not abs(found) < _HUGE:  # nor infinite, nor NaN
        raise ValueError("a number")
    return found


def anything(text: str) -> str:
    """Whatever it is."""
    return text.strip()
