"""Positive current charges: whoever has another sign is turned here, and nowhere else."""

import polars as pl

from batteryloop.readers.tabular import Table
from batteryloop.readers.types import noticed

_REST_FRAC = 0.005
_STEP_V = 0.002


def with_sign_of(table: Table, direction: pl.Expr, *, said_by: str) -> Table:
    """Return `table` with the current positive where `direction` is above 0, negative where below.

    Where `direction` is 0 or null the sign stays as written.

    Parameters
    ----------
    table : Table
        With `current_a`, signed or not. [A]
    direction : polars.Expr
        +1 charge, -1 discharge, 0 neither.
    said_by : str
        The column that knows, for the finding.
    """
    if "current_a" not in table.frame.columns:
        return table
    current = pl.col("current_a")
    turned = pl.when(direction != 0).then(current.abs() * direction).otherwise(current)
    frame = table.frame.with_columns(turned.fill_null(current).alias("current_a"))
    was = table.frame.get_column("current_a")
    n_turned = int(((frame.get_column("current_a") * was) < 0).sum())
    changed = Table(frame, table.findings, table.has_zone)
    if n_turned == 0:
        return changed
    return changed.noting(
        noticed(
            "current-sign",
            f"{n_turned} currents were written without the sign that {said_by} tells; "
            "charge is positive now",
            "nothing",
            severity="note",
            n_rows=n_turned,
        )
    )


def with_opposite_sign(table: Table, *, because: str) -> Table:
    """Return `table` with current and power turned: the file counts discharge as positive."""
    names = [n for n in ("current_a", "power_w") if n in table.frame.columns]
    return table.with_columns(*(-pl.col(name) for name in names)).noting(
        noticed(
            "current-sign",
            f"the file counts discharge as positive ({because}); the current was turned",
            "nothing",
            severity="note",
        )
    )


def direction_from_voltage(frame: pl.DataFrame) -> pl.Series:
    """Return the direction of each row's current from how the voltage moves in its step.

    For currents written without a sign: a charge lifts the voltage when it begins and while it
    lasts. The first row of a step against the row before decides, if the current had rested
    there; else the step's last row against its first.

    Parameters
    ----------
    frame : polars.DataFrame
        `current_a`, `voltage_v` and, where known, `step_index` and `cycle_count`.

    Returns
    -------
    polars.Series
        Shape (n,), +1, -1 or 0.

    Examples
    --------
    >>> frame = pl.DataFrame({"current_a": [0.0, 2.0, 2.0, 0.0, 2.0],
    ...                       "voltage_v": [3.6, 3.7, 3.8, 3.75, 3.65]})
    >>> direction_from_voltage(frame).to_list()
    [0, 1, 1, 0, -1]
    """
    most = frame.get_column("current_a").abs().max()
    is_flowing = (pl.col("current_a").abs() > _REST_FRAC * pl.lit(most)).fill_null(False)
    marks = [is_flowing.cast(pl.Int8)] + [
        pl.col(name) for name in ("cycle_count", "step_index") if name in frame.columns
    ]
    is_new = pl.any_horizontal(mark.ne_missing(mark.shift()) for mark in marks)
    was_resting = ~is_flowing.shift()
    return (
        frame.lazy()
        .with_columns(
            is_flowing.alias("flows"),
            is_new.cum_sum().alias("run"),
            pl.when(was_resting).then(pl.col("voltage_v").diff()).alias("onset"),
        )
        .with_columns(
            pl.col("onset").first().over("run"),
            (pl.col("voltage_v").last() - pl.col("voltage_v").first()).over("run").alias("trend"),
        )
        .select(
            pl.when(~pl.col("flows"))
            .then(0)
            .when(pl.col("onset").abs() > _STEP_V)
            .then(pl.col("onset").sign())
            .otherwise(pl.col("trend").sign())
            .fill_null(0)
            .cast(pl.Int64)
            .alias("direction")
        )
        .collect()
        .to_series()
    )
