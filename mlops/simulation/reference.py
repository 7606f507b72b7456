"""Print the scenario file's JSON Schema and its table: `python -m mlops.simulation.reference schema|table`."""

import sys
from pathlib import Path

from mlops.simulation.scenario import ScenarioFile
from mlops.spec.reference import schema_of, table_of

SCHEMA_FILE = Path(__file__).with_name("scenario.schema.json")


def schema() -> str:
    """The JSON Schema, as it is committed."""
    return schema_of(ScenarioFile, "aml-kit scenario")


def table() -> str:
    """Every key, its default and its meaning, as it stands in the README."""
    return table_of((ScenarioFile, ""))


if __name__ == "__main__":
    sys.stdout.write(schema() if sys.argv[1:] == ["schema"] else table())
