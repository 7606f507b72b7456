"""Which resources of a stack could be meant at all, found by id, name and URN: thousands are not asked one by one.

A rule still asks each that is left.  Those whose id or name is not known, or is nothing that can be read, are always
left, so that an answer is never other than without the index.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from rules.props import Absent, Unknown, WrongTypeError
from rules.stack import Resource, Stack

Named = Callable[[Resource], str | Absent | Unknown]


@dataclass(frozen=True)
class Index:
    """Resources of some types in the order of the stack, and where each id, name and URN stands among them."""

    all: tuple[Resource, ...]
    standing: Mapping[tuple[str, str], tuple[int, ...]]

    def picked(self, *keys: tuple[str, str]) -> tuple[Resource, ...]:
        """Pick what stands under any of the keys, in order, and what could stand under any."""
        found = {number for key in (*keys, _ANY_KEY) for number in self.standing.get(key, ())}
        return tuple(self.all[number] for number in sorted(found))


_ANY_KEY = ("any", "")


def index(stack: Stack, named: Named, *types: str) -> Index:
    """Index the resources of these types; ``named`` tells what Azure calls one."""
    every = stack.of(*types)
    standing: dict[tuple[str, str], list[int]] = {}
    for number, one in enumerate(every):
        for key in _keys(one, named):
            standing.setdefault(key, []).append(number)
    return Index(every, {key: tuple(numbers) for key, numbers in standing.items()})


def meant(resource: Resource, path: str, among: Index) -> tuple[Resource, ...]:
    """Pick those that the text at a path may mean."""
    key = path.split(".", 1)[0]
    wired = resource.wired.get(key, ())
    try:
        said = resource.props.text(path)
        if isinstance(said, Absent) and not wired:
            own = resource.props.text("id")
            return among.picked(*_above(own)) if isinstance(own, str) else among.picked()
    except WrongTypeError:
        return among.all  # whoever asks is told, as without the index
    if isinstance(said, str):
        return among.picked(_id(said), ("name", said.lower().rstrip("/").rpartition("/")[2]))
    return among.picked(*(("urn", urn) for urn in wired)) if wired else among.all


def _keys(one: Resource, named: Named) -> Iterator[tuple[str, str]]:
    yield "urn", one.urn
    try:
        whole, name = one.props.text("id"), named(one)
    except WrongTypeError:
        yield _ANY_KEY
        return
    if isinstance(whole, str):
        yield _id(whole)
    if isinstance(name, str):
        yield "name", name.lower()
    if isinstance(name, Unknown):
        yield _ANY_KEY


def _id(said: str) -> tuple[str, str]:
    return "id", f"/{said.strip('/')}/".lower()


def _above(said: str) -> Iterator[tuple[str, str]]:
    """All ids that lie above one, and itself."""
    _, whole = _id(said)
    return (("id", whole[: end + 1]) for end, letter in enumerate(whole) if end and letter == "/")
