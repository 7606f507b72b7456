"""Reading what Pulumi writes: an exported state (`pulumi stack export`) or a preview (`pulumi preview --json`)."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from audit.subjects import UNKNOWN, Kind, Source, Subject, UnreadableError
from rules.subscription import Subscription, in_id, of_provider, of_stack

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET, _OUTPUT = "1b47061264138c4ac30d75fd1eb44270", "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_HIDDEN = "[secret]"
"""What a preview shows instead of a secret."""

_PROVIDER = "pulumi:providers:"
_VERSIONS = (3, 4)
_GONE = frozenset(
    {"delete", "delete-replaced", "discard", "read-discard", "discard-replaced", "remove-pending-replace"}
)
_SEALED = (b"age-encryption.org/", b"-----BEGIN ", b"Salted__", b"\x85\x01", b"\x85\x02", b"$ANSIBLE_VAULT")
_EXPORT = "export it anew: pulumi stack export --file FILE"


def read_state(path: Path) -> Source:
    """Read an exported state.  Raises UnreadableError."""
    document, digest = _document(path, _EXPORT)
    if "steps" in document and "deployment" not in document:
        raise UnreadableError(f"{path} is a preview, not a state; use --preview")
    _refuse_other_tools(path, document)
    deployment = document.get("deployment")
    if deployment is None and isinstance(document.get("checkpoint"), Mapping):
        deployment = document["checkpoint"].get("latest") or {"manifest": {}}
    if not isinstance(deployment, Mapping) or not deployment.keys() & {"manifest", "resources"}:
        raise UnreadableError(f"{path} is no state of a Pulumi stack: it has no `deployment`; {_EXPORT}")
    if document.get("version") not in _VERSIONS:
        raise UnreadableError(
            f"{path} has version {document.get('version')!r} of the state's form, and 3 and 4 are known; {_EXPORT}"
        )
    return _source("state", path, digest, _objects(path, deployment.get("resources") or [], "resources"), {})


def read_preview(path: Path) -> Source:
    """Read what `pulumi preview --json` printed.  Raises UnreadableError."""
    again = "make it anew: pulumi preview --json --show-sames > FILE"
    document, digest = _document(path, again)
    if "deployment" in document or "checkpoint" in document:
        raise UnreadableError(f"{path} is a state, not a preview; use --state")
    _refuse_other_tools(path, document)
    if "steps" not in document and "changeSummary" not in document:
        raise UnreadableError(f"{path} is no preview of Pulumi: it has no `steps`; {again}")
    steps = _objects(path, document.get("steps") or [], "steps")
    kept = [step for step in steps if step.get("op") == "same"]
    same = document.get("changeSummary") or {}
    left_out = int(same.get("same", 0) if isinstance(same, Mapping) else 0) - len(kept)
    if left_out > 0:
        raise UnreadableError(
            f"{path} leaves out {left_out} resources that stay the same, and rules look at those, too; {again}"
        )
    wanted = {
        str(step.get("urn")): _foreseen(step)
        for step in steps
        if step.get("op") not in _GONE and isinstance(step.get("newState"), dict)
    }
    return _source("preview", path, digest, list(wanted.values()), _raw(document.get("config")))


def _source(kind: Kind, path: Path, digest: str, resources: list[dict[str, Any]], config: Mapping[str, Any]) -> Source:
    home = _home(resources, of_stack(config))
    subjects = tuple(_subject(one, home) for one in resources if _is_deployed(one))
    urns = [subject.urn.split(":") for subject in subjects]
    stack = urns[0][2] if urns and urns[0][:2] == ["urn", "pulumi"] else ""
    return Source(kind=kind, of=str(path), stack=stack, digest=digest, subjects=subjects)


def _foreseen(step: dict[str, Any]) -> dict[str, Any]:
    """What a step leads to; a preview does not repeat what Azure answered before, such as names and ids."""
    old, new = step.get("oldState"), step["newState"]
    if not isinstance(old, dict) or step.get("op") not in ("same", "update"):
        return dict(new)
    answered = {**_raw(old.get("outputs")), **_raw(new.get("inputs")), **_raw(new.get("outputs"))}
    return {**new, "outputs": answered, "id": new.get("id") or old.get("id")}


def _raw(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _is_deployed(resource: Mapping[str, Any]) -> bool:
    provider = str(resource.get("type", "")).startswith("pulumi:")
    return bool(resource.get("custom")) and not resource.get("delete") and not provider


def _home(resources: Iterable[Mapping[str, Any]], stack: str) -> Callable[[Mapping[str, Any]], Subscription]:
    """Make the function that tells what a resource is deployed to: its id, else its provider, else the stack."""
    providers = {
        str(one.get("urn")): of_provider(_object(one.get("inputs")), stack)
        for one in resources
        if str(one.get("type", "")).startswith(_PROVIDER)
    }

    def home(resource: Mapping[str, Any]) -> Subscription:
        provider = str(resource.get("provider") or "").rpartition("::")[0]
        return in_id(resource.get("id")) or providers.get(provider, stack)

    return home


def _subject(resource: Mapping[str, Any], home: Callable[[Mapping[str, Any]], Subscription]) -> Subject:
    inputs = _object(resource.get("inputs"))
    outputs = _object(resource.get("outputs"))
    urn = str(resource.get("urn", ""))
    return Subject(
        type=str(resource.get("type", "")),
        name=urn.rsplit("::", 1)[-1],
        urn=urn,
        id=str(resource.get("id") or ""),
        inputs=inputs,
        # Azure's answer leaves out what only stood in the address.
        state={**inputs, **outputs, **({"id": resource["id"]} if resource.get("id") else {})},
        wired=_wired(resource.get("propertyDependencies")),
        protect=bool(resource.get("protect")),
        judged=not resource.get("external"),
        source=_line(str(resource.get("sourcePosition") or "")),
        subscription=home(resource),
    )


def _object(value: object) -> dict[str, Any]:
    return {str(key): _plain(one) for key, one in value.items()} if isinstance(value, Mapping) else {}


def _plain(value: Any) -> Any:  # noqa: ANN401  JSON
    """Take values out of the engine's wrappings; what is encrypted is not known."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, dict):
        return UNKNOWN if value == _HIDDEN else value
    match value.get(_SIGNATURE):
        case None:
            return {key: _plain(one) for key, one in value.items()}
        case str(signature) if signature == _SECRET:
            return _plain(json.loads(value["plaintext"])) if isinstance(value.get("plaintext"), str) else UNKNOWN
        case str(signature) if signature == _OUTPUT:
            return _plain(value["value"]) if "value" in value else UNKNOWN
    return UNKNOWN  # an asset, an archive, a resource: nothing that a rule reads


def _wired(value: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, Mapping):
        return {}
    return {str(key): tuple(str(one) for one in urns or ()) for key, urns in value.items()}


def _line(position: str) -> str:
    """`project:///infra/network.py#12,3` to `infra/network.py:12`."""
    file, _, line = position.removeprefix("project:///").partition("#")
    return f"{file}:{line.split(',')[0] or 1}" if file and "://" not in file else ""


def _document(path: Path, again: str) -> tuple[dict[str, Any], str]:
    raw = _bytes(path)
    try:
        document = json.loads(raw)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"{path} is no text: it is encrypted, or of another program; {again}") from error
    except json.JSONDecodeError as error:
        cut = not raw.rstrip().endswith((b"}", b"]")) and raw.lstrip()[:1] in b"{["
        what = "ends in the middle" if cut else "is no JSON"
        raise UnreadableError(f"{path} {what} (line {error.lineno}, column {error.colno}); {again}") from error
    except RecursionError as error:
        raise UnreadableError(f"{path} is nested too deeply for a file of Pulumi's; {again}") from error
    if not isinstance(document, dict):
        raise UnreadableError(f"{path} is JSON, but no object; {again}")
    if "sops" in document:
        raise UnreadableError(f"{path} is encrypted by sops; decrypt it first")
    return document, hashlib.sha256(raw).hexdigest()


def _bytes(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}") from error
    if not raw.strip():
        raise UnreadableError(f"{path} is empty")
    if raw.startswith(b"\x1f\x8b"):
        raise UnreadableError(f"{path} is compressed; unpack it first: gunzip")
    if raw.startswith(_SEALED):
        raise UnreadableError(f"{path} is encrypted; decrypt it first")
    return raw.removeprefix(b"\xef\xbb\xbf")


def _refuse_other_tools(path: Path, document: Mapping[str, Any]) -> None:
    schema = str(document.get("$schema", ""))
    if "terraform_version" in document:
        raise UnreadableError(f"{path} is a state of Terraform, and only Pulumi's can be read")
    if "deploymentTemplate" in schema or "deploymentParameters" in schema:
        raise UnreadableError(f"{path} is an ARM template, and only Pulumi's files can be read")
    if "AWSTemplateFormatVersion" in document:
        raise UnreadableError(f"{path} is a CloudFormation template, and only Pulumi's files can be read")


def _objects(path: Path, listed: object, where: str) -> list[dict[str, Any]]:
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise UnreadableError(f"{path} is damaged: `{where}` is no list of objects")
    return listed
