"""`init`: a new project from a few questions, or from options alone for scripts; nothing is ever overwritten."""

import argparse
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlops.commands import answers
from mlops.commands.frame import BAD_INPUT, DONE, FAILED, Commands, add, answer

if TYPE_CHECKING:
    from mlops.spec.initial import Answers


Said = dict[str, str]


@dataclass(frozen=True)
class _Question:
    """What is asked, how an answer is checked, and what is taken when nobody says anything; None: somebody must."""

    option: str
    words: str
    check: Callable[[str], str]
    default: Callable[[Said], str | None]


def _always(text: str | None) -> Callable[[Said], str | None]:
    return lambda _: text


QUESTIONS = (
    _Question("name", "the project's name", answers.name, lambda said: said.get("folder")),
    _Question("task", "classification (0 or 1) or regression (a number)", answers.task, _always("classification")),
    _Question("features", "columns that the model sees, with commas between them", answers.columns, _always(None)),
    _Question("label", "column of the truth", answers.column, _always("label")),
    _Question("key", "column that identifies a row", answers.column, _always("id")),
    _Question("time", "column with the event time (ISO 8601)", answers.column, _always("time")),
    _Question("rows-per-day", "about how many rows come in a day", answers.rate, _always("1000")),
    _Question("delay", "labels are known this long after the event (P14D, PT6H)", answers.duration, _always("P1D")),
    _Question(
        "history",
        "registered data of labelled rows from before",
        answers.asset,
        lambda said: f"azureml:{said['name']}-history:1",
    ),
    _Question(
        "labels",
        "folder to which labels come",
        answers.folder,
        lambda said: f"azureml://datastores/workspaceblobstore/paths/{said['name']}/labels",
    ),
    _Question("endpoint", "key of the platform's onlineEndpoints", answers.key, lambda said: said["name"]),
    _Question("compute", "key of the platform's computeClusters", answers.key, _always("cpu")),
    _Question(
        "good-enough",
        "what the first model must reach: roc_auc at least, or the mean absolute error at most",
        answers.number,
        lambda said: "0.6" if said["task"] == "classification" else None,
    ),
    _Question("owner", "who answers for it (may stay empty)", answers.anything, _always("")),
)


def add_commands(commands: Commands) -> None:
    """Add it to the command line."""
    words = "write a new project: a commented project.yaml, a pipeline and a scoring script that run"
    command = add(commands, "init", _init, words)
    command.add_argument("folder", type=Path, nargs="?", default=Path(), help="where (default: here)")
    command.add_argument("--yes", action="store_true", help="ask nothing: what is not said has its default")
    for each in QUESTIONS:
        command.add_argument(f"--{each.option}", dest=f"said_{each.option}", metavar="…", help=each.words)


def _init(options: argparse.Namespace) -> int:
    from mlops.spec.initial import files  # noqa: PLC0415

    asked = not options.yes and sys.stdin.isatty()
    given = {each.option: getattr(options, f"said_{each.option}") for each in QUESTIONS}
    try:
        said = _answered(options.folder, given, _ask if asked else None)
    except ValueError as error:
        print(f"mlops: {error}", file=sys.stderr)
        return BAD_INPUT
    made = files(_answers(said))
    problem = _write(options.folder, made)
    if problem:
        print(f"mlops: {problem}", file=sys.stderr)
        return FAILED
    where = options.folder / "project.yaml"
    lines = [f"wrote {options.folder / name}" for name in made]
    lines += [
        f"next: mlops validate -f {where}",
        f"then: upload the history as {said['history']}, and mlops plan -f {where} --stack STACK",
    ]
    answer(options, {"files": [str(options.folder / name) for name in made]}, "\n".join(lines))
    return DONE


Ask = Callable[[_Question, str | None], str]


def _answered(folder: Path, given: Mapping[str, str | None], ask: Ask | None) -> Said:
    """All answers, each checked; what is missing or wrong is said at once.  Raises ValueError."""
    name = re.sub(r"[^a-z0-9-]+", "-", folder.resolve().name.lower()).strip("-")
    said: Said = {"folder": name} if re.fullmatch(r"[a-z][a-z0-9-]{0,30}", name) else {}
    wrong = []
    for each in QUESTIONS:
        try:
            said[each.option] = _one(each, given[each.option], each.default(said), ask)
        except ValueError as error:
            wrong.append(f"--{each.option}: {error} ({each.words})")
            said[each.option] = "unknown"
    seen = {said[column] for column in ("label", "key", "time")} & set(said["features"].split(","))
    if seen:
        wrong.append(f"--features: {', '.join(sorted(seen))} is what the model must not see, or cannot learn from")
    if wrong:
        raise ValueError("\nmlops: ".join(wrong))
    return said


def _one(question: _Question, given: str | None, default: str | None, ask: Ask | None) -> str:
    if given is not None:
        return question.check(given)
    if ask is not None:
        return ask(question, default)
    if default is None:
        raise ValueError("nobody says it")
    return question.check(default)


def _ask(question: _Question, default: str | None) -> str:
    """Ask until the answer is one.  Raises ValueError when nobody is there any more."""
    shown = f" [{default}]" if default else ""
    while True:
        try:
            text = input(f"{question.words}{shown}: ") or (default or "")
        except EOFError:
            raise ValueError("nobody answers") from None
        try:
            return question.check(text)
        except ValueError as error:
            print(f"  {error}")


def _answers(said: Said) -> "Answers":
    from mlops.domain.project import Task  # noqa: PLC0415
    from mlops.spec.fields import duration  # noqa: PLC0415
    from mlops.spec.initial import Answers  # noqa: PLC0415

    return Answers(
        name=said["name"],
        task=Task(said["task"]),
        key=said["key"],
        time=said["time"],
        features=tuple(said["features"].split(",")),
        label=said["label"],
        history=said["history"],
        labels=said["labels"],
        endpoint=said["endpoint"],
        compute=said["compute"],
        delay=duration(said["delay"]),
        rows_per_day=float(said["rows-per-day"]),
        good_enough=float(said["good-enough"]),
        owner=said["owner"],
    )


def _write(folder: Path, made: Mapping[str, str]) -> str:
    """Write all of it or nothing; what hinders, else an empty text."""
    there = [str(folder / name) for name in made if (folder / name).exists() or (folder / name).is_symlink()]
    if there:
        return f"{', '.join(there)} is there already, and nothing was written: choose another folder"
    written: list[Path] = []
    try:
        for name, text in made.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                written.append(path)
                file.write(text)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        return f"{folder} cannot be written ({error.strerror}); nothing was left there"
    return ""
