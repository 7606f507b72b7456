"""A project's monitors as the YAML files of Azure ML's own monitor schedules."""

import argparse
import sys

from mlops.measuring.files import write
from mlops.measuring.tables import show

DONE, BAD_INPUT = 0, 2


def schedules(options: argparse.Namespace) -> int:
    """Write a file for each schedule; what Azure cannot do is said beside it."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - other commands need none of these
    from ruamel.yaml.compat import StringIO  # noqa: PLC0415

    from mlops.domain.data.data_error import DataError  # noqa: PLC0415
    from mlops.spec.azure_schedule import Target, compiled  # noqa: PLC0415
    from mlops.spec.read import read_project  # noqa: PLC0415

    target = Target(
        endpoint=options.endpoint, deployment=options.deployment, training=options.training, email=options.email
    )
    found = compiled(read_project(options.project_file), target)
    if not found.schedules:
        raise DataError(
            f"{options.project_file}: nothing of it can be an Azure ML monitor: "
            + ("; ".join(found.remarks) or "it has no monitors")
        )
    written = {}
    for name, schedule in found.schedules.items():
        text = StringIO()
        YAML().dump(schedule, text)
        remarks = "".join(f"# {remark}.\n" for remark in found.remarks)
        path = options.out / f"{name}.yaml"
        options.out.mkdir(parents=True, exist_ok=True)
        written[name] = {"file": str(path), "bytes": write(path, f"{remarks}{text.getvalue()}".encode())}
    for remark in found.remarks:
        print(f"mlops: {remark}", file=sys.stderr)
    files = "\n".join(f"{one['file']}: az ml schedule create --file {one['file']}" for one in written.values())
    show(options, {"schedules": written, "remarks": list(found.remarks)}, files)
    return DONE
