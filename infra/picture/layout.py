"""Where everything stands: panels in three columns, and lines that run only in the lanes between them."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from infra.picture.kinds import Subject
from infra.picture.text import fitted, width, wrapped
from infra.picture.values import Box, Line, Picture

WIDTH = 1060
COLUMNS = ((20, 290), (390, 284), (764, 276))  # left edge and width
TOP = 92
_GAP, _PAD, _HEAD = 18, 10, 28
TITLE, SMALL, _BADGE = 13.0, 11.5, 10.0
_ROW, _PORT, _TRACK = 16, 8, 5


@dataclass(frozen=True, kw_only=True)
class Rect:
    """A rectangle, and what kind of thing it is."""

    kind: str  # "panel", "box" or "badge"
    key: str
    x: float
    y: float
    width: float
    height: float

    def holds(self, other: "Rect") -> bool:
        """Whether the other lies inside."""
        across = self.x <= other.x and other.x + other.width <= self.x + self.width
        return across and self.y <= other.y and other.y + other.height <= self.y + self.height

    def meets(self, other: "Rect") -> bool:
        """Whether the two overlap."""
        apart = self.x + self.width <= other.x or other.x + other.width <= self.x
        return not (apart or self.y + self.height <= other.y or other.y + other.height <= self.y)


@dataclass(frozen=True, kw_only=True)
class Text:
    """One line of text: the left end of its base line, and the box it has to stay in."""

    kind: str  # "head", "title", "name", "row" or "badge"
    text: str
    x: float  # the middle of it for a badge
    y: float
    inside: str
    size: float = SMALL
    dot: int | None = None  # number of the identity's colour, drawn before the text


@dataclass(frozen=True, kw_only=True)
class Path:
    """A line of straight pieces."""

    means: str
    colour: int | None
    points: tuple[tuple[float, float], ...]


@dataclass
class Drawing:
    """All that is drawn."""

    height: float = 0
    rects: list[Rect] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)


def draw(picture: Picture) -> Drawing:
    """Place panels, boxes, texts and lines."""
    return _Layout(picture).drawing


class _Layout:
    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._colours = {key: at for at, key in enumerate(picture.identities)}
        self._rects: dict[str, Rect] = {}
        self._columns: dict[str, int] = {}
        self._row_at: dict[tuple[str, str], float] = {}
        self.drawing = Drawing()
        bottoms = [float(TOP)] * len(COLUMNS)
        for subject, boxes in picture.panels:
            bottoms[subject.column] = self._panel(subject, boxes, bottoms[subject.column])
        self._street = max(bottoms)
        self.drawing.height = self._street + self._lines() + 12

    def _panel(self, subject: Subject, boxes: tuple[Box, ...], top: float) -> float:
        left, wide = COLUMNS[subject.column]
        bottom = top + _HEAD
        for box in boxes:
            bottom = self._box(box, subject, left + _PAD, bottom, wide - 2 * _PAD) + _PAD
        panel = Rect(kind="panel", key=subject.title, x=left, y=top, width=wide, height=bottom - top)
        self.drawing.rects.insert(0, panel)
        self._say("head", subject.title, left + _PAD, top + 19, inside=subject.title, size=SMALL)
        return bottom + _GAP

    def _box(self, box: Box, subject: Subject, left: float, top: float, wide: float) -> float:
        self._columns[box.key] = subject.column
        room = wide - 2 * _PAD
        right = left + wide - _PAD
        for badge in reversed(box.badges):
            long = width(badge, _BADGE) + 10
            right -= long + 4
            tag = Rect(kind=f"badge {badge}", key=box.key, x=right + 4, y=top + 8, width=long, height=16)
            self.drawing.rects.append(tag)
            self._say("badge", badge, tag.x + long / 2, top + 19.5, inside=box.key, size=_BADGE)
        mine = self._colours.get(box.key)
        dot = 14 if mine is not None else 0
        title = fitted(box.title, TITLE, right - left - _PAD - dot)
        self._say("title", title, left + _PAD + dot, top + 20, inside=box.key, size=TITLE, dot=mine)
        y = top + 20
        if box.name:
            y += _ROW
            self._say("name", fitted(box.name, SMALL, room), left + _PAD, y, inside=box.key)
        for row in box.rows:
            colour = self._colours.get(row.runs_as)
            dot = 14 if colour is not None else 0
            self._row_at[box.key, row.key] = y + _ROW - 4
            for text in wrapped(row.text, SMALL, room - 14):
                y += _ROW
                self._say("row", text, left + _PAD + dot, y, inside=box.key, dot=colour)
                dot, colour = 14, None  # what goes on in a second line is set in
        high = max(y + 9 - top, 12 + _PORT * max(self._ends(box.key)))
        rect = Rect(kind="box", key=box.key, x=left, y=top, width=wide, height=high)
        self._rects[box.key] = rect
        self.drawing.rects.insert(0, rect)  # below its badges
        return top + high

    def _ends(self, key: str) -> tuple[int, int]:
        """How many lines touch a box on its left and on its right, at most."""
        found = [line for line in self._picture.lines if line.target == key or (line.source == key and not line.row)]
        return (len(found), len(found))

    def _say(
        self, kind: str, text: str, x: float, y: float, *, inside: str, size: float = SMALL, dot: int | None = None
    ) -> None:
        self.drawing.texts.append(Text(kind=kind, text=text, x=x, y=y, inside=inside, size=size, dot=dot))

    def _lines(self) -> float:
        """Draw all lines; tell how high the street below the columns has to be."""
        routes = [_Route(line=line, lanes=self._lanes(line)) for line in self._picture.lines]
        self._ports(routes)
        streets = [route for route in routes if route.lanes[0] != route.lanes[1]]
        for at, route in enumerate(streets):
            route.street = self._street + at * _TRACK
        for lane in range(len(COLUMNS) - 1):
            self._tracks(lane, routes)
        for route in routes:
            colour = self._colours.get(route.line.source) if route.line.means == "grant" else None
            self.drawing.paths.append(Path(means=route.line.means, colour=colour, points=route.points(self._edges)))
        return len(streets) * _TRACK + _GAP

    def _lanes(self, line: Line) -> tuple[int, int]:
        """Through which lanes a line leaves and arrives: to the right of column 0, to the left of column 2."""
        source, target = self._columns[line.source], self._columns[line.target]
        if source == target:
            lane = 0 if source == 0 else 1
            return lane, lane
        return _lane(source, target), _lane(target, source)

    def _edges(self, key: str, lane: int) -> float:
        rect = self._rects[key]
        return rect.x + rect.width if self._columns[key] <= lane else rect.x

    def _ports(self, routes: list["_Route"]) -> None:
        """Share out each edge of a box among the lines that end there, in the order of where they come from."""
        ends: dict[tuple[str, int], list[tuple[float, _Route, bool]]] = defaultdict(list)
        for route in routes:
            line = route.line
            fixed = self._row_at.get((line.source, line.row)) if line.row else None
            if fixed is not None:
                route.begins = fixed
            else:
                ends[line.source, route.lanes[0]].append((self._middle(line.target), route, True))
            comes_from = self._middle(line.source) if fixed is None else fixed
            ends[line.target, route.lanes[1]].append((comes_from, route, False))
        for (key, _), found in ends.items():
            rect = self._rects[key]
            step = rect.height / (len(found) + 1)
            for at, (_, route, begins) in enumerate(sorted(found, key=lambda each: each[0]), start=1):
                y = rect.y + at * step
                if begins:
                    route.begins = y
                else:
                    route.ends = y

    def _middle(self, key: str) -> float:
        rect = self._rects[key]
        return rect.y + rect.height / 2

    def _tracks(self, lane: int, routes: list["_Route"]) -> None:
        """Give each line its own place across a lane; those that go down leave in the opposite order."""
        both = [(route, at) for route in routes for at in ((0, 1) if route.street else (0,))]
        here = [(route, at) for route, at in both if route.lanes[at] == lane]
        here.sort(key=lambda each: (each[0].down, -each[0].begins if each[0].down else each[0].begins))
        left = COLUMNS[lane][0] + COLUMNS[lane][1]
        step = (COLUMNS[lane + 1][0] - left) / (len(here) + 1)
        for place, (route, at) in enumerate(here, start=1):
            route.tracks[at] = left + place * step


def _lane(source: int, target: int) -> int:
    return min(source, 1) if target > source else source - 1


Edge = Callable[[str, int], float]


@dataclass
class _Route:
    line: Line
    lanes: tuple[int, int]
    begins: float = 0
    ends: float = 0
    street: float = 0
    tracks: dict[int, float] = field(default_factory=dict)

    @property
    def down(self) -> bool:
        return self.ends > self.begins

    def points(self, edge: Edge) -> tuple[tuple[float, float], ...]:
        first = (edge(self.line.source, self.lanes[0]), self.begins)
        last = (edge(self.line.target, self.lanes[1]), self.ends)
        out = self.tracks[0]
        if not self.street:
            return (first, (out, self.begins), (out, self.ends), last)
        back = self.tracks[1]
        return (first, (out, self.begins), (out, self.street), (back, self.street), (back, self.ends), last)
