"""The pictures of `docs/environments/`, drawn from what the program declares: `make pictures` writes them."""

from pathlib import Path

from infra.picture.grouping import picture
from infra.picture.svg import svg
from infra.picture.values import Picture, Resource
from tests.infra.recorder import Graph
from tests.infra.stacks import ROOT, SCENARIOS, STACKS, document, graph

FOLDER = ROOT / "docs" / "environments"
NAMES = (*STACKS, *SCENARIOS)


def resources(made: Graph) -> tuple[Resource, ...]:
    """What the recorder kept, as the picture takes it."""
    return tuple(
        Resource(
            token=each.token,
            name=each.name,
            urn=each.urn,
            parent=each.parent,
            inputs=each.inputs,
            wired=each.wired,
            protect=each.protect,
        )
        for each in made.resources
    )


def pictured(stack: str) -> Picture:
    """A stack's boxes and lines."""
    return picture(resources(graph(stack)))


def drawn(stack: str) -> str:
    """A stack's picture."""
    kind = "Scenario" if stack in SCENARIOS else "Environment"
    return svg(stack, f"{kind} in {document(stack)['config']['aml-kit:location']}.", pictured(stack))


def path(stack: str) -> Path:
    """Where a stack's picture is kept."""
    return FOLDER / f"{stack}.svg"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in NAMES:
        path(name).write_text(drawn(name))
