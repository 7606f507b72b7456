"""The source of the `pulumi_azure_native` wheel, read as data: one module of it at a time."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_SCALARS = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "Any": "any"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """What a value may be.

    `kind` is one of string, integer, number, boolean, any, list, map, object, union; `of` is what a list or map
    holds, or a union's alternatives; `name` is an object's class in its module; `values` are the only ones that a
    closed enum allows.  An open enum is a plain string to a program; `known` are the values that Azure has for it in
    this api-version.
    """

    kind: str
    of: tuple[Shape, ...] = ()
    name: str = ""
    values: tuple[str, ...] = ()
    known: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Property:
    """One property by its camelCase name; `const` is the value that tells an object from its alternatives."""

    name: str
    shape: Shape
    required: bool
    const: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureType:
    """One resource type: `azure-native:<module>:<name>`."""

    token: str
    api_version: str
    inputs: Mapping[str, Property]
    outputs: Mapping[str, Shape]
    aliases: tuple[str, ...]

    @property
    def module(self) -> str:
        """The wheel's module, such as `machinelearningservices`."""
        return self.token.split(":")[1]

    @property
    def output_only(self) -> frozenset[str]:
        """What only Azure can say."""
        return frozenset(self.outputs) - set(self.inputs)


@dataclass(frozen=True, kw_only=True, slots=True)
class Module:
    """One module's resource types by name, and the objects that inputs and answers are made of."""

    types: Mapping[str, AzureType]
    objects: Mapping[str, Mapping[str, Property]]
    answers: Mapping[str, Mapping[str, Shape]]


def read(folder: Path, name: str) -> Module:
    """Read one module's folder."""
    enums = _enums(folder / "_enums.py")
    objects = {}
    if (folder / "_inputs.py").exists():
        for each in _classes(folder / "_inputs.py"):
            if each.name.endswith("Args"):
                objects[each.name] = _properties(each, enums)
    answers = {}
    if (folder / "outputs.py").exists():
        answers = {each.name: _answered(each, enums) for each in _classes(folder / "outputs.py")}
    types = {}
    for file in sorted(folder.glob("*.py")):
        if not file.name.startswith(("_", "get_", "list_")):
            found = _resource(file, name, enums)
            if found is not None:
                types[found.token.split(":")[2]] = found
    return Module(types=types, objects=objects, answers=answers)


def _classes(file: Path) -> Iterator[ast.ClassDef]:
    for each in ast.parse(file.read_text()).body:
        if isinstance(each, ast.ClassDef):
            yield each


def _enums(file: Path) -> dict[str, tuple[str, ...]]:
    if not file.exists():
        return {}
    return {
        each.name: tuple(
            str(line.value.value)
            for line in each.body
            if isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant)
        )
        for each in _classes(file)
    }


def _resource(file: Path, module_name: str, enums: Mapping[str, tuple[str, ...]]) -> AzureType | None:
    classes = {each.name: each for each in _classes(file)}
    for each in classes.values():
        token = _token(each)
        arguments = classes.get(f"{each.name}Args") or classes.get(f"{each.name}InitArgs")
        if token.startswith(f"azure-native:{module_name}:") and arguments is not None:
            return AzureType(
                token=token,
                api_version=_api_version(each),
                inputs=_properties(arguments, enums),
                outputs=_answered(each, enums),
                aliases=_aliases(each),
            )
    return None


def _token(resource: ast.ClassDef) -> str:
    for decorator in resource.decorator_list:
        match decorator:
            case ast.Call(func=ast.Attribute(attr="type_token"), args=[ast.Constant(value=str(token))]):
                return token
    return ""


def _api_version(resource: ast.ClassDef) -> str:
    for each in resource.body:
        if isinstance(each, ast.FunctionDef) and each.name == "__init__":
            said = re.search(r"Uses Azure REST API version (\S+?)\.(\s|$)", ast.get_docstring(each) or "")
            if said:
                return said[1]
    return ""


def _aliases(resource: ast.ClassDef) -> tuple[str, ...]:
    found = []
    for node in ast.walk(resource):
        match node:
            case ast.keyword(arg="type_", value=ast.Constant(value=str(token))):
                found.append(token)
    return tuple(found)


def _properties(arguments: ast.ClassDef, enums: Mapping[str, tuple[str, ...]]) -> dict[str, Property]:
    """Read an Args class: types and what is required from its constructor, names from its getters."""
    constructor = next(e for e in arguments.body if isinstance(e, ast.FunctionDef) and e.name == "__init__")
    names, consts = _getters(arguments), _consts(constructor)
    found = {}
    for argument, default in zip(constructor.args.kwonlyargs, constructor.args.kw_defaults, strict=True):
        wire = names.get(argument.arg, argument.arg)
        found[wire] = Property(
            name=wire,
            shape=_shape_of(argument.annotation, enums),
            required=default is None,
            const=consts.get(argument.arg, ""),
        )
    return found


def _answered(of: ast.ClassDef, enums: Mapping[str, tuple[str, ...]]) -> dict[str, Shape]:
    """Read what a resource or an answer's object has, by its getters."""
    names = _getters(of)
    return {
        names[each.name]: _shape_of(each.returns, enums)
        for each in of.body
        if isinstance(each, ast.FunctionDef) and each.name in names
    }


def _getters(of: ast.ClassDef) -> dict[str, str]:
    """Map Python names to the names that Pulumi and, mostly, Azure use."""
    found = {}
    for each in of.body:
        if isinstance(each, ast.FunctionDef):
            for decorator in each.decorator_list:
                match decorator:
                    case ast.Attribute(attr="getter"):
                        found[each.name] = each.name
                    case ast.Call(func=ast.Attribute(attr="getter"), keywords=[ast.keyword(value=ast.Constant())] as k):
                        found[each.name] = str(ast.literal_eval(k[0].value))
    return found


def _consts(constructor: ast.FunctionDef) -> dict[str, str]:
    found = {}
    for node in constructor.body:
        match node:
            case ast.Expr(value=ast.Call(args=[_, ast.Constant(value=str(key)), ast.Constant(value=str(value))])):
                found[key] = value
    return found


def _shape_of(  # noqa: PLR0911  # one return for each form that the wheel uses
    annotation: ast.expr | None, enums: Mapping[str, tuple[str, ...]]
) -> Shape:
    match annotation:
        case ast.Attribute(attr=attr) | ast.Name(id=attr) if attr in _SCALARS:
            return Shape(kind=_SCALARS[attr])
        case ast.Constant(value=str(name)):
            name = name.removeprefix("_enums.").removeprefix("outputs.")
            return Shape(kind="string", values=enums[name]) if name in enums else Shape(kind="object", name=name)
        case ast.Subscript(value=ast.Attribute(attr="Input" | "Output") | ast.Name(id="Optional"), slice=inner):
            return _shape_of(inner, enums)
        case ast.Subscript(value=ast.Name(id="Sequence"), slice=inner):
            return Shape(kind="list", of=(_shape_of(inner, enums),))
        case ast.Subscript(value=ast.Name(id="Mapping"), slice=ast.Tuple(elts=[_, inner])):
            return Shape(kind="map", of=(_shape_of(inner, enums),))
        case ast.Subscript(value=ast.Name(id="Union"), slice=ast.Tuple(elts=alternatives)):
            return _union(tuple(_shape_of(each, enums) for each in alternatives))
    return Shape(kind="any")


def _union(alternatives: tuple[Shape, ...]) -> Shape:
    """A union of `str` and an enum is an open enum: any string."""
    if all(each.kind == "string" for each in alternatives):
        return Shape(kind="string", known=tuple(value for each in alternatives for value in each.values))
    return Shape(kind="union", of=alternatives)
