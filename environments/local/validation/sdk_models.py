"""What `azure-ai-ml` says about Azure ML's bodies, read from its models' source without importing it.

Importing the models costs two seconds and 100 MB in the server; their source is regular and is read in a third of a
second, once, at the first body of Azure ML.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING

from environments.local.azure_source import Shape
from environments.local.validation import deviations

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOLDER = Path("_restclient") / "arm_ml_service" / "models"
_SCALARS = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "datetime.datetime": "string",
    "datetime.timedelta": "string",
}
_ROOT = "_Model"


_Enums = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One property of a model, by its name on the wire."""

    shape: Shape
    required: bool = False
    read_only: bool = False
    """Azure says it and ignores it when it is sent back."""
    preview: bool = False
    """Known to preview versions only."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """An object; one with a discriminator is told apart further by that property's value."""

    fields: Mapping[str, Field]
    discriminator: str = ""
    subtypes: Mapping[str, str] = field(default_factory=dict)
    """The models by the discriminator's value, in Azure's case; without a name: known to preview versions only."""


@functools.cache
def models() -> Mapping[str, Model]:
    """Read every model by its class's name."""
    folder = _models_folder()
    enums = {each.name: _values(each) for each in _classes(folder / "_enums.py")}
    classes = list(_classes(folder / "_models.py"))
    found: dict[str, Model] = {}
    for each in classes:  # a base stands before what is made of it
        above = found.get(_base(each), Model(fields={}))
        fields = {**_deviating(each.name), **above.fields, **_fields(each, enums)}
        found[each.name] = Model(fields=fields, discriminator=_discriminator(each))
    for name, subtypes in _subtypes(classes).items():
        later = dict.fromkeys(deviations.PREVIEW_SUBTYPES.get(name, ()), "")
        found[name] = replace(found[name], subtypes={**subtypes, **later})
    return found


def _deviating(name: str) -> dict[str, Field]:
    free = Shape(kind="any")
    return {
        **{each: Field(shape=free, preview=True) for each in deviations.PREVIEW_FIELDS.get(name, ())},
        **{each: Field(shape=free, read_only=True) for each in deviations.IGNORED_FIELDS.get(name, ())},
    }


def _models_folder() -> Path:
    found = util.find_spec("azure.ai")  # finds without running the code of azure.ai.ml
    places = list(found.submodule_search_locations or ()) if found else []
    for place in places:
        if (Path(place) / "ml" / _FOLDER).is_dir():
            return Path(place) / "ml" / _FOLDER
    raise FileNotFoundError("azure-ai-ml is not installed as the lock file says: run `make setup`")


def _classes(file: Path) -> Iterator[ast.ClassDef]:
    for each in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(each, ast.ClassDef):
            yield each


def _base(of: ast.ClassDef) -> str:
    return ast.unparse(of.bases[0]) if of.bases else _ROOT


def _values(enum: ast.ClassDef) -> dict[str, str]:
    """The values by the names that the source calls them."""
    found = {each: each for each in deviations.PREVIEW_VALUES.get(enum.name, ())}
    for line in enum.body:
        match line:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(value))):
                found[name] = value
    return found


def _fields(of: ast.ClassDef, enums: _Enums) -> dict[str, Field]:
    found = {}
    for line in of.body:
        match line:
            case ast.AnnAssign(
                target=ast.Name(id=name),
                annotation=annotation,
                value=ast.Call(func=ast.Name(id="rest_field" | "rest_discriminator"), keywords=keywords),
            ):
                said = {each.arg: each.value for each in keywords}
                read_only = ast.literal_eval(said["visibility"]) == ["read"]
                wire = _wire_name(name, said)
                optional = (
                    read_only
                    or _inside(annotation, "Optional") is not None
                    or (of.name, wire) in deviations.NOT_REQUIRED
                )
                found[wire] = Field(shape=_shape(annotation, enums), required=not optional, read_only=read_only)
    return found


def _wire_name(name: str, said: Mapping[str | None, ast.expr]) -> str:
    return str(ast.literal_eval(said["name"])) if "name" in said else name


def _discriminator(of: ast.ClassDef) -> str:
    """The property that a base tells its sub-types by: the one declared as a plain `str`."""
    for line in of.body:
        match line:
            case ast.AnnAssign(
                target=ast.Name(id=name),
                annotation=ast.Name(id="str"),
                value=ast.Call(func=ast.Name(id="rest_discriminator"), keywords=keywords),
            ):
                return _wire_name(name, {each.arg: each.value for each in keywords})
    return ""


def _subtypes(classes: list[ast.ClassDef]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for each in classes:
        for keyword in each.keywords:
            if keyword.arg == "discriminator":
                found.setdefault(_base(each), {})[str(ast.literal_eval(keyword.value))] = each.name
    return found


def _inside(annotation: ast.expr, generic: str) -> ast.expr | None:
    match annotation:
        case ast.Subscript(value=ast.Name(id=name), slice=inner) if name == generic:
            return inner
    return None


def _shape(  # noqa: PLR0911 - one return for each form that the models use
    annotation: ast.expr, enums: _Enums
) -> Shape:
    text = ast.unparse(annotation)
    if text in _SCALARS:
        return Shape(kind=_SCALARS[text])
    match annotation:
        case ast.Constant(value=str(name)):
            name = name.removeprefix("_models.")
            return (
                Shape(kind="string", values=tuple(enums[name].values()))
                if name in enums
                else Shape(kind="object", name=name)
            )
        case ast.Subscript(value=ast.Name(id="Optional"), slice=inner):
            return _shape(inner, enums)
        case ast.Subscript(value=ast.Name(id="Union"), slice=ast.Tuple(elts=[*_, last])):
            return _shape(last, enums)  # a string or an enum: Azure takes the enum's values only
        case ast.Subscript(value=ast.Name(id="Literal"), slice=ast.Attribute(value=ast.Name(id=enum), attr=name)):
            return Shape(kind="string", values=(enums[enum][name],))
        case ast.Subscript(value=ast.Name(id="Literal"), slice=ast.Constant(value=str(only))):
            return Shape(kind="string", values=(only,))
        case ast.Subscript(value=ast.Name(id="list"), slice=inner):
            return Shape(kind="list", of=(_shape(inner, enums),))
        case ast.Subscript(value=ast.Name(id="dict"), slice=ast.Tuple(elts=[_, inner])):
            return Shape(kind="map", of=(_shape(inner, enums),))
    return Shape(kind="any")
