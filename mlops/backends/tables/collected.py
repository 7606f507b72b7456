"""Events of Azure's data collector as rows: each event holds some in its `data`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from mlops.domain.data.data_error import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

_EVENT = ("specversion", "data")
_ELSEWHERE = "dataref"
"""Where the rows of an event lie that is too large for its file (256 kB)."""


def rows(batch: Any, where: str) -> Any:  # noqa: ANN401  Arrow ships no types
    """Give the rows of a batch of events; a batch of anything else is rows already.

    Raise DataError for events without rows: left out, they would be missing from every count.
    """
    if not any(name in batch.schema.names for name in (_EVENT[1], _ELSEWHERE)) or _EVENT[0] not in batch.schema.names:
        return batch
    if _EVENT[1] not in batch.schema.names:
        raise _without_rows(where, batch.num_rows)
    data = batch.column(batch.schema.get_field_index(_EVENT[1]))
    if not pa.types.is_list(data.type) or not pa.types.is_struct(data.type.value_type):
        raise _without_rows(where, batch.num_rows)
    if data.null_count:
        raise _without_rows(where, data.null_count)
    flat = data.flatten()
    return pa.RecordBatch.from_arrays(flat.flatten(), names=[field.name for field in flat.type])


def rows_of(event: Mapping[str, Any], where: str) -> list[dict[str, Any]]:
    """Give the rows of one event; anything else is a row itself.  Raise DataError as `rows` does."""
    if _EVENT[0] not in event or not (_EVENT[1] in event or _ELSEWHERE in event):
        return [dict(event)]
    found = event.get(_EVENT[1])
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise _without_rows(where, 1)
    return found


def _without_rows(where: str, events: int) -> DataError:
    return DataError(
        f"{where}: {events} of the collector's events hold no rows in `data`; where payloads were too large for it, "
        "`dataref` names the blob that has them: put these rows in the file"
    )
