from __future__ import annotations

import base64
import json
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import DefaultAzureCredential

from environments.local import environment
from environments.local.arm.errors import ArmError
from environments.local.arm.identity import Identities, Principal
from environments.local.arm.store import Store
from environments.local.services.identities import TYPE
from environments.local.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.environments.running import LocalAzure

KEPT = {"signing": "s", "client": "c", "header": "h"}
ARM = "https://management.azure.com"
SOMEBODY = Principal(object_id="o", client_id="c", name="n")
_OURS = ("AZURE_", "IDENTITY_", "HTTPS_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE")


@contextmanager
def variables(wanted: Mapping[str, str]) -> Iterator[None]:
    """Only these of the variables that credentials read."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith(_OURS)]:
        del os.environ[name]
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def claims(token: str) -> dict[str, Any]:
    middle = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return found


@pytest.fixture
def identities(tmp_path: Path) -> Identities:
    return Identities(Store(tmp_path / "db"), Settings(), KEPT)


def test_a_token_says_what_azurite_and_the_sdk_look_for(identities: Identities) -> None:
    found = claims(identities.issue(SOMEBODY, "https://storage.azure.com"))
    now = time.time()
    assert found["aud"] == "https://storage.azure.com"
    assert found["iss"].startswith("https://sts.windows.net/")
    assert found["nbf"] <= now <= found["exp"]
    assert (found["oid"], found["appid"], found["tid"]) == ("o", "c", Settings().tenant)


def test_a_token_is_read_back_by_its_audience_only(identities: Identities) -> None:
    token = identities.issue(SOMEBODY, ARM + "/")
    assert identities.read(token, (ARM,)) == SOMEBODY
    with pytest.raises(ArmError) as caught:
        identities.read(token, ("https://ml.azure.com",))
    assert (caught.value.status, caught.value.code) == (401, "InvalidAuthenticationTokenAudience")


def test_a_forged_and_a_stale_token_are_refused(identities: Identities, tmp_path: Path) -> None:
    forger = Identities(Store(tmp_path / "other"), Settings(), {**KEPT, "signing": "other"})
    stale = identities.issue(SOMEBODY, ARM, lifetime=-1)
    for token, code in (
        (forger.issue(SOMEBODY, ARM), "InvalidAuthenticationToken"),
        ("not.a.token", "InvalidAuthenticationToken"),
        (stale, "ExpiredAuthenticationToken"),
    ):
        with pytest.raises(ArmError) as caught:
            identities.read(token, (ARM,))
        assert caught.value.code == code


def test_an_unchanged_default_credential_logs_in_with_the_client_secret(local_azure: LocalAzure) -> None:
    with variables(local_azure.environment()), DefaultAzureCredential() as credential:
        token = credential.get_token("https://ml.azure.com/.default").token
    assert (claims(token)["aud"], claims(token)["appid"]) == (
        "https://ml.azure.com",
        local_azure.context.settings.client_id,
    )


def test_a_wrong_client_secret_is_refused(local_azure: LocalAzure) -> None:
    wrong = {**local_azure.environment(), "AZURE_CLIENT_SECRET": "wrong"}
    with (
        variables(wrong),
        DefaultAzureCredential() as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS7000215"),
    ):
        credential.get_token(f"{ARM}/.default")


def test_workload_identity_takes_our_federated_token_and_no_other(local_azure: LocalAzure, tmp_path: Path) -> None:
    file = tmp_path / "token"
    own = {**local_azure.environment(), "AZURE_FEDERATED_TOKEN_FILE": str(file)}
    del own["AZURE_CLIENT_SECRET"]
    file.write_text(local_azure.context.identities.federated_token())
    with variables(own), DefaultAzureCredential() as credential:
        assert claims(credential.get_token(f"{ARM}/.default").token)["aud"] == ARM
    file.write_text(local_azure.context.identities.issue(SOMEBODY, "api://AzureADTokenExchange"))
    with variables(own), DefaultAzureCredential() as credential, pytest.raises(ClientAuthenticationError):
        credential.get_token(f"{ARM}/.default")


def _user_assigned(local_azure: LocalAzure, name: str) -> Principal:
    group = f"{local_azure.subscription}/resourceGroups/identities"
    local_azure.put(group, "2024-03-01", {"location": "eastus"})
    found = local_azure.put(f"{group}/providers/{TYPE}/{name}", "2023-01-31", {"location": "eastus"})
    own = found["properties"]
    return Principal(object_id=own["principalId"], client_id=own["clientId"], name=name)


def test_a_process_gets_tokens_of_its_own_managed_identity(local_azure: LocalAzure) -> None:
    principal = _user_assigned(local_azure, "job-identity")
    own = environment.for_process(local_azure.context, principal, "job 1")
    with variables(own), DefaultAzureCredential() as credential:
        found = claims(credential.get_token("https://storage.azure.com/.default").token)
    assert (found["oid"], found["appid"], found["aud"]) == (
        principal.object_id,
        principal.client_id,
        "https://storage.azure.com",
    )


def test_a_process_never_gets_tokens_of_another_identity(local_azure: LocalAzure) -> None:
    own, other = _user_assigned(local_azure, "one"), _user_assigned(local_azure, "other")
    given = environment.for_process(local_azure.context, own, "job 2")
    endpoint = given["IDENTITY_ENDPOINT"]
    query = {"resource": ARM, "api-version": "2019-08-01", "client_id": other.client_id}
    for header, client in ((given["IDENTITY_HEADER"], other.client_id), ("guess", own.client_id)):
        reply = httpx.get(
            endpoint, params={**query, "client_id": client}, headers={"X-IDENTITY-HEADER": header}, trust_env=False
        )
        assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")


def test_the_secret_of_the_deployer_is_not_in_a_jobs_variables(local_azure: LocalAzure) -> None:
    given = environment.for_process(local_azure.context, SOMEBODY, "job 3")
    assert "AZURE_CLIENT_SECRET" not in given
    assert local_azure.context.identities.client_secret not in given.values()
