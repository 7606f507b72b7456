"""Reading records about models: one file, or all `*.json` of a folder; each a release or a log of decisions."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from audit.subjects import Source, Subject, UnreadableError
from rules.records import DECISION_LOG, RELEASE
from waivers import near

_SCHEMAS = Path(__file__).resolve().parents[1] / "records"
_FORMS = {
    "aml-kit.records.release/1": (RELEASE, "release.schema.json"),
    "aml-kit.records.log/1": (DECISION_LOG, "log.schema.json"),
}


def read_records(path: Path) -> Source:
    """Read records; their profile is that of the stage they are bound for, if that is one.  Raises UnreadableError."""
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files:
        raise UnreadableError(f"{path} holds no records: a record is a file *.json (policies/records/README.md)")
    contents = {file: _content(file) for file in files}
    records = {file: _record(file, content) for file, content in contents.items()}
    stages = {str(one["subject"]["stage"]["to"]) for one in records.values() if isinstance(one["subject"], Mapping)}
    total = hashlib.sha256(b"".join(hashlib.sha256(one).digest() for one in contents.values()))
    return Source(
        kind="records",
        of=str(path),
        stack=stages.pop() if len(stages) == 1 else "",
        digest=total.hexdigest(),
        subjects=tuple(_subject(file, record) for file, record in records.items()),
    )


def name_of(record: Mapping[str, Any]) -> str:
    """Name what a record is about; a waiver names it so, too."""
    subject = record["subject"]
    if isinstance(subject, str):
        return f"record:log/{subject}"
    model = subject["model"]
    return f"record:release/{model['name']}/{model['version']}/{subject['stage']['to']}"


def _subject(file: Path, record: Mapping[str, Any]) -> Subject:
    kind, _ = _FORMS[record["form"]]
    name = name_of(record)
    return Subject(type=kind, name=name.rsplit("/", 1)[-1], id=name, inputs=record, state=record, source=f"{file}:1")


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UnreadableError(f"{file} cannot be read: {error.strerror}") from error


def _record(file: Path, content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, UnicodeDecodeError) as error:
        raise UnreadableError(f"{file} is no JSON, or was cut off: {error}") from error
    form = found.get("form") if isinstance(found, dict) else None
    if form not in _FORMS:
        raise UnreadableError(
            f"{file} is no record: its `form` is {form!r}{near(str(form), _FORMS)}; known are {', '.join(_FORMS)}"
        )
    problems = sorted(_validator(form).iter_errors(found), key=lambda one: one.json_path)
    if problems:
        told = "\n".join(f"  {one.json_path.removeprefix('$.')}: {_told(one)}" for one in problems)
        raise UnreadableError(f"{file} is no {form}:\n{told}")
    record: dict[str, Any] = found
    return record


def _told(problem: jsonschema.ValidationError) -> str:
    schema: Any = problem.schema
    instance: Any = problem.instance
    if problem.validator == "additionalProperties":
        allowed = tuple(schema["properties"])
        unknown = [key for key in instance if key not in allowed]
        return "; ".join(f"there is no {key!r}{near(key, allowed)}" for key in unknown)
    if problem.validator == "pattern":
        return f"is not written as it should be: {schema.get('description', schema['pattern'])}"
    return problem.message


@cache
def _validator(form: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads((_SCHEMAS / _FORMS[form][1]).read_text()))
