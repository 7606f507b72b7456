"""Which types that `infra` makes have no JSON Schema of Azure's, named in `infra/README.md`.

`AML_KIT_ARM_SCHEMAS=DIR .venv/bin/python -m tests.infra.schemas` writes it.
"""

import os
from pathlib import Path

from environments.local.provider.resources import served
from environments.local.validation import schemas
from infra.component_reference import components
from tests.infra.stacks import ROOT

README = ROOT / "infra" / "README.md"
_BEGIN, _END = "<!-- printed by tests.infra.schemas: begin -->", "<!-- printed by tests.infra.schemas: end -->"


def unchecked(folder: Path) -> tuple[tuple[str, str], ...]:
    """Type and api-version of all that a component makes, and that this folder knows no schema of."""
    made = {token.replace(".", ":") for each in components() for token in each.makes}
    kinds = sorted({(each.arm_type, each.type.api_version) for each in (served(f"azure-native:{t}") for t in made)})
    return tuple((name, version) for name, version in kinds if schemas.problems(folder, name, version, body={}) is None)


def printed(folder: Path) -> str:
    """What the README should hold."""
    rows = "".join(f"| `{name}` | {version} |\n" for name, version in unchecked(folder))
    before, _, rest = README.read_text().partition(_BEGIN)
    return f"{before}{_BEGIN}\n| type | api-version |\n| --- | --- |\n{rows}{_END}{rest.partition(_END)[2]}"


if __name__ == "__main__":
    README.write_text(printed(Path(os.environ["AML_KIT_ARM_SCHEMAS"])))
