"""A store on a server: signed in by identity, no password where anybody could read it, and a server that goes away."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import pytest
from azure.core.exceptions import ClientAuthenticationError

from mlops.backends.store.postgres import open_postgres, place
from mlops.domain.loop import Change
from mlops.ports import StateError
from tests import postgres
from tests.mlops.backends.store.kept import LOOP, NOW, SAID, applied
from tests.postgres import Server

TOKEN = "eyJ0-first"


class Token(NamedTuple):
    token: str
    expires_on: int


@dataclass
class Identity:
    """Who gives tokens, as azure-identity does."""

    token: str = TOKEN
    asked: list[str] = field(default_factory=list)

    def get_token(self, *scopes: str) -> Token:
        self.asked.extend(scopes)
        if not self.token:
            raise ClientAuthenticationError("nobody is signed in\nand more")
        return Token(self.token, 0)


def identified(server: Server, token: str = TOKEN) -> str:
    """A database whose role takes exactly that token as its password, as Azure's servers do."""
    url = server.database()
    name = url.split("/")[3].split("?")[0]
    server.sql("do $$ begin create role identity login; exception when duplicate_object then null; end $$")
    server.sql(f"alter role identity password '{token}'")
    server.sql(f"alter database {name} owner to identity")
    server.sql("alter schema public owner to identity", name)
    return server.url(name, "identity") + "&identity=entra"


def test_an_identitys_token_is_the_password_and_each_connection_asks_anew(postgresql: Server) -> None:
    url, identity = identified(postgresql), Identity()
    with closing(open_postgres(url, own_time=True, credential=identity)) as store:
        store.apply(applied(), Change(loop=LOOP))
        postgresql.sql("alter role identity password 'second'")
        identity.token = "second"
        store.close()  # the connections, not the store: the next use makes new ones

        assert store.projects() == ("rain",)
    assert set(identity.asked) == {"https://ossrdbms-aad.database.windows.net/.default"}


def test_a_refused_token_is_one_line_that_does_not_hold_it(postgresql: Server) -> None:
    url = identified(postgresql, "another")
    with pytest.raises(StateError) as refused:
        open_postgres(url, own_time=True, credential=Identity())

    said = str(refused.value)
    assert 'password authentication failed for user "identity"' in said
    assert "\n" not in said
    assert TOKEN not in said
    assert TOKEN not in repr(refused.value.__cause__)


def test_no_token_is_one_line(postgresql: Server) -> None:
    with pytest.raises(StateError, match=r"database could be had: nobody is signed in; sign in"):
        open_postgres(identified(postgresql), own_time=True, credential=Identity(token=""))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://ada:s3cret@host/db", "no password in the store's URL"),
        ("postgresql://ada@host/db?password=s3cret", "no password in the store's URL"),
        ("postgresql://ada@host", "does not name what it should"),
        ("postgresql://ada@host/db?identity=s3cret", "does not name what it should"),
        ("mysql://ada:s3cret@host/db", "'mysql' is not known"),
        ("s3cret", "no URL of a store"),
    ],
)
def test_what_is_no_place_for_a_store_is_said_without_repeating_it(url: str, said: str) -> None:
    with pytest.raises(StateError, match=said) as refused:
        open_postgres(url, own_time=True)
    assert "s3cret" not in str(refused.value)


def test_a_server_that_does_not_answer_is_one_line() -> None:
    with pytest.raises(
        StateError, match=r"postgresql://a@127.0.0.1:1/db could .* the server does not answer: see"
    ) as no:
        open_postgres("postgresql://a@127.0.0.1:1/db", own_time=True)
    assert "\n" not in str(no.value)


def test_towards_azure_the_server_proves_who_it_is_and_we_are_an_identity() -> None:
    found = place("postgresql://mlops@aml.postgres.database.azure.com/loop")

    assert found.identity
    assert found.name == "postgresql://mlops@aml.postgres.database.azure.com/loop"
    assert found.settings["sslmode"] == "verify-full"
    assert Path(found.settings["sslrootcert"]).is_file()
    assert not place("postgresql://mlops@db.example/loop").identity


@pytest.fixture
def fragile() -> Iterator[Server]:
    """A server of the test's own, to be ended."""
    with postgres.server() as found:
        yield found


def test_a_server_that_goes_away_and_comes_back(fragile: Server) -> None:
    with closing(open_postgres(fragile.database(), own_time=True)) as store:
        store.apply(applied(), Change(loop=LOOP, decisions=(SAID,)))
        assert store.due(NOW)
        fragile.stop("immediate")
        for _ in range(2):
            with pytest.raises(StateError, match="could not be read or written"):
                store.save(Change(loop=replace(LOOP, version=1), decisions=(SAID,)))
            with pytest.raises(StateError, match="could not be read or written"):
                store.due(NOW)
            with pytest.raises(StateError, match="could not be read or written"):
                store.claim("one", NOW)
        fragile.start()

        assert store.due(NOW)
        assert len(store.claim("one", NOW)) == 1
        assert store.save(Change(loop=replace(LOOP, version=1), decisions=(SAID,))).version == 2
        assert len(store.decisions("rain")) == 2
