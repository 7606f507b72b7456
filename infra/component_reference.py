"""What each component takes and gives, read from its source: names, types, defaults and what the comments say."""

import ast
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from io import StringIO
from pathlib import Path

FOLDER = Path(__file__).with_name("components")
_PROGRAM = (Path(__file__).with_name("foundation.py"), *sorted(Path(__file__).with_name("parts").glob("[a-z]*.py")))

# What these mean wherever they stand; a comment beside a field says more, and is preferred.
EVERYWHERE = {
    "resource_group_name": "The resource group it is made in.",
    "location": "Azure region, by its short name.",
    "name": "What it is called in Azure.",
    "tags": "Tags of all that it makes.",
    "after": "What has to stand first; a component does not hand its own `depends_on` down to its children.",
    "protect": "Whether Pulumi refuses to delete it.",
    "public": "Whether it answers to the internet.",
    "id": "Its ARM id.",
    "workspace_name": "The workspace it belongs to.",
    "workspace_id": "The workspace's ARM id.",
    "identity_id": "The user-assigned identity that it works as.",
    "vm_size": "Azure's name of the machine size.",
    "tenant_id": "The Entra tenant whose people and programs it knows.",
    "scope": "The ARM id of what it is about.",
    "description": "What it is for, in words.",
    "sku": "Azure's name of the tier, which decides price and abilities.",
    "retention_days": "How long what is written is kept.",
    "soft_delete_days": "How long what was deleted can be had back.",
    "purge_protection": "Whether it must outlive that time once deleted; Azure never takes this back.",
    "logs_name": "What the Log Analytics workspace is called.",
    "logs_id": "The ARM id of Log Analytics.",
    "insights_name": "What Application Insights is called.",
    "insights_id": "The ARM id of Application Insights.",
    "storage_account_id": "Where uploads and outputs are kept.",
    "key_vault_id": "Where secrets of connections are kept.",
    "application_insights_id": "Where telemetry goes.",
    "container_registry_id": "Where images are kept.",
    "isolation_mode": "What jobs and deployments may reach.",
    "firewall_sku": "The managed network's firewall, paid for once a host name is approved.",
    "image_build_compute": "The cluster that builds images; none is the registry's own tasks.",
    "serverless_public_addresses": "Whether machines for jobs that name no cluster have addresses on the internet.",
    "high_business_impact": "Whether Azure keeps less of what it sees of the workspace.",
    "serverless_subnet_id": "The subnet of machines for jobs that name no cluster.",
    "hosts": "Host names that jobs and deployments may reach.",
    "guid": "Azure's own id of the workspace, which its containers are named by.",
    "resource": "The Azure resource itself, for others to wait for.",
    "resources": "The Azure resources themselves, for others to wait for.",
}


@dataclass(frozen=True, kw_only=True)
class Field:
    """One input or output."""

    name: str
    type: str
    default: str | None
    meaning: str


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One class of a component's file: what callers fill in, or the component with what it gives."""

    name: str
    doc: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, kw_only=True)
class Component:
    """One file of `components/`."""

    path: Path
    itself: Shape
    takes: tuple[Shape, ...]
    makes: tuple[str, ...]


@cache
def components() -> tuple[Component, ...]:
    """Read all components."""
    found = (component(path) for path in sorted(FOLDER.glob("[a-z]*.py")))
    return tuple(each for each in found if each is not None)


def component(path: Path) -> Component | None:
    """Read one file; None where it holds no component."""
    source = path.read_text()
    tree = ast.parse(source)
    remarks = _remarks(source)
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    itself = [each for each in classes if "ComponentResource" in "".join(map(ast.unparse, each.bases))]
    if not itself:
        return None
    return Component(
        path=path,
        itself=_shape(itself[0], remarks),
        takes=tuple(_shape(each, remarks) for each in reversed(classes) if each not in itself and each.name[0] != "_"),
        makes=tuple(sorted(_made(tree))),
    )


def subjects() -> Mapping[str, tuple[Component, ...]]:
    """Sort the components by the file of the program that uses them first, under what that file says of itself."""
    left = {each.path.stem: each for each in components()}
    found: dict[str, tuple[Component, ...]] = {}
    for path in _PROGRAM:
        source = path.read_text()
        used = [stem for stem, each in left.items() if re.search(rf"\b{each.itself.name}Args\b", source)]
        if used:
            heading = (ast.get_docstring(ast.parse(source)) or path.stem).splitlines()[0]
            found[heading.rstrip(".")] = tuple(left.pop(stem) for stem in used)
    return found | ({"Not used by the program yet": tuple(left.values())} if left else {})


def tables() -> str:
    """Print all components by subject."""
    text = ""
    for heading, members in subjects().items():
        names = " · ".join(f"[`{each.itself.name}`](#{each.itself.name.lower()})" for each in members)
        text += f"- {heading}: {names}\n"
    for heading, members in subjects().items():
        text += f"\n## {heading}\n" + "".join(_printed(each) for each in members)
    return text


def _printed(each: Component) -> str:
    made = ", ".join(f"`{token}`" for token in each.makes)
    text = f"\n### {each.itself.name}\n\n{each.itself.doc} Makes {made}. [`{each.path.name}`]({each.path.name})\n"
    for shape in each.takes:
        head = "" if shape.name == f"{each.itself.name}Args" else f"\n`{shape.name}`: {shape.doc}\n"
        text += f"{head}\n| input | type | default | meaning |\n| --- | --- | --- | --- |\n"
        text += "".join(_row(field, default=True) for field in shape.fields)
    if each.itself.fields:
        text += "\n| output | type | meaning |\n| --- | --- | --- |\n"
        text += "".join(_row(field, default=False) for field in each.itself.fields)
    return text


def _row(field: Field, *, default: bool) -> str:
    cells = [f"`{field.name}`", f"`{field.type}`".replace("|", "\\|")]
    if default:
        cells.append("required" if field.default is None else f"`{field.default}`")
    return f"| {' | '.join((*cells, field.meaning))} |\n"


def _shape(node: ast.ClassDef, remarks: Mapping[int, str]) -> Shape:
    doc = (ast.get_docstring(node) or "").split("\n\n", maxsplit=1)[0].replace("\n", " ").replace("  ", " ")
    return Shape(name=node.name, doc=doc, fields=tuple(_fields(node, remarks)))


def _fields(node: ast.ClassDef, remarks: Mapping[int, str]) -> Iterator[Field]:
    for at, line in enumerate(node.body):
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            following = node.body[at + 1] if at + 1 < len(node.body) else None
            said = remarks.get(line.end_lineno or line.lineno) or _docstring(following)
            name = line.target.id
            yield Field(
                name=name,
                type=ast.unparse(line.annotation),
                default=None if line.value is None else _default(line.value),
                meaning=_sentence(said) or EVERYWHERE.get(name, ""),
            )


def _default(value: ast.expr) -> str:
    match value:
        case ast.Call(func=ast.Name(id="field"), keywords=[ast.keyword(value=ast.Name(id="dict"))]):
            return "{}"
    return ast.unparse(value).replace("'", '"')


def _docstring(node: ast.stmt | None) -> str:
    match node:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return " ".join(text.split())
    return ""


def _sentence(text: str) -> str:
    return text and text[0].upper() + text[1:].rstrip(".") + "."


def _remarks(source: str) -> Mapping[int, str]:
    """Comments that stand behind code, by their line."""
    tokens = tokenize.generate_tokens(StringIO(source).readline)
    comments = [token for token in tokens if token.type == tokenize.COMMENT]
    return {
        token.start[0]: token.string.removeprefix("#").strip()
        for token in comments
        if token.line.split("#", maxsplit=1)[0].strip() and "noqa" not in token.string
    }


def _made(tree: ast.Module) -> Iterator[str]:
    """Which Azure resources a file declares: calls of what it imports from the provider's SDK that take options."""
    named = {
        alias.asname or alias.name: alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "pulumi_azure_native"
        for alias in node.names
    }
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr=name), keywords=keywords) if (
                module in named and any(keyword.arg == "opts" for keyword in keywords)
            ):
                found.add(f"{named[module]}.{name}")
    yield from found
