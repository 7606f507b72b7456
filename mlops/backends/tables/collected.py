"""Events of Azure's data collector as rows: each event holds some in its `data`."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from mlops.domain.data_error import DataError

_EVENT = ("specversion", "data")


def rows(batch: Any) -> Any:  # noqa: ANN401  Arrow ships no types
    """Give the rows of a batch of events; a batch of anything else is rows already.  Raise DataError."""
    if not all(name in batch.schema.names for name in _EVENT):
        return batch
    data = batch.column(batch.schema.get_field_index("data"))
    if not pa.types.is_list(data.type) or not pa.types.is_struct(data.type.value_type):
        raise DataError("the collector's events hold no lists of rows in `data`: were the payloads too large for it?")
    flat = data.flatten()
    return pa.RecordBatch.from_arrays(flat.flatten(), names=[field.name for field in flat.type])
