"""Files of rows in a container: found by name, folder or pattern, each version read once, nothing read half."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlops.backends.azure_ml.locations import workspace_of
from mlops.backends.blobs.container import blob_at
from mlops.backends.blobs.files import BlobFiles, is_elsewhere
from mlops.domain.data.data_error import DataError
from mlops.ports import RefusedError
from tests.fakes.blobs import FakeBlobs

if TYPE_CHECKING:
    from pathlib import Path

ROOT = "azureml://datastores/store/paths/"


@pytest.fixture
def blobs() -> FakeBlobs:
    found = FakeBlobs()
    for name in (
        "day/1.csv",
        "day/2.csv",
        "day/_SUCCESS",
        "day/_temporary/3.csv",
        "day/read.me",
        "days.csv",
        "empty.csv",
    ):
        found.put(name, b"" if name == "empty.csv" else b"x\n1\n")
    return found


def _files(blobs: FakeBlobs, folder: Path) -> BlobFiles:
    return BlobFiles(lambda place: (blobs, place.removeprefix(ROOT)), folder)


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("day", ["day/1.csv", "day/2.csv"]),
        ("day/", ["day/1.csv", "day/2.csv"]),
        ("day/2.csv", ["day/2.csv"]),
        ("day*/*.csv", ["day/1.csv", "day/2.csv", "day/_temporary/3.csv"]),
        ("days.csv", ["days.csv"]),
    ],
)
def test_a_file_a_folder_and_a_pattern_are_found(blobs: FakeBlobs, tmp_path: Path, path: str, names: list[str]) -> None:
    found = _files(blobs, tmp_path).sources(f"{ROOT}{path}")

    assert [source.place for source in found] == [f"{ROOT}{name}" for name in names]
    assert blobs.reads == []


def test_a_version_is_read_once_and_whole(blobs: FakeBlobs, tmp_path: Path) -> None:
    files = _files(blobs, tmp_path)
    found = files.sources(f"{ROOT}day")

    files.fetch(found)
    files.fetch(found)

    assert blobs.reads == ["day/1.csv", "day/2.csv"]
    assert [source.path.read_bytes() for source in found] == [b"x\n1\n"] * 2
    blobs.append("day/1.csv", b"2\n")
    (again, _) = files.sources(f"{ROOT}day")
    assert (again.place, again.version != found[0].version) == (found[0].place, True)


def test_what_is_not_there_changed_or_is_empty_is_one_error(blobs: FakeBlobs, tmp_path: Path) -> None:
    files = _files(blobs, tmp_path)
    (changed,), (empty,) = files.sources(f"{ROOT}days.csv"), files.sources(f"{ROOT}empty.csv")
    blobs.append("days.csv", b"2\n")

    for source, said in ((changed, "days.csv: changed or went while"), (empty, "empty.csv: the file is empty")):
        with pytest.raises(DataError, match=said):
            files.fetch([source])
        assert not source.path.exists()
    with pytest.raises(DataError, match="there is no such file or folder"):
        files.sources(f"{ROOT}none/")


def test_places_are_told_apart(tmp_path: Path) -> None:
    where = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/p"
    assert workspace_of(where) == ("s", "g", "w")
    assert workspace_of(f"{ROOT}p") is None
    assert [is_elsewhere(place) for place in (where, "azureml:name:1", "https://a/b", f"{tmp_path}/x:y")] == [
        *(True,) * 3,
        False,
    ]
    with pytest.raises(RefusedError, match="is no place that is read: name a file here"):
        blob_at("s3://bucket/key", credential=object())  # type: ignore[arg-type]
