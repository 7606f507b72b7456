"""Rules about what models run in: an image from a place we know, and packages that stay what they are."""

import re
from collections.abc import Iterator, Mapping

import yaml
from pulumi_policy import Severity

from rules.finding import PASS, CannotTell, Fail, Finding, NotApplicable
from rules.lists import matches, names, same
from rules.profiles import advised, refused
from rules.props import Absent, Props, Unknown
from rules.rule import Rule, Settings

ENVIRONMENT = "azure-native:machinelearningservices:EnvironmentVersion"
_IMAGE, _CONDA, _BUILD = "properties.image", "properties.condaFile", "properties.build.contextUri"
_DEFAULT_HOST = "docker.io"
_PIP_INDEX = re.compile(r"\s*(?:-i|--index-url|--extra-index-url|-f|--find-links)[\s=]+(\S+)")
_HOST = re.compile(r"(?:\w+\+)?\w+://(?:[^/@]*@)?([^/:]+)")
_PINNED_PIP = re.compile(r"[^=<>!~;@\s]+\s*===?\s*[^=\s*;]+\s*(?:;.*)?")
_PINNED_CONDA = re.compile(r"(?:[^\s:]+::)?[^=<>!~\s]+\s*==?\s*[^=<>!~\s*]+(?:=\S+)?")


def _is_from_a_listed_place(props: Props, settings: Settings) -> Finding:
    match props.text(_IMAGE):
        case Unknown():
            return CannotTell(_IMAGE)
        case Absent():
            return _is_built_here(props, settings)
        case image:
            host, last = _host(image.strip()), image.strip().rsplit("/", 1)[-1]
    if not matches(host, settings["hosts"]):
        return Fail(f"Take {_IMAGE} from a host of this rule's list.")
    if re.search(r"@sha256:[0-9a-f]{64}$", last, re.IGNORECASE):
        return PASS
    if settings["digest"] or "@" in last:
        return Fail(f"End {_IMAGE} with a digest: @sha256:…")
    tag = last.partition(":")[2].lower()
    return PASS if tag and tag != "latest" else Fail(f"End {_IMAGE} with a digest or a fixed tag.")


def _host(image: str) -> str:
    first, slash, _ = image.partition("/")
    named = slash and ("." in first or ":" in first or first == "localhost")
    return first.partition(":")[0] if named else _DEFAULT_HOST


def _is_built_here(props: Props, settings: Settings) -> Finding:
    found = props.text(_BUILD)
    if isinstance(found, Unknown):
        return CannotTell(_BUILD)
    built = not isinstance(found, Absent) and settings["builds"]
    return PASS if built else Fail(f"Say which image it starts from: {_IMAGE}. A Dockerfile is not looked into.")


def _has_known_packages(props: Props, settings: Settings) -> Finding:
    match props.text(_CONDA):
        case Unknown():
            return CannotTell(_CONDA)
        case Absent() | "":
            return NotApplicable("it has no conda file")
        case written:
            read = _read(written)
    if read is None:
        return Fail(f"Have {_CONDA} hold a conda environment: a map with channels and dependencies.")
    if any(not matches(_place(one), settings["channels"]) for one in _places(read)):
        return Fail(f"Take packages of {_CONDA} from channels and indexes of this rule's list.")
    loose = any(not _PINNED_CONDA.fullmatch(one) for one in _conda(read))
    if loose or any(not _PINNED_PIP.fullmatch(one) for one in _pip(read)):
        return Fail(f"Give every package of {_CONDA} one version.")
    return PASS


def _read(written: str) -> Mapping[str, object] | None:
    try:
        found = yaml.safe_load(written)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return found if isinstance(found, Mapping) else None


def _list(of: object) -> list[object]:
    return of if isinstance(of, list) else []


def _conda(read: Mapping[str, object]) -> Iterator[str]:
    yield from (one.strip() for one in _list(read.get("dependencies")) if isinstance(one, str) and one.strip() != "pip")


def _pip_lines(read: Mapping[str, object]) -> Iterator[str]:
    for one in _list(read.get("dependencies")):
        if isinstance(one, Mapping):
            yield from (line for line in _list(one.get("pip")) if isinstance(line, str))


def _pip(read: Mapping[str, object]) -> Iterator[str]:
    yield from (line.strip() for line in _pip_lines(read) if not _PIP_INDEX.match(line))


def _places(read: Mapping[str, object]) -> Iterator[str]:
    yield from (str(one) for one in _list(read.get("channels")))
    yield from (one.partition("::")[0] for one in _conda(read) if "::" in one)
    yield from (found[1] for line in _pip_lines(read) if (found := _PIP_INDEX.match(line)))


def _place(said: str) -> str:
    found = _HOST.match(said)
    return found[1] if found else said


RULES = (
    Rule(
        id="E15",
        name="environment-image-allowlist",
        applies_to=(ENVIRONMENT,),
        levels=refused(),
        severity=Severity.HIGH,
        why="An image runs with the rights of the job; whoever can change it has them.",
        check=_is_from_a_listed_place,
        settings={
            "hosts": names("hosts that images may come from", ("mcr.microsoft.com", "cr*.azurecr.io")),
            "digest": same("whether a tag is not enough", {"type": "boolean"}, value=False, regulated=True),
            "builds": same("whether a Dockerfile will do", {"type": "boolean"}, value=False, dev=True),
        },
        maps={"azpolicy": ("5853517a",)},
    ),
    Rule(
        id="E16",
        name="environment-package-channels",
        applies_to=(ENVIRONMENT,),
        levels=advised(),
        severity=Severity.MEDIUM,
        why="A package without a version is another one tomorrow.",
        fix="In properties.condaFile give every package one version, from channels and indexes of this rule's list.",
        check=_has_known_packages,
        settings={
            "channels": names("conda channels, and hosts of indexes, that packages may come from", ("conda-forge",))
        },
        maps={"azpolicy": ("77eeea86",)},
    ),
)
