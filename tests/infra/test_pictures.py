"""Pictures and costs of each stack: drawn and told from what the program declares, so that neither can go stale."""

import re
from collections import Counter
from itertools import combinations, pairwise

import pytest

from infra.component_reference import components
from infra.costs import COSTS
from infra.outputs import OUTPUTS
from infra.picture.grouping import picture
from infra.picture.kinds import KINDS, Subject
from infra.picture.layout import COLUMNS, Drawing, Rect, Text, draw
from infra.picture.text import fitted, width, wrapped
from infra.picture.values import Picture
from infra.preflight import stack as stack_file
from tests.infra.pictures import NAMES, drawn, path, pictured, resources
from tests.infra.stacks import graph

_ELSEWHERE = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/elsewhere/providers"
# What no stack file switches on is drawn and told by this one.
LAVISH = {
    "outbound": {"private": [{"resource": f"{_ELSEWHERE}/Microsoft.Sql/servers/sales", "part": "sqlServer"}]},
    "computeClusters": {"cpu": {"vmSize": "Standard_DS3_v2", "maxNodes": 2, "minNodes": 1}},
    "fixedModels": {
        "rain": {"deployments": {"blue": {"model": "rain:3", "instanceType": "Standard_DS3_v2", "instances": 3}}}
    },
    "kubernetes": {
        "pools": {"cpu": {"vmSize": "Standard_DS3_v2", "maxNodes": 2, "minNodes": 1}},
        "instanceTypes": {"small": {"cpu": "2", "memory": "8Gi"}},
        "computes": {"team": {"defaultInstanceType": "small"}},
    },
}


def _texts_stay_inside(text: Text, rect: Rect) -> bool:
    long = width(text.text, text.size)
    left = text.x - long / 2 if text.kind == "badge" else text.x
    across = rect.x <= left and left + long <= rect.x + rect.width
    return across and rect.y <= text.y - text.size * 0.75 and text.y + text.size * 0.25 <= rect.y + rect.height


def _problems(picture: Picture, drawing: Drawing) -> list[str]:
    boxes = [rect for rect in drawing.rects if rect.kind == "box"]
    panels = [rect for rect in drawing.rects if rect.kind == "panel"]
    rects = {rect.key: rect for rect in (*boxes, *panels)}
    tags = [rect for rect in drawing.rects if rect.kind.startswith("badge")]
    found = [f"{one.key} meets {other.key}" for one, other in combinations(boxes, 2) if one.meets(other)]
    found += [f"{one.key} meets {other.key}" for one, other in combinations(panels, 2) if one.meets(other)]
    found += [f"{box.key} is in no panel" for box in boxes if not any(panel.holds(box) for panel in panels)]
    found += [f"{t.text!r} leaves {t.inside}" for t in drawing.texts if not _texts_stay_inside(t, rects[t.inside])]
    found += [f"{text.text!r} runs into a badge" for text in drawing.texts for tag in tags if _runs_into(text, tag)]
    found += [f"{box.key} is not drawn" for box in picture.boxes if box.key not in rects]
    return found


def _runs_into(text: Text, tag: Rect) -> bool:
    on_its_line = text.kind == "title" and text.inside == tag.key
    return on_its_line and text.x + width(text.text, text.size) > tag.x


def _crossings(drawing: Drawing) -> list[str]:
    """Lines that run through a box: they may touch the edges of the two they join, and nothing else."""
    boxes = [rect for rect in drawing.rects if rect.kind == "box"]
    pieces = [piece for path in drawing.paths for piece in pairwise(path.points)]
    return [f"{piece} runs through {box.key}" for piece in pieces for box in boxes if _runs_through(piece, box)]


def _runs_through(piece: tuple[tuple[float, float], tuple[float, float]], box: Rect) -> bool:
    (x1, y1), (x2, y2) = piece
    across = min(x1, x2) < box.x + box.width and max(x1, x2) > box.x
    return across and min(y1, y2) < box.y + box.height and max(y1, y2) > box.y


@pytest.mark.parametrize("stack", NAMES)
def test_every_picture_is_the_one_that_the_program_would_draw_today(stack: str) -> None:
    assert path(stack).read_text() == drawn(stack), "run: make pictures"


@pytest.mark.parametrize("stack", NAMES)
def test_every_resource_is_drawn_or_counted_exactly_once(stack: str) -> None:
    counted = Counter(urn for box in pictured(stack).boxes for urn in box.stands_for)

    assert counted == dict.fromkeys((one.urn for one in graph(stack).resources), 1)


@pytest.mark.parametrize("stack", NAMES)
def test_nothing_overlaps_and_all_text_stays_in_its_box(stack: str) -> None:
    drawing = draw(pictured(stack))

    assert _problems(pictured(stack), drawing) == []
    assert _crossings(drawing) == []


def test_a_picture_is_the_same_each_time_and_in_any_order() -> None:
    made = resources(graph("private"))

    assert picture(made) == picture(tuple(reversed(made)))


def test_lines_say_what_the_program_wires() -> None:
    lines = {(line.source, line.target, line.means) for line in pictured("private").lines}

    assert {
        ("workspace", "storage", "uses"),
        ("workspace", "vault", "uses"),
        ("workspace", "images", "uses"),
        ("network:PrivateEndpoint", "vault", "private"),
        ("network:PrivateEndpoint", "workspace", "private"),
        ("workspace-identity", "storage", "grant"),
        ("controller-identity", "endpoint-identity", "grant"),
        ("machinelearningservices:Compute", "workspace", "uses"),
    } <= lines


def test_every_grant_of_an_environment_is_a_line_or_says_where_it_leads() -> None:
    made = [each for each in graph("private").resources if each.token == "authorization:RoleAssignment"]
    identities = [box for box in pictured("private").boxes if any("RoleAssignment" in urn for urn in box.stands_for)]

    assert sum("RoleAssignment" in urn for box in identities for urn in box.stands_for) == len(made)
    assert {box.key for box in identities} <= {line.source for line in pictured("private").lines}


def test_every_type_that_a_component_makes_has_its_place_on_the_picture() -> None:
    made = {token.replace(".", ":") for each in components() for token in each.makes}

    assert made - set(KINDS) == set()
    assert {kind.subject for kind in KINDS.values()} == set(Subject) - {Subject.OTHER}


def test_a_picture_tells_screen_readers_what_it_shows_and_follows_the_page_into_the_dark() -> None:
    text = path("prod").read_text()

    assert re.search(r"<title id=\"t\">prod: .+</title>", text)
    assert "ML workspace mlw-amlkit-prod" in text.partition("<desc")[2].partition("</desc>")[0]
    assert "prefers-color-scheme:dark" in text


def test_columns_leave_room_for_lines() -> None:
    assert all(left + wide + 60 <= following for (left, wide), (following, _) in pairwise(COLUMNS))


def test_text_that_is_too_long_is_broken_between_words_or_ends_in_dots() -> None:
    assert wrapped("one two three", 10, width("one two", 10)) == ["one two", "three"]
    assert fitted("abcdefgh", 10, width("abcd…", 10)) == "abcd…"
    assert fitted("abcd", 10, width("abcd", 10)) == "abcd"


@pytest.mark.parametrize("stack", NAMES)
def test_every_output_of_a_stack_has_a_meaning(stack: str) -> None:
    assert set(graph(stack).outputs) - set(OUTPUTS) == set()


@pytest.mark.parametrize("stack", NAMES)
def test_what_costs_is_told_where_its_resources_are_and_nowhere_else(stack: str) -> None:
    settings = stack_file.read(stack_file.load(stack_file.find(stack)))
    made = graph(stack).resources

    told = {cost.what for cost in COSTS if cost.on(settings)}

    assert told == {cost.what for cost in COSTS if any(cost.shows(one.token, one.inputs) for one in made)}


def test_every_row_of_the_costs_shows_in_some_environment() -> None:
    made = [one for stack in NAMES for one in graph(stack).resources] + graph("local", **LAVISH).resources

    assert [cost.what for cost in COSTS if not any(cost.shows(one.token, one.inputs) for one in made)] == []
