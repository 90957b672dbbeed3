"""Learn from cells that were run to their end, and tell the life of others from 100 cycles."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from batteryloop.errors import BatteryloopError, ColumnMissing, InputWrong
from batteryloop.health.lifetime.capacity_record import (
    CapacityRecord,
    end_of_life_efc,
    without_outliers,
)
from batteryloop.health.lifetime.early_life import (
    CHARGE_FEATURES,
    METHOD,
    N_CYCLES,
    EarlyLifeModel,
    early_features,
    early_loss_frac,
    predict_life,
    train_early_life,
)
from batteryloop.quantities import Estimate
from batteryloop.usecases.ports import Refusal

Array = NDArray[np.float64]

_LATEST_FRAC = 1.25
_CONFIDENCE_FRAC = 0.9


@dataclass(frozen=True, slots=True)
class EarlyForecast:
    """The life of one cell, told from its first cycles."""

    battery_id: str
    end_of_life_efc: Estimate

    def as_dict(self) -> dict[str, Any]:
        """Return the forecast as plain data, for JSON and for tables."""
        life = self.end_of_life_efc
        return {
            "battery_id": self.battery_id,
            "end_of_life_efc": life.value,
            "end_of_life_low_efc": life.low,
            "end_of_life_high_efc": life.high,
            "confidence_frac": life.confidence_frac,
            "method": life.method,
            "reason": life.reason,
        }


def train_early(
    table: pl.DataFrame, threshold_ah: float, rng: np.random.Generator, *, data: str
) -> tuple[EarlyLifeModel, dict[str, Any]]:
    """Train on the cells of a table that reach the threshold; return the model and its card.

    Parameters
    ----------
    table : polars.DataFrame
        One row a cycle in order: `cell`, `capacity` [Ah] and the charge features of
        `lifetime.early_life.CHARGE_FEATURES`. Other columns are not looked at.
    threshold_ah : float
        Capacity that ends a life [Ah].
    rng : numpy.random.Generator
        For folds and trees.
    data : str
        What the table is called, for the card.

    Raises
    ------
    ColumnMissing
        If a column is not there.
    InputWrong
        If fewer than 16 cells live past cycle 125 and reach the threshold.
    """
    features, lives, left_out = [], [], 0
    for _, rows in _cells(table):
        life = _life(rows, threshold_ah)
        if life is None or life <= _LATEST_FRAC * N_CYCLES:
            left_out += 1
            continue
        features.append(early_features(_charge(rows)))
        lives.append(life)
    if not lives:
        raise InputWrong(
            data,
            f"no cell lastingly reaches {threshold_ah:g} Ah after cycle "
            f"{_LATEST_FRAC * N_CYCLES:.0f}",
            "16 or more",
            "check the threshold",
        )
    ends = np.array(lives)
    model = train_early_life(np.array(features), ends, rng)
    return model, _card(model, ends, threshold_ah, left_out, data)


def forecast_early(table: pl.DataFrame, model: EarlyLifeModel) -> Iterator[EarlyForecast | Refusal]:
    """Yield the life of each cell of a table, or why it cannot be told.

    Parameters
    ----------
    table : polars.DataFrame
        As `train_early` takes it; rows past the hundredth of a cell are not looked at.
    model : EarlyLifeModel
        From `train_early`.

    Raises
    ------
    ColumnMissing
        If a column is not there.
    """
    for name, rows in _cells(table):
        try:
            features = early_features(_charge(rows))
            capacity = rows.get_column("capacity").to_numpy().astype(float)
            yield EarlyForecast(name, predict_life(model, features, early_loss_frac(capacity)))
        except BatteryloopError as error:
            yield Refusal(name, error)


def _cells(table: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    missing = [c for c in ("cell", "capacity", *CHARGE_FEATURES) if c not in table.columns]
    if missing:
        raise ColumnMissing(
            "table of charges",
            f"no column {', '.join(missing)}",
            "cell, capacity and the charge features, one row a cycle",
            "see the guide of forecasts",
        )
    for (name,), rows in table.group_by("cell", maintain_order=True):
        yield str(name), rows


def _charge(rows: pl.DataFrame) -> dict[str, Array]:
    return {name: rows.get_column(name).to_numpy() for name in CHARGE_FEATURES}


def _life(rows: pl.DataFrame, threshold_ah: float) -> float | None:
    capacity = rows.get_column("capacity").to_numpy().astype(float)
    raw = CapacityRecord(np.arange(1.0, capacity.size + 1), capacity)
    return end_of_life_efc(without_outliers(raw), threshold_ah)


def _card(
    model: EarlyLifeModel, lives: Array, threshold_ah: float, left_out: int, data: str
) -> dict[str, Any]:
    errors = np.abs(np.expm1(-model.log_errors))
    bounds = np.quantile(lives, [0.0, 1 / 3, 2 / 3, 1.0])
    groups = {}
    for low, high in pairwise(bounds):
        within = (lives >= low) & (lives <= high)
        groups[f"{low:.0f} to {high:.0f} cycles"] = {
            "n_cells": int(within.sum()),
            "error_mean_frac": round(float(errors[within].mean()), 4),
        }
    return {
        "model": METHOD,
        "data": data,
        "threshold_ah": threshold_ah,
        "n_cells": int(lives.size),
        "n_cells_left_out": left_out,
        "life_low_efc": float(lives.min()),
        "life_high_efc": float(lives.max()),
        "error_mean_frac": round(float(errors.mean()), 4),
        "error_median_frac": round(float(np.median(errors)), 4),
        "errors": "of cells left out in eight folds",
        "error_by_life": groups,
        "coverage_frac": round(_covered(model.log_errors), 4),
        "coverage": f"of {_CONFIDENCE_FRAC:.0%} intervals, each from the other cells' errors",
        "valid": "features within the trained range and a quarter of it beyond; refused elsewhere",
    }


def _covered(log_errors: Array) -> float:
    """Return the share of cells within the interval that the other cells' errors give."""
    sizes = np.abs(log_errors)
    inside = []
    for i, size in enumerate(sizes):
        others = np.sort(np.delete(sizes, i))
        rank = min(int(np.ceil((others.size + 1) * _CONFIDENCE_FRAC)), others.size) - 1
        inside.append(size <= others[rank])
    return float(np.mean(inside))
