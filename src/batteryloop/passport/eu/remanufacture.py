"""Remanufactured is a test of law, not a label: capacity, spread of the cells, purpose, evaluation.

Decided on intervals: what the intervals leave open is open, and the reason says what would settle
it.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from batteryloop.errors import ValueOutOfRange
from batteryloop.quantities import Estimate


class Verdict(StrEnum):
    """Whether a criterion is met."""

    MET = "met"
    NOT_MET = "not-met"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion, its verdict and why."""

    name: str
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class RemanufactureTest:
    """What the test found; the battery may be called remanufactured only if all are met."""

    criteria: tuple[Criterion, ...]

    @property
    def verdict(self) -> Verdict:
        """Not met if one is not met, open if one is open, else met."""
        found = {criterion.verdict for criterion in self.criteria}
        for verdict in (Verdict.NOT_MET, Verdict.OPEN):
            if verdict in found:
                return verdict
        return Verdict.MET

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is not met or open."""
        return tuple(c.reason for c in self.criteria if c.verdict is not Verdict.MET)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "verdict": self.verdict.value,
            "criteria": [
                {"name": c.name, "verdict": c.verdict.value, "reason": c.reason}
                for c in self.criteria
            ],
        }


@cache
def _rows() -> Sequence[Mapping[str, str]]:
    text = files("batteryloop.passport.eu").joinpath("remanufacture_limits.csv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def remanufacture_limits(on: date) -> dict[str, float]:
    """Return the limits that hold on a day.

    Raises
    ------
    ValueOutOfRange
        If none holds yet.

    Examples
    --------
    >>> remanufacture_limits(date(2026, 11, 25))
    {'capacity_least_frac': 0.9, 'soh_spread_most_frac': 0.03}
    """
    held = sorted((r for r in _rows() if date.fromisoformat(r["valid_from"]) <= on),
                  key=lambda r: r["valid_from"])  # fmt: skip
    if not held:
        raise ValueOutOfRange("remanufacturing", f"the law of {on}", "2024-02-18 or later")
    return {row["limit"]: float(row["value_frac"]) for row in held}


def judge_remanufacture(
    capacity_ah: Estimate,
    cells_soh_frac: Sequence[Estimate],
    *,
    original_rated_capacity_ah: float,
    n_cells: int,
    n_cells_evaluated: int,
    n_modules: int,
    n_modules_evaluated: int,
    is_same_purpose: bool,
    on: date,
) -> RemanufactureTest:
    """Return whether a battery may be called remanufactured, criterion by criterion.

    Parameters
    ----------
    capacity_ah : Estimate
        Capacity after the work. [Ah]
    cells_soh_frac : sequence of Estimate
        State of health of each cell. [1]
    original_rated_capacity_ah : float
        What the maker of the original battery stated. [Ah]
    n_cells, n_cells_evaluated, n_modules, n_modules_evaluated : int
        How many there are, and how many were taken out and evaluated.
    is_same_purpose : bool
        Whether it will serve the purpose for which it was first made.
    on : date
        The day whose law holds.

    Examples
    --------
    >>> new = Estimate("capacity_ah", 31.0, 30.6, 31.4, 0.9, "full discharge v1")
    >>> cells = [Estimate("soh_frac", s, s - 0.002, s + 0.002, 0.9, "m") for s in (0.93, 0.94)]
    >>> found = judge_remanufacture(new, cells, original_rated_capacity_ah=33.0, n_cells=2,
    ...     n_cells_evaluated=2, n_modules=1, n_modules_evaluated=1, is_same_purpose=True,
    ...     on=date(2026, 11, 25))
    >>> found.verdict.value
    'met'
    """
    limits = remanufacture_limits(on)
    return RemanufactureTest(
        (
            _capacity(capacity_ah, original_rated_capacity_ah, limits["capacity_least_frac"]),
            _spread(cells_soh_frac, n_cells, limits["soh_spread_most_frac"]),
            _purpose(is_same_purpose),
            _evaluated("cells", n_cells_evaluated, n_cells),
            _evaluated("modules", n_modules_evaluated, n_modules),
        )
    )


def _capacity(now: Estimate, rated: float, least: float) -> Criterion:
    name = "capacity"
    if now.value is None or now.low is None or now.high is None:
        return Criterion(name, Verdict.OPEN, f"the capacity is not known: {now.reason}")
    low, high = now.low / rated, now.high / rated
    said = f"capacity {100 * low:.1f} to {100 * high:.1f} % of the original rated {rated:g} Ah"
    if low >= least:
        return Criterion(name, Verdict.MET, f"{said}; at least {100 * least:g} %")
    if high < least:
        return Criterion(name, Verdict.NOT_MET, f"{said}; needed: {100 * least:g} %")
    return Criterion(
        name, Verdict.OPEN, f"{said}; {100 * least:g} % lies within: measure a full discharge"
    )


def _spread(cells: Sequence[Estimate], n_cells: int, most: float) -> Criterion:
    name = "spread of the cells"
    bounds = [(c.low, c.high) for c in cells if c.low is not None and c.high is not None]
    if not bounds:
        return Criterion(name, Verdict.OPEN, "no cell's state of health is known")
    lows, highs = [low for low, _ in bounds], [high for _, high in bounds]
    least_spread = max(max(lows) - min(highs), 0.0)
    most_spread = max(highs) - min(lows)
    said = f"cells differ by {100 * least_spread:.1f} to {100 * most_spread:.1f} points"
    if least_spread > most:
        return Criterion(name, Verdict.NOT_MET, f"{said}; at most {100 * most:g}")
    if len(bounds) < n_cells:
        missing = n_cells - len(bounds)
        return Criterion(name, Verdict.OPEN, f"{said}; {missing} of {n_cells} cells are not known")
    if most_spread <= most:
        return Criterion(name, Verdict.MET, f"{said}; at most {100 * most:g}")
    return Criterion(
        name, Verdict.OPEN, f"{said}; {100 * most:g} lies within: measure the extreme cells again"
    )


def _purpose(is_same: bool) -> Criterion:
    if is_same:
        return Criterion("purpose", Verdict.MET, "same purpose as first made for")
    return Criterion("purpose", Verdict.NOT_MET, "another purpose: that is repurposing")


def _evaluated(what: str, done: int, of: int) -> Criterion:
    said = f"{done} of {of} {what} were taken out and evaluated"
    verdict = Verdict.MET if 0 < of <= done else Verdict.NOT_MET
    return Criterion(f"{what} evaluated", verdict, said)
