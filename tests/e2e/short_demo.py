"""The demo, cut to half a year: the same code, a plan of its own, and a project that trains often and is content soon.

Run within `local-azure run`: python -m tests.e2e.short_demo FOLDER HOME
"""

import csv
import io
import json
import sys
from datetime import date
from pathlib import Path

from azure.ai.ml import MLClient
from azure.identity import DefaultAzureCredential
from azure.storage.blob import ContainerClient
from rich.console import Console

from examples.rain.performance import perform
from examples.rain.plan import Plan
from examples.rain.stage import Stage
from examples.rain.weather import SensorFault
from examples.rain.workplace import Outputs

PLAN = Plan(
    years=0,
    start=date(1976, 5, 1),
    end=date(1976, 11, 15),
    fault=SensorFault(start=date(1976, 5, 10), end=date(1976, 6, 14)),
    bug=date(1976, 7, 20),
)
# What is tested is that the loop works as told, not that these numbers are wise.
_CHANGED = {
    "- name: routine\n      when: {every: P1092D}": "- name: routine\n      when: {every: P42D}",
    "cooldown: P42D": "cooldown: P1D",
    "minDelta: 0,": "minDelta: -1,",
    "{shadow: {percent: 50, for: P14D, minSamples: 5": "{shadow: {percent: 50, for: P7D, minSamples: 2",
    "{setWeight: 10, for: P14D, minSamples: 2": "{setWeight: 30, for: P7D, minSamples: 1",
    "for: P14D, minSamples: 14": "for: P7D, minSamples: 3",
}


def main(folder: Path, home: Path) -> int:
    """Play, or go on."""
    stage = Stage(folder, home)
    stage.remember(PLAN)
    file = stage.project / "project.yaml"
    text = file.read_text()
    for old, new in _CHANGED.items():
        assert old in text or new in text, old
        text = text.replace(old, new)
    file.write_text(text)
    code = perform(stage, PLAN, Console(file=sys.stdout, soft_wrap=True))
    (folder / "keys.json").write_text(json.dumps(_keys(stage)))
    return code


def _keys(stage: Stage) -> dict[str, list[str]]:
    """The days in each registered training set, train and hold-out, as Azure ML has them."""
    outputs = Outputs.read(stage.outputs)
    credential = DefaultAzureCredential()
    client = MLClient(credential, outputs.subscription, outputs.resource_group, outputs.workspace)
    host = f"https://{outputs.account}.blob.core.windows.net"
    container = ContainerClient(host, outputs.container, credential=credential)
    found = {}
    for asset in client.data.list("rain-training"):
        folder = str(asset.path).partition("/paths/")[2].rstrip("/")
        texts = [container.download_blob(f"{folder}/{part}.csv").readall() for part in ("train", "holdout")]
        lines = [line for text in texts for line in csv.DictReader(io.StringIO(text.decode()))]
        found[str(asset.version)] = [line["day"] for line in lines]
    return found


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
