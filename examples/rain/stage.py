"""The demo's folder: what it keeps between two runs, so that it goes on where it was."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from examples.rain.plan import Plan

_EXAMPLE = Path(__file__).parent
_COPIED = ("project.yaml", "pipeline.yml", "smoke.jsonl", "components", "environment", "score")

GOES_ON = "Nothing is lost: the same command goes on from here."


class DemoError(Exception):
    """The demo cannot go on; the text says why and what to do."""


@dataclass(frozen=True)
class Stage:
    """Paths of one demo."""

    folder: Path
    home: Path | None  # of the local environment; None: its own default

    @property
    def project(self) -> Path:
        """A copy of the example, as a user would have it; the demo's bug is committed to this one."""
        return self.folder / "project"

    @property
    def loop(self) -> Path:
        """The state of the loop, its `--home`."""
        return self.folder / "mlops"

    @property
    def outputs(self) -> Path:
        """What the platform told."""
        return self.folder / "outputs.json"

    @property
    def cursor(self) -> Path:
        """How far the replay has come."""
        return self.folder / "cursor.json"

    @property
    def log(self) -> Path:
        """What the programs said that the demo started."""
        return self.folder / "demo.log"

    @property
    def report(self) -> Path:
        """The report at the end."""
        return self.folder / "report.html"

    def remember(self, plan: Plan) -> None:
        """Prepare the folder, or find it as it was left.

        Raises:
            ValueError: the folder holds a replay of another number of years.
        """
        kept = self.folder / "plan.json"
        if kept.exists():
            years = json.loads(kept.read_text(encoding="utf-8"))["years"]
            if years != plan.years:
                raise ValueError(
                    f"{self.folder} holds a replay of {years} years; go on with that, or begin with --fresh"
                )
            return
        shutil.rmtree(self.project, ignore_errors=True)  # half a copy, if an earlier run was ended in it
        self.project.mkdir(parents=True)
        for name in _COPIED:
            if (_EXAMPLE / name).is_dir():
                shutil.copytree(_EXAMPLE / name, self.project / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(_EXAMPLE / name, self.project / name)
        kept.write_text(json.dumps({"years": plan.years}), encoding="utf-8")

    def clear(self) -> None:
        """Forget everything."""
        if self.folder.exists() and not (self.folder / "plan.json").exists() and any(self.folder.iterdir()):
            raise ValueError(f"{self.folder} holds other things than a demo; it is left alone")
        shutil.rmtree(self.folder, ignore_errors=True)
