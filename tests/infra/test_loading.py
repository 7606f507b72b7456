"""What is off costs nothing: modules of the SDK, which take seconds, are loaded for what is built only."""

import json
import subprocess
import sys

from tests.infra.stacks import ROOT

_PROGRAM = """
import json, sys
import infra.environment

def loaded():
    names = (name.split(".") for name in sys.modules if name.startswith("pulumi_azure_native."))
    return sorted({parts[1] for parts in names if parts[-1] == "_inputs"})

def used(graph):
    return sorted({one.token.partition(":")[0] for one in graph.resources})

read = loaded()
from tests.infra.stacks import LEAST, built, graph
print(json.dumps([read, [used(built("dev", LEAST)), loaded()], [used(graph("minimal")), loaded()]]))
"""


def test_the_sdks_modules_are_loaded_for_what_is_built_only() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True)
    after_reading, *after_building = json.loads(done.stdout)

    assert after_reading == []
    for used, loaded in after_building:
        assert [each for each in loaded if each not in used] == []
    least, minimal = (set(loaded) for _, loaded in after_building)
    assert {"network", "containerservice", "app"}.isdisjoint(least)
    assert {"containerservice", "app", "dbforpostgresql", "eventgrid", "privatedns"}.isdisjoint(minimal)
