"""Judge from plain data whether a battery may be called remanufactured."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from batteryloop.errors import ColumnMissing, ValueOutOfRange
from batteryloop.passport.eu.remanufacture import RemanufactureTest, judge_remanufacture
from batteryloop.quantities import Estimate

_COUNTS = ("n_cells", "n_cells_evaluated", "n_modules", "n_modules_evaluated")
_NEEDED = ("original_rated_capacity_ah", "capacity_ah", "cells_soh_frac", "is_same_purpose")


def judge_remanufacture_of(facts: Mapping[str, Any], *, on: date) -> RemanufactureTest:
    """Return whether a battery may be called remanufactured, criterion by criterion.

    Parameters
    ----------
    facts : mapping
        `original_rated_capacity_ah`, `capacity_ah`, `cells_soh_frac`, `is_same_purpose`,
        `n_cells`, `n_cells_evaluated`, `n_modules`, `n_modules_evaluated`. An estimate is a table
        with `value`, `low`, `high`, `confidence_frac`, `method`, or with `reason` alone.
    on : date
        The day whose law holds.

    Raises
    ------
    ColumnMissing
        If a fact is not there.
    ValueOutOfRange
        If a fact cannot be.

    Examples
    --------
    >>> facts = {"original_rated_capacity_ah": 100.0, "capacity_ah": {"reason": "not measured"},
    ...     "cells_soh_frac": [], "is_same_purpose": True, "n_cells": 1, "n_cells_evaluated": 1,
    ...     "n_modules": 1, "n_modules_evaluated": 1}
    >>> judge_remanufacture_of(facts, on=date(2026, 11, 25)).verdict.value
    'open'
    """
    for key in (*_NEEDED, *_COUNTS):
        if key not in facts:
            raise ColumnMissing("remanufacture", f"no {key}", ", ".join((*_NEEDED, *_COUNTS)))
    rated = facts["original_rated_capacity_ah"]
    if not isinstance(rated, int | float) or not rated > 0:
        raise ValueOutOfRange("remanufacture", f"original rated capacity {rated!r}", "above 0 Ah")
    counts = {key: _count(key, facts[key]) for key in _COUNTS}
    return judge_remanufacture(
        _estimate("capacity_ah", facts["capacity_ah"]),
        [_estimate("soh_frac", cell) for cell in facts["cells_soh_frac"]],
        original_rated_capacity_ah=float(rated),
        is_same_purpose=facts["is_same_purpose"] is True,
        on=on,
        **counts,
    )


def _count(name: str, value: Any) -> int:  # noqa: ANN401
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueOutOfRange("remanufacture", f"{name} {value!r}", "a whole number, 0 or more")
    return value


def _estimate(quantity: str, entry: Any) -> Estimate:  # noqa: ANN401
    subject = f"remanufacture, {quantity}"
    if not isinstance(entry, Mapping):
        raise ValueOutOfRange(
            subject, repr(entry), "a table with value, low, high", "a bare number has no interval"
        )
    method = str(entry.get("method", "stated"))
    if entry.get("value") is None:
        return Estimate.unknown(quantity, method, str(entry.get("reason", "not known")))
    try:
        value, low, high = (float(entry[key]) for key in ("value", "low", "high"))
    except (KeyError, TypeError, ValueError):
        raise ValueOutOfRange(subject, repr(dict(entry)), "value, low and high") from None
    if not low <= value <= high:
        raise ValueOutOfRange(subject, f"{value:g} outside {low:g} to {high:g}", "within")
    return Estimate(quantity, value, low, high, float(entry.get("confidence_frac", 0.9)), method)
