"""Sign where all logs end, and check logs against what was signed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from mlops.domain.records.decision import Recorded, broken_at
from mlops.domain.records.seal import Seal, Signed, cut, digest_of, missing_seal, read_text, text_of
from mlops.flows.commands import NotPossibleError
from mlops.witness import Seals, Signer, Verifier


def seal(seals: Seals, signer: Signer, now: datetime, every: timedelta = timedelta()) -> Signed | None:
    """Sign a new seal, unless the newest is younger than `every` or nothing was decided since.

    Of several controllers one is the quicker; the others' are dropped.
    """
    newest = seals.newest()
    if newest is not None and timedelta() <= now - newest.seal.at < every:
        return None
    ends = seals.ends()
    if not ends or (newest is not None and newest.seal.ends == ends):
        return None
    before = newest.seal if newest else None
    made = Seal(
        number=before.number + 1 if before else 1, at=now, previous=digest_of(before) if before else "", ends=ends
    )
    signed = Signed(seal=made, key=signer.key, signature=signer.sign(text_of(made)))
    return signed if seals.put(signed) else None


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What was looked at, and what is wrong with it, a sentence each."""

    decisions: int
    seals: int
    newest: datetime | None
    findings: tuple[str, ...]


def check(
    logs: Mapping[str, Sequence[Recorded]],
    seals: Sequence[Signed],
    verifier: Verifier | None,
    kept: Signed | None = None,
    *,
    all_projects: bool = True,
) -> Checked:
    """Check each chain, and with a public key the seals and that no log lacks what they signed.

    `logs` are those of all projects, or of some.
    `kept` is a seal that was kept elsewhere: it shows also that both logs and seals were cut.
    """
    findings = [
        f"decision {broken} of {project} was changed, or one before it is missing"
        for project, rows in logs.items()
        if (broken := broken_at(tuple(rows))) is not None
    ]
    if verifier is not None:
        findings += _of_seals(seals, verifier, kept)
        for one in (*seals[-1:], *([kept] if kept else [])):
            findings += [said for project, rows in logs.items() if (said := cut(project, rows, one.seal))]
            gone = [name for name in one.seal.ends if name not in logs and all_projects]
            findings += [f"the log of {name} is gone, and was signed" for name in gone]
    return Checked(
        decisions=sum(map(len, logs.values())),
        seals=len(seals) if verifier is not None else 0,
        newest=seals[-1].seal.at if seals else None,
        findings=tuple(dict.fromkeys(findings)),
    )


def _of_seals(seals: Sequence[Signed], verifier: Verifier, kept: Signed | None) -> list[str]:
    found = [
        f"seal {one.seal.number} was not signed with this key"
        for one in (*seals, *([kept] if kept else []))
        if not verifier.verify(text_of(one.seal), one.signature)
    ]
    missing = missing_seal([one.seal for one in seals])
    if missing is not None:
        found.append(f"seal {missing} is missing, or was changed")
    if kept is not None and (len(seals) < kept.seal.number or seals[kept.seal.number - 1].seal != kept.seal):
        found.append(f"seal {kept.seal.number}, which was kept elsewhere, is not among them")
    return found


def written(signed: Signed) -> str:
    """On one line, as `read_signed` reads it."""
    content = {"seal": text_of(signed.seal), "key": signed.key, "signature": signed.signature}
    return json.dumps(content, ensure_ascii=False)


def read_signed(path: Path) -> Signed:
    """A seal that was kept in a file.  Raises NotPossibleError."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Signed(seal=read_text(found["seal"]), key=str(found["key"]), signature=str(found["signature"]))
    except OSError as error:
        raise NotPossibleError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise NotPossibleError(f"{path} should hold what `mlops decisions seal` printed") from error
