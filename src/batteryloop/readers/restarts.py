"""Parts of one record, each beginning anew: put in order, repeated ones left out, run on."""

import polars as pl

from batteryloop.readers.counters import with_one_count
from batteryloop.readers.tabular import Table
from batteryloop.readers.types import noticed
from batteryloop.telemetry.frame import COUNTERS
from batteryloop.telemetry.types import Finding

_MEASURED = ("time", "elapsed_s", "current_a", "voltage_v")


def run_on(table: Table, *, group: str) -> Table:
    """Return `table` with its parts one behind the other, in the order of time.

    Parts are the rows of one battery and one value of `group`. They are ordered by the moment at
    which they begin, or as in the file where there is none. A part that repeats another, row for
    row, is left out, with a finding. Elapsed time without a moment runs on from the part before;
    `start_at` + `elapsed_s` is the time. Cycle counts get unlike numbers, counters run on.

    Parameters
    ----------
    table : Table
        With a column `group`, and `battery_id` where there are several batteries.
    group : str
        The column whose values tell the parts apart.
    """
    keys = (["battery_id"] if "battery_id" in table.frame.columns else []) + [group]
    frame = table.frame.with_row_index("row_in_file")
    if "start_at" in frame.columns and "time" not in frame.columns:
        since = pl.duration(microseconds=(pl.col("elapsed_s") * 1e6).round().cast(pl.Int64))
        frame = frame.with_columns((pl.col("start_at") + since).alias("time"))
    frame, found = _without_repeats(frame, keys)
    frame = _in_order(frame, keys)
    whose = pl.lit(0) if keys == [group] else pl.col("battery_id")
    frame = frame.with_columns(pl.struct(keys).rle_id().alias("part"), whose.alias("whose"))
    has_time = "time" in frame.columns
    parts = [
        _one_battery(part, has_time) for part in frame.partition_by("whose", maintain_order=True)
    ]
    return Table(
        pl.concat(parts).drop("part", "whose"),
        (*table.findings, *found),
        table.has_zone,
    )


def _in_order(frame: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    begins = pl.col("time").min() if "time" in frame.columns else pl.col("row_in_file").min()
    whose = [key for key in keys if key == "battery_id"]
    return (
        frame.with_columns(begins.over(keys).alias("begins"))
        .sort([*whose, "begins", keys[-1]], maintain_order=True)
        .drop("begins")
    )


def _without_repeats(frame: pl.DataFrame, keys: list[str]) -> tuple[pl.DataFrame, list[Finding]]:
    measured = [name for name in _MEASURED if name in frame.columns]
    likeness = frame.group_by(keys, maintain_order=True).agg(
        pl.len().alias("n"),
        *(pl.col(name).implode().hash(0).alias(f"{name} hash") for name in measured),
    )
    compared = [c for c in likeness.columns if c != keys[-1]]
    seen: dict[tuple[object, ...], object] = {}
    noted: list[Finding] = []
    out: list[dict[str, object]] = []
    for row in likeness.iter_rows(named=True):
        likened = tuple(row[c] for c in compared)
        if likened not in seen:
            seen[likened] = row[keys[-1]]
            continue
        out.append({key: row[key] for key in keys})
        noted.append(
            noticed(
                "part-repeated",
                f"{row[keys[-1]]} repeats {seen[likened]}, row for row; "
                f"its {row['n']} rows are left out",
                "nothing; or remove it from the table",
                n_rows=int(row["n"]),
            )
        )
    if not out:
        return frame, []
    return frame.join(
        pl.DataFrame(out, schema_overrides={k: frame.schema[k] for k in keys}),
        on=keys,
        how="anti",
        maintain_order="left",
    ), noted


def _one_battery(frame: pl.DataFrame, has_time: bool) -> pl.DataFrame:
    if "elapsed_s" in frame.columns and not has_time:
        is_first = pl.col("part") != pl.col("part").shift()
        step = (
            pl.when(is_first)
            .then(pl.col("elapsed_s"))
            .otherwise(pl.col("elapsed_s").diff().clip(lower_bound=0.0))
            .fill_null(0.0)
        )
        frame = frame.with_columns(
            (step.cum_sum() + pl.col("elapsed_s").first().fill_null(0.0)).alias("elapsed_s")
        )
    if "cycle_count" in frame.columns:
        frame = frame.with_columns(_unlike(frame).alias("cycle_count"))
    return with_one_count(frame, COUNTERS, "part")


def _unlike(frame: pl.DataFrame) -> pl.Series:
    """Return the cycle counts, those of each part following on those of the part before.

    Counts that do so already are kept.
    """
    parts = frame.group_by("part", maintain_order=True).agg(
        pl.col("cycle_count").min().alias("low"), pl.col("cycle_count").max().alias("high")
    )
    if (parts.get_column("low") > parts.get_column("high").shift()).all():
        return frame.get_column("cycle_count")
    n_counted = (parts.get_column("high") - parts.get_column("low") + 1).fill_null(0)
    base = parts.get_column("low")[0] or 0
    shifts = parts.select(
        "part", (base + n_counted.cum_sum().shift(1, fill_value=0) - pl.col("low")).alias("shift")
    )
    return (
        frame.join(shifts, on="part", how="left", maintain_order="left")
        .select(pl.col("cycle_count") + pl.col("shift"))
        .to_series()
    )
