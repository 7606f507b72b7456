"""What is printed of the code is complete: every input, output and cost has a meaning, and a key that exists."""

import ast
from pathlib import Path

from infra.component_reference import FOLDER, component, components, subjects
from infra.costs import COSTS
from infra.outputs import OUTPUTS
from infra.sections.mistakes import section
from infra.settings import Settings


def test_every_input_and_output_of_every_component_says_what_it_means() -> None:
    shapes = [(each.path.stem, shape) for each in components() for shape in (each.itself, *each.takes)]

    assert [(stem, shape.name) for stem, shape in shapes if not shape.doc] == []
    assert [(stem, f.name) for stem, shape in shapes for f in shape.fields if not f.meaning] == []


def test_every_component_is_printed_once_and_makes_something() -> None:
    files = {path.stem for path in FOLDER.glob("[a-z]*.py") if "(pulumi.ComponentResource)" in path.read_text()}
    printed = [each.path.stem for members in subjects().values() for each in members]

    assert sorted(printed) == sorted(files)
    assert [each.path.stem for each in components() if not each.makes] == []
    assert "Not used by the program yet" not in subjects()


def test_a_component_is_read_as_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "thing.py"
    file.write_text(
        "from pulumi_azure_native import storage as st\n"
        "class ThingArgs:\n"
        '    """What a caller decides."""\n'
        "    location: str\n"
        "    size: int | None = None  # in rooms\n"
        "    open: bool = False\n"
        '    """Whether anybody comes in."""\n'
        "class Thing(pulumi.ComponentResource):\n"
        '    """One thing."""\n'
        "    id: Output[str]\n"
        "    def __init__(self):\n"
        "        st.Queue('q', opts=1)\n"
        "        st.QueueArgs(opts_of=1)\n"
    )

    read = component(file)

    assert read is not None
    assert read.makes == ("storage.Queue",)
    assert [(f.name, f.type, f.default, f.meaning) for f in read.takes[0].fields] == [
        ("location", "str", None, "Azure region, by its short name."),
        ("size", "int | None", "None", "In rooms."),
        ("open", "bool", "False", "Whether anybody comes in."),
    ]
    assert [(f.name, f.meaning) for f in read.itself.fields] == [("id", "Its ARM id.")]


def _exists(path: str) -> bool:
    schema = Settings.model_json_schema()
    node = schema
    for step in path.split("."):
        held = section(node, schema["$defs"])
        for option in (held, *held.get("anyOf", ())):
            below = next(iter(option.get("patternProperties", {}).values()), None) if step == "*" else None
            below = below or option.get("properties", {}).get(step)
            if below is not None:
                node = below
                break
        else:
            return False
    return True


def test_every_key_that_costs_is_a_key_of_stack_files() -> None:
    keys = [key for cost in COSTS for key in cost.keys]

    assert [key for key in keys if not _exists(key)] == []
    assert not _exists("network.subnet")


def test_every_output_that_is_printed_is_one_of_the_program() -> None:
    sources = [path.read_text() for path in FOLDER.parent.rglob("*.py") if path.name != "outputs.py"]
    texts = {node.value for text in sources for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)}

    assert set(OUTPUTS) <= texts
