"""What a project declares of its way through the environments."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from mlops.domain.declared.gate import Approvers


@dataclass(frozen=True, kw_only=True)
class Asked:
    """People who say yes to a version before it leaves for the next environment."""

    approvers: Approvers = field(default_factory=Approvers)
    expires: timedelta = timedelta(hours=72)  # a word is good for so long


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """The order of the environments: models are trained in the first, and come to each other from the one before."""

    order: tuple[str, ...]
    evaluate: Path  # the pipeline file that scores a candidate that comes, absolute
    registry: str = ""  # the registry that all of them share; empty: the platform's
    check_every: timedelta = timedelta(minutes=15)  # how often the registry is asked what is offered
    asked: Asked | None = field(default_factory=Asked)

    def before(self, environment: str) -> str | None:
        """Where models come from; None for the first, and for one that the order does not have."""
        at = self.order.index(environment) if environment in self.order else 0
        return self.order[at - 1] if at else None

    def after(self, environment: str) -> str | None:
        """Where models go next; None for the last, and for one that the order does not have."""
        at = self.order.index(environment) + 1 if environment in self.order else len(self.order)
        return self.order[at] if at < len(self.order) else None
