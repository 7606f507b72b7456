"""What the pack costs: beside the bare SDK for one resource, to start, and for a state of thousands of resources."""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from environments.local.install import ROOT, VENV
from tests.policies.case import Other
from tests.policies.judged import CASES
from tests.policies.pack import PACK, Pack, running
from tests.policies.states import PROVIDERS

RESOURCE_MS, START_S, STATE_S = 1.0, 1.0, 10.0
_RUNS, _CALLS, _RESOURCES = 5, 300, 5000

# The SDK's own cost: a pack of one policy that finds nothing.
_BARE = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

PolicyPack(
    name="bare",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[ResourceValidationPolicy(name="nothing", description="finds none", validate=lambda args, say: None)],
)
"""


def main() -> int:
    """Measure and judge.  Returns 0: all bars are kept, 1: one is missed."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bare = Path(folder) / "bare"
        bare.mkdir()
        (bare / "__main__.py").write_text(_BARE)
        (bare / "PulumiPolicy.yaml").write_text("runtime: python\n")
        kept = [_per_resource(bare), _start(bare), _state(Path(folder) / "state.json")]
    return int(not all(kept))


def _per_resource(bare: Path) -> bool:
    resources = _resources(_CALLS)
    times: dict[str, list[float]] = {"ours": [], "bare": []}
    with running(PACK) as ours, running(bare) as floor:
        ours.start("prod")
        for name, pack in [("ours", ours), ("bare", floor)] * _RUNS:
            times[name].append(_took(partial(_asked, pack, resources)) / len(resources) * 1000)
    ours_ms, bare_ms = (
        _told("one resource, pack", times["ours"], "ms"),
        _told("one resource, bare", times["bare"], "ms"),
    )
    more = ours_ms - bare_ms
    print(f"{'':<20} {more:.2f} ms more a resource (bar {RESOURCE_MS:g}); ratio {ours_ms / bare_ms:.1f}")
    return more <= RESOURCE_MS


def _start(bare: Path) -> bool:
    def started(folder: Path) -> None:
        with running(folder):
            pass

    times: dict[str, list[float]] = {"ours": [], "bare": []}
    for name, folder in [("ours", PACK), ("bare", bare)] * _RUNS:
        times[name].append(_took(partial(started, folder)))
    ours, floor = _told("start, pack", times["ours"], "s"), _told("start, bare", times["bare"], "s")
    print(f"{'':<20} {ours:.2f} s (bar {START_S:g}); ratio {ours / floor:.1f}")
    return ours <= START_S


def _state(file: Path) -> bool:
    resources = [
        {
            "urn": one.urn,
            "custom": True,
            "id": f"{PROVIDERS}/Microsoft.Any/anys/{one.name}",
            "type": one.type,
            "inputs": dict(one.props),
            "outputs": dict(one.props),
            "propertyDependencies": {key: list(urns) for key, urns in one.wired.items()},
        }
        for one in _resources(_RESOURCES)
    ]
    file.write_text(
        json.dumps({"version": 3, "deployment": {"manifest": {"version": "v3.0.0"}, "resources": resources}})
    )
    command = [str(VENV / "bin" / "policies"), "check", "--state", str(file), "--profile", "prod", "--output", "json"]
    times = [_took(lambda: subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL)) for _ in range(3)]
    whole = _told(f"{_RESOURCES} in a state", times, "s")
    print(f"{'':<20} {whole:.2f} s (bar {STATE_S:g})")
    return whole <= STATE_S


def _asked(pack: Pack, resources: Sequence[Other]) -> None:
    for one in resources:
        pack.analyze(one)


def _resources(count: int) -> list[Other]:
    """As many as asked, like those of the rules' cases, each under a name of its own."""
    cases = [case for case in CASES if all(isinstance(key, str) for key in case.props)]
    return [
        Other(type=case.type, name=f"one-{number}", props=case.props)
        for number, case in ((number, cases[number % len(cases)]) for number in range(count))
    ]


def _took(what: Callable[[], object]) -> float:
    began = time.monotonic()
    what()
    return time.monotonic() - began


def _told(what: str, times: Sequence[float], unit: str) -> float:
    median = statistics.median(times)
    print(f"{what:<20} median {median:6.2f} {unit}   least {min(times):6.2f}   most {max(times):6.2f}")
    return median


if __name__ == "__main__":
    sys.exit(main())
