"""Learn the state of health from a table of charges or pulses, and say how well it is learned."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from batteryloop.errors import ColumnMissing, InputWrong
from batteryloop.health.learned.blend_types import OutOfFold
from batteryloop.health.learned.health_model import (
    COLUMNS,
    METHODS,
    RANGE_COLUMNS,
    HealthModel,
    Kind,
    train_health_model,
)

Array = NDArray[np.float64]
_CELL = ("cell", "battery_id")
_HEALTH = ("soh_frac", "SOH")
_GROUP = ("group", "dataset", "batch")


def train_health(
    table: pl.DataFrame,
    kind: Kind,
    rng: np.random.Generator,
    *,
    data: str,
    rated_capacity_ah: float | None = None,
) -> tuple[HealthModel, dict[str, Any]]:
    """Train on the cells of a table; return the model and its card.

    Parameters
    ----------
    table : polars.DataFrame
        One row a record, a cell's in the order of time: `cell` (or `battery_id`), the columns of
        `learned.health_model.COLUMNS[kind]`, and `soh_frac` (or `SOH`) [1], or `capacity` [Ah]
        with `rated_capacity_ah`. With `group`, `dataset` or `batch` the card says errors by it.
    kind : {"charge-features", "pulses"}
        What the records are.
    rng : numpy.random.Generator
        For folds and learners.
    data : str
        What the table is called, for the card.
    rated_capacity_ah : float, optional
        What capacities are divided by [Ah].

    Raises
    ------
    ColumnMissing
        If a column is not there.
    InputWrong
        If there are fewer than five cells, or a state of health is not above 0.
    """
    health = _health(table, data, rated_capacity_ah)
    names = cells_of(table.with_columns(health.alias("soh_frac")), kind)
    kept, cells, truths, groups = [], [], [], []
    group = next((name for name in _GROUP if name in table.columns), None)
    left_out = []
    for name, rows in names:
        records = records_of(rows, kind)
        if kind == "pulses" and not np.isfinite(records).all():
            left_out.append(name)
            continue
        kept.append(name)
        cells.append(records)
        truths.append(rows.get_column("soh_frac").to_numpy().astype(float))
        groups.append(str(rows.get_column(group)[0]) if group else "all")
    model, judged = train_health_model(kind, cells, truths, rng)
    card = {
        "model": METHODS[kind],
        "data": data,
        "rated_capacity_ah": rated_capacity_ah,
        "cells_left_out": left_out,
        **_card(judged, np.concatenate(truths), np.array(groups)),
        "cells": _by_cell(judged, np.concatenate(truths), kept),
        "range": dict(
            zip(
                RANGE_COLUMNS[kind],
                [
                    [_short(low), _short(high)]
                    for low, high in zip(model.limits.low, model.limits.high, strict=True)
                ],
                strict=True,
            )
        ),
        "valid": "cells of the kinds trained on, measured the same way, features in the range; "
        "refused elsewhere",
    }
    return model, card


def cells_of(table: pl.DataFrame, kind: Kind) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield each cell of a table with its rows, in the order of the table.

    Raises
    ------
    ColumnMissing
        If the cell or a column of the kind is not there.
    """
    name = next((c for c in _CELL if c in table.columns), None)
    missing = [c for c in COLUMNS[kind] if c not in table.columns]
    if name is None or missing:
        raise ColumnMissing(
            f"table of {kind}",
            f"no column {', '.join(([] if name else ['cell']) + missing)}",
            f"cell, {COLUMNS[kind][0]} … {COLUMNS[kind][-1]}",
            "see the guide of retired cells",
        )
    for (cell,), rows in table.group_by(name, maintain_order=True):
        yield str(cell), rows


def records_of(rows: pl.DataFrame, kind: Kind) -> Array:
    """Return the columns of the kind as floats, shape (n, d)."""
    return rows.select(pl.col(COLUMNS[kind]).cast(pl.Float64)).to_numpy()


def _health(table: pl.DataFrame, data: str, rated_capacity_ah: float | None) -> pl.Series:
    name = next((c for c in _HEALTH if c in table.columns), None)
    if name is not None:
        health = table.get_column(name).cast(pl.Float64)
    elif "capacity" in table.columns and rated_capacity_ah is not None:
        health = table.get_column("capacity").cast(pl.Float64) / rated_capacity_ah
    else:
        has_capacity = "capacity" in table.columns
        found = "capacity, but not the rated one" if has_capacity else "no column soh_frac"
        step = "give --rated-capacity-ah" if has_capacity else "add soh_frac, or capacity in Ah"
        raise ColumnMissing(data, found, "soh_frac, or capacity and the rated one", step)
    bad = ~(health.is_finite() & (health > 0)).fill_null(False)
    if bad.any():
        raise InputWrong(
            data, f"{bad.sum()} rows whose state of health is not above 0", "above 0",
            "leave them out"
        )  # fmt: skip
    return health


def _card(judged: OutOfFold, truth: Array, groups: NDArray[np.str_]) -> dict[str, Any]:
    cells = np.unique(judged.cell_index)
    size = np.abs(judged.error_frac)
    errors = np.array([size[judged.cell_index == c].mean() for c in cells])
    covered = np.array([judged.is_covered[judged.cell_index == c].mean() for c in cells])
    by_group = {
        str(name): {
            "n_cells": int((groups == name).sum()),
            "error_mean_frac": _short(errors[groups == name].mean()),
            "coverage_frac": _short(covered[groups == name].mean()),
        }
        for name in np.unique(groups)
    }
    return {
        "n_cells": len(cells),
        "n_records": len(truth),
        "soh_low_frac": _short(truth.min()),
        "soh_high_frac": _short(truth.max()),
        "error_mean_frac": _short(errors.mean()),
        "error_median_frac": _short(float(np.median(errors))),
        "error_worst_cell_frac": _short(errors.max()),
        "errors": "relative, mean over cells, each judged by members that never saw it; the "
        "weights of the blend were chosen on the same judgements, so slightly too good",
        "error_by_group": by_group,
        "coverage_frac": _short(covered.mean()),
        "coverage": "of 90 % intervals, by cell, each from the other cells' errors",
    }


def _by_cell(
    judged: OutOfFold, truth: Array, names: list[str]
) -> dict[str, dict[str, float | None]]:
    """Return each cell's mean health, the mean of its signed errors, and of its half-widths.

    There is no half-width where too few cells were trained on to be as sure as that.
    """
    true = truth[judged.row]
    found: dict[str, dict[str, float | None]] = {}
    for number, name in enumerate(names):
        is_own = judged.cell_index == number
        half = float(judged.halfwidth_frac[is_own].mean())
        found[name] = {
            "soh_frac": _short(true[is_own].mean()),
            "error_frac": _short(judged.error_frac[is_own].mean()),
            "halfwidth_frac": _short(half) if np.isfinite(half) else None,
        }
    return found


def _short(value: float) -> float:
    return float(f"{float(value):.4g}")
