"""From the written way between environments to the domain's, with its file resolved and its people named."""

from pathlib import Path

from mlops.domain.declared import promotion as declared
from mlops.spec.document import Document
from mlops.spec.gates import to_approvers


def promotion_of(document: Document, folder: Path) -> declared.Promotion | None:
    """Translate it, of a document in which nothing was found wrong."""
    part = document.spec.promotion
    if part is None:
        return None
    asked = part.requires.approval
    return declared.Promotion(
        order=part.order,
        evaluate=(folder / part.evaluate).resolve(),
        registry=part.via.registry or "",
        check_every=part.check_every,
        asked=declared.Asked(
            approvers=to_approvers(document, asked.approvers, asked.count, not_author=asked.not_author),
            expires=asked.expires,
        )
        if asked
        else None,
    )
