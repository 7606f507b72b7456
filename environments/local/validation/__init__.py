"""Is this body one that Azure would take?  Asked of every PUT.

Always by what the installed SDKs know of a resource type (`sdk`: Azure ML; `others`: the other namespaces), and by
Azure's own JSON Schemas (`schemas`) where a folder of them is given.  What they do not know passes: `deviations` says
what is let through on purpose.  Nothing here is read before the first body of a kind comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from environments.local.arm.errors import invalid
from environments.local.validation import deviations, others, sdk
from environments.local.validation.problem import value_at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from environments.local.settings import Settings
    from environments.local.validation.problem import Problem


def described(settings: Settings) -> str:
    """By what bodies are checked, for `status`."""
    if settings.schemas:
        return f"the installed SDKs and the schemas of {settings.schemas}"
    return "the installed SDKs; Azure's schemas are off (`local-azure up --schemas DIR`)"


def accepted(
    settings: Settings,
    arm_type: str,
    api_version: str,
    body: Mapping[str, Any],
    answered: Callable[[], Mapping[str, Any] | None] = lambda: None,
) -> dict[str, Any]:
    """Return the body as it is to be stored: enums in Azure's case.

    What Azure itself answers for the resource may come back, known or not: `answered` is asked when something is
    wrong.  Raises ArmError 400 `InvalidRequestContent`, which names every path that is wrong and what is allowed there.
    """
    stored, problems = judged(settings.schemas, arm_type, api_version, body, answered)
    if problems:
        sentences = tuple(f"{problem}." for problem in problems)
        raise invalid(f"The request content is invalid for {arm_type} ({api_version}): {sentences[0]}", sentences)
    return stored


def judged(
    folder: Path | None,
    arm_type: str,
    api_version: str,
    body: Mapping[str, Any],
    answered: Callable[[], Mapping[str, Any] | None] = lambda: None,
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Return the body with enums in Azure's case and all that is wrong with it.

    Where the SDK finds nothing, the schema is asked.
    """
    if arm_type.lower() in deviations.UNCHECKED:
        return dict(body), ()
    known = sdk.judge(arm_type, api_version, body)
    if known is not None:
        stored, meant, problems = known.body, known.sent, known.problems
    else:
        stored, meant = dict(body), others.meant(arm_type, body)
        problems = others.problems(arm_type, api_version, body) or ()
    problems = _new(problems, body, answered)
    if folder is None or problems:
        return stored, problems
    from environments.local.validation import schemas  # noqa: PLC0415 - jsonschema costs 0.1 s and 10 MB

    found = schemas.problems(folder, arm_type, api_version, meant) or ()
    wrong = deviations.SCHEMA_IS_WRONG.get(arm_type.lower(), ())
    return stored, _new(tuple(each for each in found if not each.path.startswith(wrong)), body, answered)


def _new(
    problems: tuple[Problem, ...], body: Mapping[str, Any], answered: Callable[[], Mapping[str, Any] | None]
) -> tuple[Problem, ...]:
    """The problems that are not what Azure has said itself."""
    said = answered() if problems else None
    if said is None:
        return problems
    return tuple(
        each
        for each in problems
        if value_at(body, each.path) is None or value_at(body, each.path) != value_at(said, each.path)
    )
