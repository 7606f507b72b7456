"""Azurite's look-ups do not slow down with the number of blobs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from environments.local import install

QUICK = Path(install.__file__).parent / "azurite" / "quick.cjs"

# Looks a blob up as Azurite does, and prints in which order the database applied the conditions and what it found.
LOOK_UP = """
const { createRequire } = require("node:module");
const Loki = createRequire(process.argv[1])("lokijs");
const blobs = new Loki("test").addCollection("blobs", { indices: ["accountName", "containerName", "name"] });
for (const name of ["a", "b", "c"]) blobs.insert({ accountName: "x", containerName: "y", name });
const asked = [];
const find = Loki.Resultset.prototype.find;
Loki.Resultset.prototype.find = function (query, ...rest) {
  if (Object.keys(query).length === 1 && !("$and" in query)) asked.push(Object.keys(query)[0]);
  return find.call(this, query, ...rest);
};
const found = blobs.chain().find({ accountName: "x", containerName: "y", name: "b" }).data().map((blob) => blob.name);
console.log(JSON.stringify({ asked, found }));
"""


def _look_up(program: str, tmp_path: Path, *options: str) -> dict[str, Any]:
    # Beside Azurite's own modules, as its program is, so that the same database is found.
    script = install.azurite().with_name(f"look-up-{tmp_path.name}.js")
    script.write_text(program)
    try:
        done = subprocess.run(["node", *options, script], capture_output=True, text=True, check=True)
    finally:
        script.unlink()
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_a_blob_is_looked_up_by_its_name_first(tmp_path: Path) -> None:
    assert _look_up(LOOK_UP, tmp_path, "--require", str(QUICK)) == {
        "asked": ["name", "accountName", "containerName"],
        "found": ["b"],
    }


LISTING = """
const { createRequire } = require("node:module");
const Loki = createRequire(process.argv[1])("lokijs");
const blobs = new Loki("test").addCollection("blobs", { indices: ["accountName", "containerName", "name"] });
const names = ["a/1", "a/2-x", "a/2", "a.2", "a", "b/1", "12", "5", "Infinity", "in+f/1", "in+f", "inf"];
for (const name of names) blobs.insert({ accountName: "x", containerName: "y", name });
blobs.insert({ accountName: "x", containerName: "z", name: "a/3" });
const ranges = [];
const range = blobs.calculateRange.bind(blobs);
blobs.calculateRange = (operator, property, value) => {
  if (property === "name") ranges.push(value[0]);
  return range(operator, property, value);
};
const escaped = (text) => text.replace(/[-\\/\\\\^$*+?.()|[\\]{}]/g, "\\\\$&");  // as Azurite does
const found = {};
for (const prefix of ["a/", "a/2", "a.", "zz", "in+", "in", "1", "I"]) {
  const query = { name: { $regex: `^${escaped(prefix)}` }, accountName: "x", containerName: "y" };
  found[prefix] = blobs.chain().find(query).data().map((blob) => blob.name).sort();
}
console.log(JSON.stringify({ ranges, found }));
"""
FOUND = {
    "a/": ["a/1", "a/2", "a/2-x"],
    "a/2": ["a/2", "a/2-x"],
    "a.": ["a.2"],
    "zz": [],
    "in+": ["in+f", "in+f/1"],
    "in": ["in+f", "in+f/1", "inf"],
    "1": ["12"],
    "I": ["Infinity"],
}


def test_a_listing_looks_only_at_the_names_that_begin_so(tmp_path: Path) -> None:
    assert _look_up(LISTING, tmp_path, "--require", str(QUICK)) == {
        "ranges": ["a/", "a/2", "a.", "zz", "in+", "in"],
        "found": FOUND,
    }


def test_azurite_alone_lists_by_scanning(tmp_path: Path) -> None:
    """When this fails, Azurite has become quick by itself, and quick.cjs can go."""
    assert _look_up(LISTING, tmp_path) == {"ranges": [], "found": FOUND}


def test_azurite_alone_scans_by_account_first(tmp_path: Path) -> None:
    """When this fails, Azurite has become quick by itself, and quick.cjs can go."""
    assert _look_up(LOOK_UP, tmp_path)["asked"] == ["accountName", "containerName", "name"]
