"""What is wrong with a conda file: the packages of a runtime."""

from collections.abc import Iterator
from pathlib import Path

from mlops.spec.errors import Finding, ProjectFileError
from mlops.spec.tree import line_of, parse_tree, read_text


def conda_findings(path: Path) -> Iterator[Finding]:
    """What is wrong with a conda file."""
    try:
        tree = parse_tree(read_text(path), path, "a conda file is a mapping with name and dependencies")
    except ProjectFileError as error:
        yield from error.findings
        return
    dependencies = tree.get("dependencies")
    if not isinstance(dependencies, list) or not dependencies:
        what = "names no packages: list them, such as [python=3.11, pip, {pip: [numpy]}]"
        yield Finding(file=path, line=line_of(tree, ("dependencies",)), key="dependencies", what=what)
        return
    for at, each in enumerate(dependencies):
        if not isinstance(each, str) and not (isinstance(each, dict) and list(each) == ["pip"]):
            line, key = line_of(tree, ("dependencies", at)), f"dependencies[{at}]"
            yield Finding(file=path, line=line, key=key, what="is neither a package nor `pip:` with a list of packages")
