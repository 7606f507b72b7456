"""Read the data collector's JSON lines into one parquet file of their rows, as DuckDB, Polars or pyarrow do it."""

import sys


def duckdb(source: str, target: str) -> None:
    """Unnest twice: the events' lists, and the rows' fields; on two threads."""
    import duckdb as db  # type: ignore[import-not-found]  # noqa: PLC0415 - each only where it is measured; so below

    connection = db.connect(config={"threads": 2})
    connection.execute(
        f"copy (select unnest(row) from (select unnest(data) as row from read_ndjson('{source}', "  # noqa: S608 - our file
        f"maximum_object_size=67108864))) to '{target}' (format parquet)"
    )


def polars(source: str, target: str) -> None:
    """Explode and unnest, in its streaming engine."""
    import polars as pl  # type: ignore[import-not-found]  # noqa: PLC0415

    lazy = pl.scan_ndjson(source).select("data").explode("data").unnest("data")
    lazy.sink_parquet(target, compression="snappy")


def pyarrow(source: str, target: str) -> None:
    """Read all with its own threads, flatten, write."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.json as pj  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    rows = pa.chunked_array([chunk.flatten() for chunk in pj.read_json(source).column("data").chunks])
    arrays = zip(*(chunk.flatten() for chunk in rows.chunks), strict=True)
    names = [field.name for field in rows.type]
    columns = {name: pa.chunked_array(list(chunks)) for name, chunks in zip(names, arrays, strict=True)}
    table = pa.table(columns)
    texts = [field.name for field in table.schema if pa.types.is_string(field.type)]
    pq.write_table(table, target, use_dictionary=texts)


READERS = {"duckdb": duckdb, "polars": polars, "pyarrow": pyarrow}

if __name__ == "__main__":
    READERS[sys.argv[1]](sys.argv[2], sys.argv[3])
