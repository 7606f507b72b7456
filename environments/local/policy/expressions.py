"""The template language of policies: what stands between square brackets, read and worked out; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+)|(?P<name>[A-Za-z_]\w*)|(?P<mark>[()\[\],.]))")
_WORDS = {"true": True, "false": False, "null": None}


class ExpressionError(Exception):
    """A text between square brackets that cannot be read or worked out."""


@dataclass(frozen=True)
class Literal:
    """A value that stands there as it is."""

    value: Any


@dataclass(frozen=True)
class Call:
    """A function and what it is given."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class At:
    """A property or an element of what another node gives."""

    of: Node
    key: Node


Node = Literal | Call | At


def is_expression(value: object) -> bool:
    """Whether a value is to be worked out; `[[` is how a text begins that only looks so."""
    return isinstance(value, str) and value.startswith("[") and value.endswith("]") and not value.startswith("[[")


def parse(text: str) -> Node:
    """Read an expression, brackets included.  Raises ExpressionError."""
    tokens = list(_tokens(text[1:-1]))
    node, rest = _node(tokens)
    if rest:
        raise ExpressionError(f"'{text}': {rest[0][1]!r} is not expected there")
    return node


def functions(node: Node) -> Iterator[Call]:
    """Every call in it, from the outermost."""
    match node:
        case Call():
            yield node
            for each in node.arguments:
                yield from functions(each)
        case At():
            yield from functions(node.of)
            yield from functions(node.key)


def evaluate(value: Any, given: Mapping[str, Callable[..., Any]]) -> Any:  # noqa: ANN401
    """A value as it is, or what its expression gives; `given` are the functions that depend on the request."""
    if isinstance(value, str):
        if is_expression(value):
            return _evaluated(parse(value), given)
        return value[1:] if value.startswith("[[") else value
    if isinstance(value, list):
        return [evaluate(each, given) for each in value]
    if isinstance(value, dict):
        return {key: evaluate(each, given) for key, each in value.items()}
    return value


def _evaluated(node: Node, given: Mapping[str, Callable[..., Any]]) -> Any:  # noqa: ANN401
    match node:
        case Literal(value):
            return value
        case At(of, key):
            return _at(_evaluated(of, given), _evaluated(key, given))
        case Call(name, arguments):
            if name.lower() == "if" and len(arguments) == 3:  # noqa: PLR2004 - and only one branch is worked out
                return _evaluated(arguments[1 if _evaluated(arguments[0], given) else 2], given)
            found = given.get(name.lower()) or PLAIN.get(name.lower())
            if found is None:
                raise ExpressionError(f"there is no function '{name}'")
            try:
                return found(*(_evaluated(each, given) for each in arguments))
            except (TypeError, ValueError, IndexError, AttributeError) as error:
                raise ExpressionError(f"'{name}' cannot be worked out: {error}") from error


def _at(of: Any, key: Any) -> Any:  # noqa: ANN401
    if isinstance(of, dict):
        return next((value for name, value in of.items() if name.lower() == str(key).lower()), None)
    if isinstance(of, list) and isinstance(key, int) and -1 < key < len(of):
        return of[key]
    return None


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            raise ExpressionError(f"'[{text}]' cannot be read from '{text[at:]}'")
        kind = str(found.lastgroup)
        yield kind, found[kind]
        at = found.end()


def _node(tokens: Sequence[tuple[str, str]]) -> tuple[Node, Sequence[tuple[str, str]]]:
    if not tokens:
        raise ExpressionError("an expression ends too early")
    (kind, text), rest = tokens[0], tokens[1:]
    node: Node
    if kind == "text":
        node = Literal(text[1:-1].replace("''", "'"))
    elif kind == "number":
        node = Literal(int(text))
    elif kind == "name" and rest and rest[0][1] == "(":
        arguments, rest = _arguments(rest[1:])
        node = Call(text, arguments)
    elif kind == "name" and text.lower() in _WORDS:
        node = Literal(_WORDS[text.lower()])
    else:
        raise ExpressionError(f"{text!r} is no function, text or number")
    return _followed(node, rest)


def _followed(node: Node, rest: Sequence[tuple[str, str]]) -> tuple[Node, Sequence[tuple[str, str]]]:
    while rest and rest[0][1] in {".", "["}:
        if rest[0][1] == "." and len(rest) > 1 and rest[1][0] == "name":
            node, rest = At(node, Literal(rest[1][1])), rest[2:]
            continue
        key, rest = _node(rest[1:])
        if not rest or rest[0][1] != "]":
            raise ExpressionError("an index needs its closing bracket")
        node, rest = At(node, key), rest[1:]
    return node, rest


def _arguments(tokens: Sequence[tuple[str, str]]) -> tuple[tuple[Node, ...], Sequence[tuple[str, str]]]:
    found: list[Node] = []
    while tokens and tokens[0][1] != ")":
        node, tokens = _node(tokens)
        found.append(node)
        if tokens and tokens[0][1] == ",":
            tokens = tokens[1:]
        elif not tokens or tokens[0][1] != ")":
            raise ExpressionError("a call needs its closing parenthesis")
    if not tokens:
        raise ExpressionError("a call needs its closing parenthesis")
    return tuple(found), tokens[1:]


def _contains(of: Any, what: Any) -> bool:  # noqa: ANN401
    if isinstance(of, str):
        return str(what) in of
    return what in (of or ())


def _concat(*parts: Any) -> Any:  # noqa: ANN401
    if parts and all(isinstance(each, list) for each in parts):
        return [each for part in parts for each in part]
    return "".join("" if each is None else str(each) for each in parts)


PLAIN: Mapping[str, Callable[..., Any]] = {
    "and": lambda *each: all(each),
    "concat": _concat,
    "contains": _contains,
    "createarray": lambda *each: list(each),
    "empty": lambda of: of is None or len(of) == 0,
    "endswith": lambda of, end: str(of).lower().endswith(str(end).lower()),
    "equals": lambda a, b: a == b,
    "first": lambda of: of[0] if of else None,
    "greater": lambda a, b: a > b,
    "greaterorequals": lambda a, b: a >= b,
    "if": lambda *_: None,  # worked out where one branch only is looked at
    "int": int,
    "last": lambda of: of[-1] if of else None,
    "length": lambda of: len(of or ()),
    "less": lambda a, b: a < b,
    "lessorequals": lambda a, b: a <= b,
    "not": lambda of: not of,
    "or": lambda *each: any(each),
    "replace": lambda of, old, new: of.replace(old, new),
    "split": lambda of, by: (of or "").split(by),
    "startswith": lambda of, start: str(of).lower().startswith(str(start).lower()),
    "string": str,
    "tolower": lambda of: (of or "").lower(),
    "toupper": lambda of: (of or "").upper(),
    "trim": lambda of: (of or "").strip(),
}
"""Functions whose answer depends on what they are given, and on nothing else."""

OF_THE_REQUEST = ("current", "field", "parameters", "requestcontext", "resourcegroup", "subscription")
"""Functions that need to know the resource, the assignment or the request."""
