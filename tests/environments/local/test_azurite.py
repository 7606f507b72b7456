"""Azurite's look-ups do not slow down with the number of blobs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

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


def _look_up(tmp_path: Path, *options: str) -> dict[str, list[str]]:
    # Beside Azurite's own modules, as its program is, so that the same database is found.
    script = install.azurite().with_name(f"look-up-{tmp_path.name}.js")
    script.write_text(LOOK_UP)
    try:
        done = subprocess.run(["node", *options, script], capture_output=True, text=True, check=True)
    finally:
        script.unlink()
    answer: dict[str, list[str]] = json.loads(done.stdout)
    return answer


def test_a_blob_is_looked_up_by_its_name_first(tmp_path: Path) -> None:
    assert _look_up(tmp_path, "--require", str(QUICK)) == {
        "asked": ["name", "accountName", "containerName"],
        "found": ["b"],
    }


def test_azurite_alone_scans_by_account_first(tmp_path: Path) -> None:
    """When this fails, Azurite has become quick by itself, and quick.cjs can go."""
    assert _look_up(tmp_path)["asked"] == ["accountName", "containerName", "name"]
