"""The loop's memory on a PostgreSQL server: for several controllers, and for Azure's flexible server by identity."""

import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from mlops.backends.store import engines
from mlops.backends.store.advice import said
from mlops.backends.store.database import Database
from mlops.backends.store.revisions import NEWEST, Shape, shape
from mlops.backends.store.shapes import found_revision, only_one_makes
from mlops.ports import StateError

_SCOPE = "https://ossrdbms-aad.database.windows.net/.default"
_AZURE = (".postgres.database.azure.com", ".postgres.database.usgovcloudapi.net", ".postgres.database.chinacloudapi.cn")
_IDENTITY = "identity"
_USED = f"postgresql://USER@HOST/DATABASE, with ?{_IDENTITY}=entra where an identity's token is the password"


def open_postgres(text: str, *, own_time: bool, credential: Any = None) -> Database:  # noqa: ANN401 - azure-identity's
    """Open a database and make its tables if need be.  Raises StateError.

    `own_time`: leases go by the server's clock, as they must where every machine has one of its own.
    """
    durable, turns, name = _connected(text, credential)
    store = Database(durable, turns, name, own_time=own_time)
    for engine in (durable, turns):
        weakref.finalize(store, engine.dispose)  # a command that forgets to close it leaves no connection behind
    return store


def upgrade_postgres(text: str, credential: Any = None) -> str:  # noqa: ANN401 - as above
    """Bring an older database up to date; says what was done, nothing when nothing was.  Raises StateError."""
    engine, _, name = _connected(text, credential)
    try:
        with engine.begin() as connection:
            only_one_makes(connection)
            found = found_revision(connection)
            if shape(found) is not Shape.OLDER:
                return ""
            from mlops.backends.store.upgrade import run  # noqa: PLC0415 - Alembic takes seconds to import

            run(connection)
    except sa.exc.SQLAlchemyError as error:
        raise StateError(said(name, str(getattr(error, "orig", None) or error))) from error
    finally:
        engine.dispose()
    return f"{name} was brought up to date: revision {found} -> {NEWEST}"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A database on a server, and how it is reached."""

    url: sa.URL
    settings: Mapping[str, str]
    identity: bool
    name: str  # to be shown: it holds no secret


def place(text: str) -> Place:
    """What a URL means: towards Azure the server proves who it is, and we are an identity.  Raises StateError."""
    url = _url(text)
    settings = {"connect_timeout": "10", "application_name": "mlops"}
    azure = (url.host or "").endswith(_AZURE)
    if azure and "sslmode" not in url.query:
        import certifi  # noqa: PLC0415 - only towards Azure

        settings |= {"sslmode": "verify-full", "sslrootcert": certifi.where()}
    shown = url.difference_update_query([_IDENTITY])
    return Place(
        url=shown.set(drivername="postgresql+psycopg"),
        settings=settings,
        identity=azure or _IDENTITY in url.query,
        name=shown.render_as_string(),
    )


def _connected(text: str, credential: Any) -> tuple[sa.Engine, sa.Engine, str]:  # noqa: ANN401 - as above
    found = place(text)
    password = _token(credential) if found.identity else None
    return *engines.postgresql(found.url, found.settings, password), found.name


def _url(text: str) -> sa.URL:
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise StateError(f"that is no URL of a store: write {_USED}") from None
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise StateError(f"a store at {url.get_backend_name()!r} is not known: write {_USED}, or leave --store out")
    if url.password or "password" in url.query:  # others on this machine could read it
        raise StateError("no password in the store's URL, please: put it into ~/.pgpass or PGPASSFILE, or use identity")
    if not url.database or url.query.get(_IDENTITY, "entra") != "entra":
        raise StateError(f"the store's URL does not name what it should: write {_USED}")
    return url


def _token(credential: Any) -> Callable[[], str]:  # noqa: ANN401 - azure-identity's
    """A fresh one for each connection: azure-identity keeps it until it nearly ends."""
    if credential is None:
        from azure.identity import DefaultAzureCredential  # noqa: PLC0415 - takes a while, and only Azure needs it

        credential = DefaultAzureCredential()

    def ask() -> str:
        from azure.core.exceptions import AzureError  # noqa: PLC0415

        try:
            return str(credential.get_token(_SCOPE).token)
        except AzureError as error:
            first = str(error).splitlines()[0]
            raise StateError(
                f"no token for the store's database could be had: {first}; sign in, or give the identity a role"
            ) from error

    return ask
