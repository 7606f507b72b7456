"""Where all logs end is signed: what is cut off later shows, and nobody else can sign."""

import json
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import sqlalchemy as sa
from azure.core.pipeline.transport import HttpTransport
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from mlops.__main__ import main
from mlops.backends.signing import Key, PublicKey, open_key, open_public_key
from mlops.backends.store import schema, seals
from mlops.backends.store.database import Database, in_memory, open_sqlite
from mlops.controlling import open_controller
from mlops.domain.loop import Change
from mlops.domain.records.decision import Recorded
from mlops.domain.records.seal import digest_of
from mlops.flows.sealing import check, seal
from mlops.keeping import STATE_FILE
from mlops.ports import RefusedError, StateError
from tests.fakes.clock import FakeClock
from tests.mlops.backends.store.kept import LOOP, NOW, SAID, applied

if TYPE_CHECKING:
    from mlops.flows.reconcile import Pass

HOUR = timedelta(hours=1)
PRIVATE = Ed25519PrivateKey.generate()
SIGNER, VERIFIER = Key(PRIVATE), PublicKey(PRIVATE.public_key())


def pem(private: Any = PRIVATE) -> bytes:  # noqa: ANN401 - of any kind
    made: bytes = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return made


@dataclass
class Kept:
    """Two projects with some decisions each."""

    store: Database

    def __post_init__(self) -> None:
        for name in ("rain", "snow"):
            loop = replace(LOOP, project=name, endpoint=f"{name}-endpoint")
            first = replace(SAID, why=f"generation 1 of {name}")
            self.store.apply(applied(loop), Change(loop=loop, decisions=(first, SAID, SAID)))

    def decide(self, project: str) -> None:
        loop = self.store.load(project)
        assert loop is not None
        self.store.save(Change(loop=loop, decisions=(SAID,)))

    def logs(self) -> dict[str, tuple[Recorded, ...]]:
        return {name: self.store.decisions(name) for name in self.store.projects()}

    def cut(self, project: str, after: int) -> None:
        with self.store._engine.begin() as connection:
            table = schema.decision
            connection.execute(sa.delete(table).where(table.c.project == project, table.c.sequence > after))

    def findings(self, **more: Any) -> tuple[str, ...]:  # noqa: ANN401 - options of check
        return check(self.logs(), self.store.seals.all(), VERIFIER, **more).findings


@pytest.fixture
def kept() -> Kept:
    return Kept(in_memory())


def test_what_was_signed_is_there_and_a_cut_off_tail_is_found(kept: Kept) -> None:
    assert seal(kept.store.seals, SIGNER, NOW) is not None
    kept.decide("rain")
    assert kept.findings() == ()

    kept.cut("snow", after=2)
    assert check(kept.logs(), (), None).findings == ()  # still a chain: without seals nothing shows
    assert kept.findings() == (
        "the log of snow was cut off after decision 2: seal 1 of 1975-01-06 00:00 signed 3 of them",
    )


def test_a_log_that_was_cut_and_grew_again_is_not_the_signed_one(kept: Kept) -> None:
    seal(kept.store.seals, SIGNER, NOW)
    kept.cut("rain", after=2)
    loop = kept.store.load("rain")
    assert loop is not None
    kept.store.save(Change(loop=loop, decisions=(replace(SAID, why="another story"),)))

    assert kept.findings() == ("decision 3 of rain is not the one that seal 1 of 1975-01-06 00:00 signed",)


def test_a_whole_log_that_is_gone_is_named(kept: Kept) -> None:
    seal(kept.store.seals, SIGNER, NOW)
    logs = {"rain": kept.store.decisions("rain")}
    seals_ = kept.store.seals.all()

    assert check(logs, seals_, VERIFIER).findings == ("the log of snow is gone, and was signed",)
    assert check(logs, seals_, VERIFIER, all_projects=False).findings == ()


def test_seals_are_a_chain_and_one_that_is_left_out_is_found(kept: Kept) -> None:
    for hour in range(3):
        kept.decide("rain")
        assert seal(kept.store.seals, SIGNER, NOW + hour * HOUR) is not None
    assert kept.findings() == ()
    with kept.store._engine.begin() as connection:
        connection.execute(sa.delete(seals.seal).where(seals.seal.c.number == 2))

    assert kept.findings() == ("seal 2 is missing, or was changed",)


def test_one_kept_elsewhere_shows_that_logs_and_seals_were_cut_together(kept: Kept) -> None:
    first = seal(kept.store.seals, SIGNER, NOW)
    kept.decide("rain")
    second = seal(kept.store.seals, SIGNER, NOW + HOUR)
    assert first is not None
    assert second is not None
    assert kept.findings(kept=first) == ()
    kept.cut("rain", after=3)
    with kept.store._engine.begin() as connection:
        connection.execute(sa.delete(seals.seal).where(seals.seal.c.number == 2))

    assert kept.findings() == ()  # what is there fits together
    assert kept.findings(kept=second) == (
        "seal 2, which was kept elsewhere, is not among them",
        "the log of rain was cut off after decision 3: seal 2 of 1975-01-06 01:00 signed 4 of them",
    )


def test_nobody_else_can_sign_and_no_signed_word_can_be_changed(kept: Kept) -> None:
    seal(kept.store.seals, Key(Ed25519PrivateKey.generate()), NOW)
    assert kept.findings() == ("seal 1 was not signed with this key",)

    other = Kept(in_memory())
    seal(other.store.seals, SIGNER, NOW)
    with other.store._engine.begin() as connection:
        content = connection.execute(sa.select(seals.seal.c.content)).scalar_one()
        changed = content.replace('"rain":[3,', '"rain":[2,')
        connection.execute(sa.update(seals.seal).values(content=changed))
    assert other.findings()[0] == "seal 1 was not signed with this key"


def test_a_seal_that_is_no_seal_any_more_is_said(kept: Kept) -> None:
    seal(kept.store.seals, SIGNER, NOW)
    with kept.store._engine.begin() as connection:
        connection.execute(sa.update(seals.seal).values(content="{}"))
    with pytest.raises(StateError, match="seal 1 cannot be read, so somebody changed it"):
        kept.store.seals.all()


def test_one_is_made_an_interval_where_something_was_decided_whoever_else_makes_them(kept: Kept) -> None:
    store = kept.store.seals
    first = seal(store, SIGNER, NOW, HOUR)
    assert first is not None
    kept.decide("rain")
    assert seal(store, SIGNER, NOW + HOUR / 2, HOUR) is None  # too soon
    assert seal(store, SIGNER, NOW + HOUR, HOUR) is not None
    assert seal(store, SIGNER, NOW + 2 * HOUR, HOUR) is None  # nothing was decided since
    assert store.put(first) is False  # another was quicker
    assert [one.seal.number for one in store.all()] == [1, 2]


def test_a_controller_seals_and_says_so(tmp_path: Path) -> None:
    open_sqlite(tmp_path / STATE_FILE).close()
    heard: list[Pass] = []
    controller = open_controller(tmp_path, FakeClock(), 1, lambda _, done: heard.append(done), signer=SIGNER)
    scene = Kept(controller.hands.store)  # type: ignore[arg-type]
    controller._tidy()
    controller._tidy()

    (made,) = scene.store.seals.all()
    assert [done.did for done in heard] == [f"seal 1, {digest_of(made.seal)}, over 2 logs"]


def test_the_commands_seal_and_find_what_was_cut(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "key").write_bytes(pem())
    (tmp_path / "key").chmod(0o600)
    public = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pub").write_bytes(public)
    with closing(open_sqlite(tmp_path / STATE_FILE)) as store:
        scene = Kept(store)
        home = ["--home", str(tmp_path)]
        verify = [*home, "decisions", "verify", "--key", str(tmp_path / "key.pub")]
        assert main([*home, "decisions", "seal", "--seal-key", str(tmp_path / "key")]) == 0
        (tmp_path / "elsewhere").write_text(capsys.readouterr().out, encoding="utf-8")
        assert json.loads((tmp_path / "elsewhere").read_text())["key"] == SIGNER.key
        assert main([*verify, "--seal", str(tmp_path / "elsewhere")]) == 0
        assert "6 decisions, none changed or missing; 1 seals, the newest of" in capsys.readouterr().out
        scene.cut("rain", after=1)
        assert main([*home, "decisions", "verify"]) == 0
        assert main(verify) == 1
        assert "the log of rain was cut off after decision 1" in capsys.readouterr().err
        assert main([*home, "decisions", "verify", "--seal", str(tmp_path / "elsewhere")]) == 1
        assert "give --key, too" in capsys.readouterr().err
        assert main([*verify, "--seal", str(tmp_path / "key.pub")]) == 1
        assert "should hold what `mlops decisions seal` printed" in capsys.readouterr().err


def test_a_key_that_others_can_read_or_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    with pytest.raises(RefusedError, match="cannot be read: No such file or directory; make one with `openssl genpkey"):
        open_key(str(path))
    path.write_bytes(pem())
    path.chmod(0o644)
    with pytest.raises(RefusedError, match=r"others can read the key in .*: chmod 600 it"):
        open_key(str(path))
    path.chmod(0o600)
    assert open_key(str(path)).key == SIGNER.key
    with pytest.raises(RefusedError, match="holds no public key in PEM"):
        open_public_key(path)
    path.write_bytes(pem(generate_private_key(SECP256R1())))
    with pytest.raises(RefusedError, match="holds a key of another kind, not Ed25519"):
        open_key(str(path))
    path.write_bytes(b"something")
    with pytest.raises(RefusedError, match="holds no private key in PEM without a password"):
        open_key(str(path))


class Token(NamedTuple):
    token: str
    expires_on: int


class Identity:
    """Who gives tokens."""

    scopes: tuple[str, ...] = ()

    def get_token(self, *scopes: str, **_: Any) -> Token:  # noqa: ANN401 - azure-identity's
        self.scopes = scopes
        return Token("t", 2**40)


class Answer:
    """What a vault answers."""

    status_code = 200
    headers: dict[str, str]
    content_type = "application/json"

    def __init__(self, request: Any) -> None:  # noqa: ANN401 - azure-core's
        self.request = request
        self.headers = {}

    def json(self) -> dict[str, str]:
        return {"value": pem().decode()}

    def raise_for_status(self) -> None: ...


class Vault(HttpTransport[Any, Any]):
    """A Key Vault that has the key, and writes down how it was asked."""

    asked: list[tuple[str, str]]

    def send(self, request: Any, **_: Any) -> Any:  # noqa: ANN401
        self.asked = [(request.url, request.headers["Authorization"])]
        return Answer(request)

    def open(self) -> None: ...

    def close(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def test_a_key_in_a_vault_is_read_by_identity() -> None:
    vault, identity = Vault(), Identity()
    found = open_key("https://ours.vault.azure.net/secrets/seal", identity, vault)

    assert found.key == SIGNER.key
    assert identity.scopes == ("https://vault.azure.net/.default",)
    assert vault.asked == [("https://ours.vault.azure.net/secrets/seal?api-version=7.4", "Bearer t")]
