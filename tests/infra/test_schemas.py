"""Types without a schema of Azure's are named: what is not on the list is checked strictly."""

import json
import os
from pathlib import Path

import pytest

from tests.infra.schemas import README, printed, unchecked

_GIVEN = os.environ.get("AML_KIT_ARM_SCHEMAS")


@pytest.mark.skipif(_GIVEN is None, reason="Azure's schemas are not given: set AML_KIT_ARM_SCHEMAS")
def test_types_without_a_schema_are_named_in_the_readme() -> None:
    assert README.read_text() == printed(Path(str(_GIVEN))), "run: python -m tests.infra.schemas"


def test_a_type_is_unchecked_until_a_folder_has_its_schema_in_its_version(tmp_path: Path) -> None:
    vault = {"type": "object", "properties": {"type": {"enum": ["Microsoft.KeyVault/vaults"]}}, "required": []}
    document = {"resourceDefinitions": {"vaults": vault}, "definitions": {}}
    none = unchecked(tmp_path / "none")
    version = dict(none)["Microsoft.KeyVault/vaults"]
    (tmp_path / "one" / version).mkdir(parents=True)
    (tmp_path / "one" / version / "Microsoft.KeyVault.json").write_text(json.dumps(document))

    assert set(none) - set(unchecked(tmp_path / "one")) == {("Microsoft.KeyVault/vaults", version)}
