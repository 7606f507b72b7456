"""What runs in the background: jobs, scoring processes, schedules, and the filing of collected data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from environments.local.machine_learning.batch import Batch
from environments.local.machine_learning.collector import Collector
from environments.local.machine_learning.deployments import Deployments
from environments.local.machine_learning.jobs import Jobs
from environments.local.machine_learning.schedules import Schedules

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Context


class Runner:
    """Made with the server; `start` takes up what an earlier server left."""

    def __init__(self, context: Context) -> None:
        self.collector = Collector(context)
        self.deployments = Deployments(context, self.collector)
        self.jobs = Jobs(context)
        self.batch = Batch(context, self.jobs)
        self.schedules = Schedules(context, self.jobs, self.batch.invoke_scheduled)

    def start(self) -> None:
        """Take up what was under way."""
        self.collector.start()
        self.deployments.start()
        self.jobs.resume()
        self.schedules.start()

    def stop(self) -> None:
        """End what runs; the next start goes on with it."""
        self.schedules.stop()
        self.jobs.stop()
        self.deployments.stop()
        self.collector.stop()
