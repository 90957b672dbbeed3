"""What a report says for the passport: Annex VII and XIII attributes with interval and origin."""

import csv
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from batteryloop.evaluation.types import EvaluationReport
from batteryloop.quantities import Estimate

PROVENANCE = "unified evaluation"


@dataclass(frozen=True, slots=True)
class PassportValue:
    """One attribute: its value with interval, date, originator and method, or why it is not known.

    `attribute`, `unit` and `kind` are those of the passport's own table.
    """

    attribute: str
    unit: str
    value: float | int | None
    low: float | None
    high: float | None
    confidence_frac: float | None
    determined_at: datetime
    measured_from_at: datetime | None
    measured_until_at: datetime | None
    originator: str
    method: str
    provenance: str
    reason: str = ""
    is_simulated: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON."""
        import msgspec

        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


@cache
def _rows() -> tuple[dict[str, str], ...]:
    text = files("batteryloop.evaluation").joinpath("passport_attributes.csv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def passport_values(report: EvaluationReport) -> dict[str, PassportValue]:
    """Return what the report knows of a passport's attributes, by attribute.

    Parameters
    ----------
    report : EvaluationReport
        Of one battery.

    Returns
    -------
    dict of str to PassportValue
        In the passport's units; of a cell's or of a pack's resistance the one that the battery
        is. What the data do not allow is there too, without a value and with the reason.
    """
    which = "one" if report.inputs.identity.n_cells_series == 1 else "many"
    figures = report.figures
    told = {}
    for row in _rows():
        figure = figures.get(row["figure"])
        if figure is None or row["cells"] not in ("", which):
            continue
        value, low, high = _in_unit(figure.estimate, float(row["factor"]), row["kind"])
        estimate = figure.estimate
        told[row["attribute"]] = PassportValue(
            attribute=row["attribute"],
            unit=row["unit"],
            value=value,
            low=low,
            high=high,
            confidence_frac=estimate.confidence_frac if value is not None else None,
            determined_at=report.inputs.evaluated_at,
            measured_from_at=figure.from_at,
            measured_until_at=figure.until_at,
            originator=figure.originator,
            method=estimate.method,
            provenance=PROVENANCE,
            reason=estimate.reason if value is None else "",
            is_simulated=report.is_simulated,
        )
    return told


def _in_unit(
    estimate: Estimate, factor: float, kind: str
) -> tuple[float | int | None, float | None, float | None]:
    if estimate.value is None:
        return None, None, None
    value: float | int = estimate.value * factor
    if kind == "integer":
        value = round(value)
    low, high = (
        None if bound is None else bound * factor for bound in (estimate.low, estimate.high)
    )
    return value, low, high
