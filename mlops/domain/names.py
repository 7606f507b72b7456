"""Names that follow from what they stand for, so that making twice makes once."""

import hashlib

from mlops.domain.world import ModelVersion


def deployment_name(model: ModelVersion) -> str:
    """Deterministic, lower case, at most 32 characters: version and the head of the digest."""
    digest = hashlib.sha256(model.digest.encode()).hexdigest()[:8]
    return f"m-{model.version[:20].lower()}-{digest}"
