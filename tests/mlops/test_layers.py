"""What import-linter cannot say: the domain knows nothing but the standard library and itself."""

import ast
import sys
from pathlib import Path

import pytest

DOMAIN = Path(__file__).parents[2] / "mlops" / "domain"


@pytest.mark.parametrize("path", sorted(DOMAIN.glob("*.py")), ids=lambda path: path.stem)
def test_the_domain_is_standard_library_only(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    known = {*sys.stdlib_module_names, "mlops"}
    foreign = {name for name in imported if name.split(".")[0] not in known}
    outside = {name for name in imported if name.startswith("mlops") and not name.startswith("mlops.domain")}
    assert foreign | outside == set()
