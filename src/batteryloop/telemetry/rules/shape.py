"""Rules on the frame's shape: types, order, missing values, gaps."""

from collections.abc import Iterator

import polars as pl

from batteryloop.quantities import QUANTITIES
from batteryloop.telemetry.frame import COLUMNS, REQUIRED, VOLTAGES, dtype_of
from batteryloop.telemetry.rules.types import GAP_S, IS_NEXT, STEP_S, Checked, Mark
from batteryloop.telemetry.types import Finding


def wrong_types(frame: pl.DataFrame) -> Iterator[str]:
    """Yield what is wrong with the frame's columns: missing, or of another type."""
    for name in REQUIRED:
        if name not in frame.columns:
            yield f"no column {name}"
    if not any(name in frame.columns for name in VOLTAGES):
        yield f"no voltage: none of {', '.join(VOLTAGES)}"
    for name, dtype in frame.schema.items():
        if name in COLUMNS and dtype != dtype_of(name):
            yield f"column {name} is {dtype}, not {dtype_of(name)}"


def time_falls(checked: Checked) -> Iterator[Mark | Finding]:
    """Yield rows where time goes back within a battery."""
    yield Mark(STEP_S < 0, "time goes back from the row before")


def battery_scattered(checked: Checked) -> Iterator[Mark | Finding]:
    """Yield batteries whose rows are in several places of the frame."""
    starts = checked.frame.lazy().filter(~IS_NEXT).select("battery_id").collect().to_series()
    for name in starts.filter(starts.is_duplicated()).unique(maintain_order=True):
        yield Finding("", "note", str(name), "its rows are in several places of the frame", "")


def required_missing(checked: Checked) -> Iterator[Mark | Finding]:
    """Yield rows without battery, time, current or voltage."""
    for name in (*REQUIRED, "voltage_v"):
        if checked.has(name):
            yield Mark(_is_missing(checked, name), f"no {name}")


def optional_missing(checked: Checked) -> Iterator[Mark | Finding]:
    """Yield how many rows lack a value in the other columns."""
    asked = [
        name
        for name in checked.frame.columns
        if name in QUANTITIES and name not in (*REQUIRED, "voltage_v")
    ]
    if not asked:
        return
    is_short = checked.frame.select(_is_missing(checked, name).any() for name in asked).row(0)
    asked = [name for name, is_so in zip(asked, is_short, strict=True) if is_so]
    if not asked:
        return
    missing = checked.frame.group_by("battery_id", maintain_order=True).agg(
        pl.len().alias("_n_rows"), *[_is_missing(checked, name).sum() for name in asked]
    )
    for row in missing.iter_rows(named=True):
        gone = {name: row[name] for name in asked if row[name]}
        if gone:
            said = ", ".join(
                f"{name} in {'every row' if n == row['_n_rows'] else f'{n} rows'}"
                for name, n in gone.items()
            )
            yield Finding(
                "", "note", str(row["battery_id"]), f"no {said}", "", n_rows=max(gone.values())
            )


def cells_missing(checked: Checked) -> Iterator[Mark | Finding]:
    """Yield rows that lack some cells' values, or have another number of cells."""
    for name in ("cell_voltages_v", "cell_temperatures_degc"):
        if checked.has(name):
            each = pl.col(name).list.eval(pl.element().is_null() | pl.element().is_nan())
            yield Mark(each.list.any(), f"{name} lacks some of its values")
            n = pl.col(name).list.len()
            yield Mark(
                IS_NEXT & (n != n.shift()), f"{name} has another number of values than before"
            )


def gaps(checked: Checked) -> Iterator[Mark | Finding]:
    """Yield how often, and how long, nothing was recorded."""
    is_gap = STEP_S > GAP_S
    if checked.has("step_index"):
        is_gap &= pl.col("step_index") != pl.col("step_index").shift()
    table = (
        checked.frame.select("battery_id", STEP_S, GAP_S, is_gap=is_gap)
        .with_row_index("_row")
        .filter("is_gap")
    )
    for (battery_id,), own in table.group_by("battery_id", maintain_order=True):
        hours = float(own.get_column("_step_s").sum()) / 3600
        longest = float(own.get_column("_step_s").max() or 0.0) / 3600  # type: ignore[arg-type]
        limit = float(own.item(0, "_gap_s"))
        first = int(own.item(0, "_row"))
        yield Finding(
            "", "note", str(battery_id),
            f"{own.height} gaps longer than {limit:.0f} s, {hours:.4g} h in all, the longest "
            f"{longest:.4g} h; the first ends at row {first}", "",
            first, int(own.item(-1, "_row")), own.height,
        )  # fmt: skip


def _is_missing(checked: Checked, name: str) -> pl.Expr:
    column = pl.col(name)
    if checked.frame.schema[name].is_float():
        return column.is_null() | column.is_nan()
    return column.is_null()
