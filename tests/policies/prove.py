"""Every control of every rule is taken away once: the rule's cases have to notice.

A control is a place where a rule finds something.  Each is replaced in a copy of its module by one that finds nothing;
that module and those that use it are run again, and the cases of their rules judged on plain values.
"""

import ast
import pkgutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from pathlib import Path
from types import CodeType, ModuleType

import rules
from rules.catalogue import catalogue
from rules.finding import PASS, Fail
from rules.rule import InStack, OfType, Rule
from tests.policies.case import Case
from tests.policies.judged import holds

_FRAME = {"rule", "props", "catalogue", "profiles"}
"""Modules that judge nothing themselves; they stay, so that a finding is the same type before and after."""

_FINDERS = ("Fail", "CannotTell", "expect")
_INSTEAD = {**dict.fromkeys(_FINDERS, "found_nothing"), "NotApplicable": "found_something"}


@dataclass(frozen=True)
class Control:
    """One place in a rule that finds something."""

    module: str
    line: int
    what: str
    without: ast.Module

    def __str__(self) -> str:
        return f"policies/rules/{self.module}.py:{self.line}: {self.what}"


class Taken(ast.NodeTransformer):
    """Take one node away, counted from the first."""

    def __init__(self, number: int) -> None:
        self.left = number
        self.found: tuple[int, str] | None = None

    def visit_Call(self, node: ast.Call) -> ast.AST:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in _INSTEAD and self._is_it(node, ast.unparse(node)):
            return ast.copy_location(ast.Name(_INSTEAD[name], ast.Load()), node)
        if name == "worst":
            for place, one in enumerate(node.args):
                if _may_find(one) and self._is_it(one, f"{ast.unparse(one)} of {ast.unparse(node)}"):
                    node.args[place] = ast.copy_location(ast.Name("found_nothing", ast.Load()), one)
                    return node
        return self.generic_visit(node)

    def _is_it(self, node: ast.expr, what: str) -> bool:
        self.left -= 1
        if self.left == -1:
            self.found = (node.lineno, what)
        return self.left == -1


@dataclass(frozen=True)
class Pack:
    """The rules' modules, in an order in which each comes after those that it uses."""

    texts: Mapping[str, str]
    code: Mapping[str, CodeType]
    users: Mapping[str, tuple[str, ...]]

    def controls(self, modules: Sequence[str] = ()) -> Iterator[Control]:
        """Find each control, and the module without it; in all modules, or in these."""
        for name in modules or self.texts:
            number = 0
            while True:
                taken = Taken(number)
                without = taken.visit(ast.parse(self.texts[name]))
                if taken.found is None:
                    break
                yield Control(name, *taken.found, ast.fix_missing_locations(without))
                number += 1

    def rules_without(self, control: Control) -> Sequence[Rule]:
        """Run the changed module and those that use it again, and collect their rules."""
        names = [f"rules.{name}" for name in self.users[control.module]]
        before = {name: sys.modules[name] for name in names}
        try:
            for name in names:
                own = name == f"rules.{control.module}"
                module = sys.modules[name] = ModuleType(name)
                module.__dict__.update(found_nothing=PASS, found_something=Fail(""))
                exec(compile(control.without, name, "exec") if own else self.code[name], module.__dict__)  # noqa: S102
            return [rule for name in names for rule in getattr(sys.modules[name], "RULES", ())]
        finally:
            sys.modules.update(before)


def read() -> Pack:
    """Read the modules as they stand."""
    folder = Path(rules.__file__ or "").parent
    texts = {
        one.name: (folder / f"{one.name}.py").read_text()
        for one in pkgutil.iter_modules(rules.__path__)
        if one.name not in _FRAME
    }
    uses = {name: {used for used in _used(ast.parse(text)) if used in texts} for name, text in texts.items()}
    order = tuple(TopologicalSorter(uses).static_order())
    users = {name: tuple(one for one in order if name in _all_used(one, uses)) for name in texts}
    return Pack(texts, {f"rules.{name}": compile(text, name, "exec") for name, text in texts.items()}, users)


def unproved(cases: Sequence[Case], modules: Sequence[str] = ()) -> Iterator[str]:
    """Tell which controls could be taken away without any of the cases noticing; of all modules, or of some."""
    by_rule: dict[str, list[Case]] = {}
    for case in cases:
        by_rule.setdefault(case.rule, []).append(case)
    for rule in catalogue():
        if all(holds(_disarmed(rule), case) for case in by_rule.get(rule.id, ())):
            yield f"{rule.id}: its whole check"
    pack = read()
    for control in pack.controls(modules):
        changed = pack.rules_without(control)
        if all(holds(rule, case) for rule in changed for case in by_rule.get(rule.id, ())):
            yield str(control)


def _may_find(node: ast.expr) -> bool:
    return not isinstance(node, ast.Starred) and not (isinstance(node, ast.Name) and node.id == "PASS")


def _disarmed(rule: Rule) -> Rule:
    match rule.check:
        case InStack():
            return replace(rule, check=InStack(lambda *_: PASS))
        case OfType():
            return replace(rule, check=OfType(lambda *_: PASS))
    return replace(rule, check=lambda *_: PASS)


def _used(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rules."):
            yield (node.module or "").removeprefix("rules.")


def _all_used(name: str, uses: Mapping[str, set[str]]) -> set[str]:
    return {name}.union(*(_all_used(one, uses) for one in uses[name]))
