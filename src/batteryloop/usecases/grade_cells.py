"""Grade cells by a learned state of health, or abstain and say why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from batteryloop.errors import InputWrong
from batteryloop.health.learned.grade import Grade, checked_thresholds, grade_of
from batteryloop.health.learned.health_model import HealthModel, judge_cell
from batteryloop.quantities import Estimate
from batteryloop.usecases.ports import Refusal
from batteryloop.usecases.train_health import cells_of, records_of


@dataclass(frozen=True, slots=True)
class GradedCell:
    """A cell, its state of health and its grade."""

    battery_id: str
    soh_frac: Estimate
    grade: Grade

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for tables."""
        soh = self.soh_frac
        return {
            "battery_id": self.battery_id,
            "grade": self.grade.name,
            "is_sure": self.grade.is_sure,
            "soh_frac": soh.value,
            "soh_low_frac": soh.low,
            "soh_high_frac": soh.high,
            "confidence_frac": soh.confidence_frac,
            "method": soh.method,
            "n_rows": soh.n_rows,
            "reason": self.grade.reason,
        }


def grade_cells(
    table: pl.DataFrame,
    model: HealthModel,
    thresholds_frac: Mapping[str, float],
    *,
    halfwidth_max_frac: float | None = None,
    confidence_frac: float = 0.9,
) -> Iterator[GradedCell | Refusal]:
    """Yield each cell of a table with its grade, or why its rows cannot be read.

    Parameters
    ----------
    table : polars.DataFrame
        As `train_health` takes it; no state of health is needed.
    model : HealthModel
        From `train_health`.
    thresholds_frac : mapping of str to float
        For each grade the least state of health [1].
    halfwidth_max_frac : float, optional
        Abstain where half of the interval is wider than this share of the value [1]; if not
        given, the model's own: what 90 % of its training cells kept.
    confidence_frac : float, optional
        Coverage wanted [1].

    Raises
    ------
    ColumnMissing
        If a column is not there.
    OptionWrong
        If the thresholds are none.
    """
    bounds = checked_thresholds(thresholds_frac)
    most = model.halfwidth_max_frac if halfwidth_max_frac is None else halfwidth_max_frac
    for name, rows in cells_of(table, model.kind):
        try:
            soh = judge_cell(model, records_of(rows, model.kind), confidence_frac=confidence_frac)
        except InputWrong as error:
            wrong = InputWrong(
                name, f"{error.subject}: {error.found}", error.allowed, error.next_step
            )
            yield Refusal(name, wrong)
            continue
        yield GradedCell(name, soh, grade_of(soh, bounds, halfwidth_max_frac=most))
