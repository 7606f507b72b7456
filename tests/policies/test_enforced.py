"""`make up` builds nothing that the pack has not seen, whichever stack it is."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("stack", ["local", "dev", "staging", "prod"])
def test_make_up_hands_the_pack_to_pulumi(stack: str) -> None:
    ran = subprocess.run(
        ["make", "--dry-run", "up", f"STACK={stack}"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    built = [line for line in ran.stdout.splitlines() if "pulumi up" in line]
    assert len(built) == 1
    assert f"-s {stack} " in built[0]
    assert built[0].endswith(" --policy-pack policies")
