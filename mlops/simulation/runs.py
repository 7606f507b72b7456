"""Batch endpoints, which the made-up world has not: nothing asks for them, since such a project is not simulated."""

from mlops.domain.data.measurement import Measurement
from mlops.domain.world import JobState, RunPlan
from mlops.ports import RefusedError, RunQuestion, ServedQuestion


class NoRuns:
    """Refuses whatever is asked of it."""

    def start(self, plan: RunPlan) -> None:
        """Refused."""
        raise _refused(plan.endpoint)

    def state(self, name: str) -> JobState:
        """Refused."""
        raise _refused(name)

    def stop(self, name: str) -> None:
        """Refused."""
        raise _refused(name)

    def measure(self, question: RunQuestion) -> Measurement:
        """Refused."""
        raise _refused(question.run)

    def served(self, question: ServedQuestion) -> Measurement:
        """Refused."""
        raise _refused(question.endpoint)


def _refused(what: str) -> RefusedError:
    return RefusedError(f"{what}: there are no batch endpoints here")
