"""From the written training to the domain's, with its file resolved."""

from pathlib import Path

from mlops.domain.declared import pipeline as declared
from mlops.domain.world import Window
from mlops.spec.document.pipeline import Excluded, Pipeline


def pipeline_of(part: Pipeline, folder: Path) -> declared.Pipeline:
    """A training in which nothing was found wrong."""
    return declared.Pipeline(
        job=(folder / part.job).resolve(),
        compute=part.compute,
        window=part.window,
        since=part.since,
        exclude=tuple(map(_excluded, part.exclude)),
        holdout=part.holdout,
        timeout=part.timeout,
        min_rows=part.min_rows,
        warm_start=part.warm_start,
        price=declared.Price(**part.price.model_dump()) if part.price else None,
    )


def _excluded(part: Excluded) -> declared.Excluded:
    return declared.Excluded(window=Window(start=part.from_, end=part.to), reason=part.reason)
