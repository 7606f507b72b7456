"""Stack files under the real engine and the real pack: what passes, what is refused, and by whom."""

import pytest

from tests.e2e.local import Local

PACK = ("--policy-pack", "policies")


@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_every_stack_file_previews_under_the_pack(stack: str, copied: Local) -> None:
    copied.azure("run", "--", "pulumi", "stack", "init", stack, "--no-select")

    seen = copied.azure("run", "--", "pulumi", "preview", "-s", stack, *PACK)

    assert "aml-kit@" in seen
    assert "[mandatory]" not in seen
    assert "to create" in seen.split("Resources:\n")[-1]


def test_a_setting_that_breaks_a_rule_is_refused_by_the_pack_and_by_nothing_else(copied: Local) -> None:
    copied.set("local", isolationMode="AllowInternetOutbound", outboundHosts=[])

    code, refused = copied.ended("run", "--", "pulumi", "preview", "-s", "local", *PACK)

    assert code != 0
    assert "[mandatory]" in refused
    assert "Set managedNetwork.isolationMode to 'AllowOnlyApprovedOutbound'." in refused
    copied.azure("run", "--", "pulumi", "preview", "-s", "local")


def test_a_misspelt_key_is_one_clear_error_and_nothing_is_built(copied: Local) -> None:
    before = copied.resources()
    copied.set("local", isolationMod="AllowInternetOutbound")

    code, refused = copied.ended("run", "--", "pulumi", "up", "-s", "local", "--yes", "--skip-preview", *PACK)

    assert code != 0
    _progress, diagnostics = refused.split("Diagnostics:\n")  # Pulumi shows an error as it comes, and once in the end
    assert diagnostics.count("error:") == 1
    assert diagnostics.count("environments/Pulumi.local.yaml cannot be used:") == 1
    assert "aml-kit:isolationMod: no such key; did you mean 'isolationMode'?" in diagnostics
    assert "Traceback" not in refused
    assert copied.resources() == before
