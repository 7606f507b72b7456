"""Training sets: rows with their labels, written so that the same plan gives the same bytes, registered once."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from azure.ai.ml.entities import Data as DataAsset
from azure.core.exceptions import ResourceNotFoundError

from mlops.backends.blobs import rows
from mlops.backends.errors import said
from mlops.domain.world import DatasetPlan, DatasetVersion
from mlops.ports import OutsideError

if TYPE_CHECKING:
    from azure.ai.ml import MLClient

    from mlops.backends.blobs.cache import Cache
    from mlops.backends.blobs.reader import Reader
    from mlops.backends.blobs.rows import LabelledRow
    from mlops.domain.project import Data

_DIGEST, _TRAIN, _HOLDOUT = "aml-kit-digest", "aml-kit-train-rows", "aml-kit-holdout-rows"


class AzureDatasets:
    """The port `Datasets` on data assets of the workspace."""

    def __init__(self, client: MLClient, cache: Cache, reader: Reader) -> None:
        self._client = client
        self._cache = cache
        self._reader = reader

    def ensure(self, data: Data, plan: DatasetPlan) -> DatasetVersion:
        """See Datasets.ensure."""
        return self._registered(plan) or self._register(data, plan)

    def _registered(self, plan: DatasetPlan) -> DatasetVersion | None:
        with said(f"looking for the training set {plan.name} version {plan.version}"):
            try:
                found = self._client.data.get(plan.name, version=plan.version)
            except ResourceNotFoundError:
                return None
        tags = found.tags or {}
        if not {_DIGEST, _TRAIN, _HOLDOUT} <= set(tags):
            raise OutsideError(f"data asset {plan.name}:{plan.version} exists and is none of ours: rename the model")
        return _version(plan, tags, str(found.path))

    def _register(self, data: Data, plan: DatasetPlan) -> DatasetVersion:
        self._reader.look()
        self._reader.look_at_labels()
        parts = {
            "train": rows.labelled(self._cache, plan.train, plan.without),
            "holdout": rows.labelled(self._cache, plan.holdout, plan.without),
        }
        files = {part: _csv(data, found) for part, found in parts.items()}
        digest = hashlib.sha256(files["train"] + b"\0" + files["holdout"]).hexdigest()
        tags = {_DIGEST: digest, _TRAIN: str(len(parts["train"])), _HOLDOUT: str(len(parts["holdout"]))}
        with tempfile.TemporaryDirectory() as temporary:
            # The folder's name becomes part of where the SDK uploads it.
            folder = Path(temporary) / f"{plan.name}-{plan.version}"
            folder.mkdir()
            for part, content in files.items():
                (folder / f"{part}.csv").write_bytes(content)
            (folder / "manifest.json").write_text(json.dumps(_manifest(data, plan, parts, digest), indent=1) + "\n")
            asset = DataAsset(name=plan.name, version=plan.version, type="uri_folder", path=str(folder), tags=tags)
            with said(f"registering the training set {plan.name} version {plan.version}"):
                made = self._client.data.create_or_update(asset)
        return _version(plan, tags, str(made.path))


def _version(plan: DatasetPlan, tags: dict[str, str], uri: str) -> DatasetVersion:
    return DatasetVersion(
        name=plan.name,
        version=plan.version,
        digest=tags[_DIGEST],
        train_rows=int(tags[_TRAIN]),
        holdout_rows=int(tags[_HOLDOUT]),
        uri=uri,
    )


def _csv(data: Data, found: list[LabelledRow]) -> bytes:
    """Write key, time, features and label: each column once, numbers in one way."""
    columns = list(dict.fromkeys((data.key, data.time, *data.features)))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*columns, data.label])
    for row in found:
        values = {data.time: datetime.fromtimestamp(row.time, UTC).isoformat(), **row.data, data.key: row.key}
        writer.writerow([*(_text(values.get(column)) for column in columns), _text(row.label)])
    return text.getvalue().encode()


def _text(value: Any) -> str:  # noqa: ANN401 - JSON's values
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _manifest(data: Data, plan: DatasetPlan, parts: dict[str, list[LabelledRow]], digest: str) -> dict[str, Any]:
    described: dict[str, Any] = {
        part: {"rows": len(found), "first": found[0].key if found else None, "last": found[-1].key if found else None}
        for part, found in parts.items()
    }
    without = [[one.start.isoformat(), one.end.isoformat()] for one in plan.without]
    names = {"key": data.key, "time": data.time, "label": data.label, "features": list(data.features)}
    return {**names, **described, "without": without, "digest": digest}
