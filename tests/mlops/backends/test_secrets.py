"""Secrets are found where they are said to be; errors tell the place and never the value."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.pipeline.transport import HttpTransport

from mlops.backends.secrets import Secrets
from mlops.domain.declared.source import Secret
from mlops.ports import OutsideError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

VAULT = "https://rain.vault.azure.net/secrets/hook"


class Token:
    def get_token(self, *scopes: str, **_: object) -> AccessToken:
        return AccessToken(scopes[0], 2**31)


class Vault(HttpTransport[Any, Any]):
    """Answers as a Key Vault, and writes down what it was asked."""

    def __init__(self, status: int = 200, value: object = "planted") -> None:
        self.asked: list[tuple[str, str]] = []
        self.status, self.value = status, value

    def send(self, request: Any, **_: object) -> Any:  # noqa: ANN401 - azure-core's own
        self.asked.append((request.url, request.headers["Authorization"]))
        return Answer(self.status, json.dumps({"value": self.value, "id": VAULT}).encode())

    def open(self) -> None: ...

    def close(self) -> None: ...

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None: ...


class Answer:
    def __init__(self, status: int, body: bytes) -> None:
        self.status_code, self.headers, self._body = status, {"Content-Type": "application/json"}, body
        self.http_response = self

    def json(self) -> object:
        return json.loads(self._body)


def test_an_environment_variable_and_a_file_are_read_at_each_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets, file = Secrets(), tmp_path / "secret"
    monkeypatch.setenv("HOOK", " planted\n")
    file.write_text("planted-too\n")
    assert secrets.reveal(Secret(env="HOOK")) == "planted"
    assert secrets.reveal(Secret(file=file)) == "planted-too"
    file.write_text("exchanged")
    assert secrets.reveal(Secret(file=file)) == "exchanged"


def test_a_key_vault_is_asked_once_with_this_process_s_identity() -> None:
    vault = Vault()
    secrets = Secrets(Token, vault)

    assert [secrets.reveal(Secret(key_vault=VAULT)) for _ in range(2)] == ["planted"] * 2
    assert vault.asked == [(f"{VAULT}?api-version=7.4", "Bearer https://vault.azure.net/.default")]


def test_what_cannot_be_read_is_one_error_that_names_the_place_alone(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xffplanted")
    places = {
        Secret(env="NOT_SET"): "the secret in environment variable NOT_SET is empty or not set",
        Secret(file=tmp_path / "none"): "none cannot be read: No such file or directory",
        Secret(file=tmp_path / "bytes"): "bytes cannot be read: no UTF-8 text",
    }
    for place, said in places.items():
        with pytest.raises(OutsideError, match=said) as found:
            Secrets().reveal(place)
        assert "planted" not in repr(found.value)
        assert found.value.__cause__ is None
    for vault, said in ((Vault(403), "the vault answers 403"), (Vault(value=7), "is empty or not set")):
        with pytest.raises(OutsideError, match=said):
            Secrets(Token, vault).reveal(Secret(key_vault=VAULT))
