"""An Azure ML registry that environments share: versions of the model, and the records that went with them.

A record is a version of its own, `MODEL-records`, known by its digest: Azure keeps a version's files as they are for
ever, while its tags may be changed by anybody who may write there.  So tags only say what to look at; digests are
always those of the bytes that come.
"""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from azure.ai.ml import MLClient
from azure.ai.ml.entities import Model
from azure.core.exceptions import ResourceNotFoundError

from mlops.backends.azure_ml.digests import digest
from mlops.backends.azure_ml.jobs import download_output
from mlops.backends.azure_ml.models import DIGEST
from mlops.backends.errors import said
from mlops.backends.signatures import read_signature
from mlops.domain.promotions.offer import Offer
from mlops.domain.world import ModelVersion, Signature
from mlops.ports import OutsideError, RefusedError, WrongBytesError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from azure.core.credentials import TokenCredential

    from mlops.backends.blobs.reader import Find

_OUTPUT = re.compile(r"^azureml://jobs/(?P<job>[^/]+)/outputs/(?P<output>[^/]+)(?:/paths/?)?$")
"""How the loop registers what a job made."""
_FILE = "record.json"
_LONGEST = 30  # characters of a version's name
_TAG = "aml-kit-offer-"
_FIELDS = ("model", "version", "digest", "source", "target", "record")


class AzureRegistry:
    """The port `Registry`: one workspace, and a registry of whatever subscription."""

    def __init__(self, workspace: MLClient, find: Find, credential: TokenCredential, name: str) -> None:
        self._workspace = workspace
        self._find = find
        self._credential = credential
        self._name = name
        self._opened: MLClient | None = None

    @property
    def _registry(self) -> MLClient:
        """Opened when it is needed: the SDK asks where the registry is as soon as there is a client."""
        if self._opened is None:
            with said(f"looking for the registry {self._name}"):
                self._opened = MLClient(
                    self._credential, registry_name=self._name, enable_telemetry=False, show_progress=False
                )
        return self._opened

    def publish(self, model: ModelVersion) -> None:
        """See Registry.publish."""
        what = f"{model.name}:{model.version}"
        if _find(self._registry, model.name, model.version) is None:
            with self._files(self._workspace, model.name, model.version) as found:
                _same(found, model.digest, f"the workspace has other bytes under {what}", RefusedError)
            with said(f"copying the model {what} into the registry {self._name}"):
                self._workspace.models.share(
                    model.name,
                    model.version,
                    registry_name=self._name,
                    share_with_name=model.name,
                    share_with_version=model.version,
                )
        with self._files(self._registry, model.name, model.version) as found:
            _same(found, model.digest, f"the registry has other bytes under {what}", RefusedError)

    def offer(self, offer: Offer, record: str) -> None:
        """See Registry.offer."""
        if _find(self._registry, offer.model, offer.version) is None:
            raise RefusedError(f"{offer.reference} is not in the registry {self._name}")
        name, version = _asset(offer.model), offer.record[:_LONGEST]
        if _find(self._registry, name, version) is not None:
            return
        tags = {f"{_TAG}{field}": str(getattr(offer, field)) for field in _FIELDS}
        tags[f"{_TAG}at"] = offer.at.isoformat()
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "release"
            place.mkdir()
            (place / _FILE).write_text(record, encoding="utf-8")
            entity = Model(name=name, version=version, path=str(place), type="custom_model", tags=tags, properties=tags)
            with said(f"offering {offer.reference} to {offer.target} in the registry {self._name}"):
                self._registry.models.create_or_update(entity)

    def offers(self, model: str) -> tuple[Offer, ...]:
        """See Registry.offers; whoever archives a record withdraws what it offers."""
        with said(f"looking what is offered of {model} in the registry {self._name}"):
            try:
                found = list(self._registry.models.list(name=_asset(model)))
            except ResourceNotFoundError:
                return ()
        return tuple(offer for each in found if (offer := _offer(each.tags or {})) is not None)

    def record(self, offer: Offer) -> str:
        """See Registry.record."""
        with self._files(self._registry, _asset(offer.model), offer.record[:_LONGEST]) as found:
            try:
                return (found / _FILE).read_text(encoding="utf-8")
            except (OSError, ValueError) as error:
                raise RefusedError(f"the record of {offer.reference} cannot be read: {error}") from error

    def take(self, offer: Offer) -> ModelVersion:
        """See Registry.take."""
        taken = ModelVersion(name=offer.model, version=offer.version, digest=offer.digest)
        if _find(self._workspace, offer.model, offer.version) is not None:
            with self._files(self._workspace, offer.model, offer.version) as mine:
                what = f"the workspace has other bytes under {offer.reference} than were offered"
                _same(mine, offer.digest, what, WrongBytesError)
            return taken
        source = _find(self._registry, offer.model, offer.version)
        if source is None:
            raise RefusedError(f"{offer.reference} is not in the registry {self._name}")
        with self._files(self._registry, offer.model, offer.version) as found:
            _same(found, offer.digest, f"{offer.reference} has other bytes than were offered", WrongBytesError)
            lineage = {
                **(source.tags or {}),
                DIGEST: offer.digest,
                "aml-kit-registry": self._name,
                "aml-kit-source": offer.source,
                "aml-kit-record": offer.record,
            }
            entity = Model(
                name=offer.model,
                version=offer.version,
                path=str(found),
                type=source.type,
                tags=lineage,
                properties=lineage,
            )
            with said(f"registering {offer.reference} from the registry {self._name}"):
                self._workspace.models.create_or_update(entity)
        return taken

    def signature(self, model: ModelVersion) -> Signature | None:
        """See Registry.signature."""
        with self._files(self._workspace, model.name, model.version) as files:
            found = next(iter(sorted(files.rglob("MLmodel"))), None)
            return None if found is None else read_signature(found.read_text(encoding="utf-8"))

    @contextmanager
    def _files(self, client: MLClient, name: str, version: str) -> Iterator[Path]:
        """Download a version's files; give the folder that it is, or the one in which the file is."""
        with tempfile.TemporaryDirectory() as folder:
            with said(f"looking for the model {name} version {version}"):
                path = str(client.models.get(name, version=version).path)
            if made := _OUTPUT.match(path):  # which the SDK's download takes for a datastore
                yield download_output(client, self._find, made["job"], made["output"], Path(folder))
                return
            with said(f"downloading the model {name} version {version}"):
                client.models.download(name, version=version, download_path=folder)
            place = Path(folder) / name
            # The SDK puts a folder below its own name, and a file at it: the digest is of what is inside.
            inside = place / PurePosixPath(path.rstrip("/")).name
            yield inside if inside.is_dir() else place


def _asset(model: str) -> str:
    return f"{model}-records"


def _find(client: MLClient, name: str, version: str) -> Any:  # noqa: ANN401 - the SDK's model, or None
    with said(f"looking for the model {name} version {version}"):
        try:
            return client.models.get(name, version=version)
        except ResourceNotFoundError:
            return None


def _same(files: Path, wanted: str, what: str, error: type[RefusedError]) -> None:
    if not any(path.is_file() for path in files.rglob("*")) and not files.is_file():
        raise OutsideError(f"{what}: nothing came")
    found = digest([("model", files)])
    if found != wanted:
        raise error(f"{what} ({found}, not {wanted})")


def _offer(tags: Mapping[str, str]) -> Offer | None:
    """What a record's tags say; None where they were taken off."""
    try:
        said_of = {field: tags[f"{_TAG}{field}"] for field in _FIELDS}
        return Offer(**said_of, at=datetime.fromisoformat(tags[f"{_TAG}at"]))
    except (KeyError, ValueError):
        return None
