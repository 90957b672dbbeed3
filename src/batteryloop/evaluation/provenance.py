"""From an estimate to a figure: when it was measured, and whose it is."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import SupportsFloat

from batteryloop.evaluation.types import Figure
from batteryloop.quantities import Estimate

STATED = "as stated v1"


@dataclass(frozen=True, slots=True)
class Provenance:
    """The span that was looked at, and who looked."""

    from_at: datetime | None
    until_at: datetime | None
    originator: str

    def figure(self, name: str, estimate: Estimate) -> Figure:
        """Return the estimate under the report's name; what is no number becomes unknown."""
        bounds = (estimate.value, estimate.low, estimate.high)
        if any(bound is not None and not math.isfinite(bound) for bound in bounds):
            estimate = Estimate.unknown(
                name,
                estimate.method,
                "the method gave no finite number",
                confidence_frac=estimate.confidence_frac,
            )
        return Figure(
            name, replace(estimate, quantity=name), self.from_at, self.until_at, self.originator
        )

    def figures(self, named: dict[str, Estimate]) -> tuple[Figure, ...]:
        """Return all of them as figures, in order."""
        return tuple(self.figure(name, estimate) for name, estimate in named.items())


def exact(name: str, value: SupportsFloat, method: str, *, n_rows: int = 0) -> Estimate:
    """Return what has no error worth the name: a count of rows, a sum of hours.

    Examples
    --------
    >>> exact("recorded_h", 12.0, "sum of intervals v1").high
    12.0
    """
    known = float(value)
    return Estimate(name, known, known, known, 1.0, method, n_rows=n_rows)


def complement(of: Estimate, name: str) -> Estimate:
    """Return one less an estimate: a fade from what is left.

    Examples
    --------
    >>> left = Estimate("soh_frac", 0.75, 0.7, 0.8, 0.9, "m")
    >>> fade = complement(left, "capacity_fade_frac")
    >>> fade.value, round(fade.low, 3), round(fade.high, 3)
    (0.25, 0.2, 0.3)
    """
    if of.value is None or of.low is None or of.high is None:
        return Estimate.unknown(name, of.method, of.reason, confidence_frac=of.confidence_frac)
    return Estimate(
        name,
        1 - of.value,
        1 - of.high,
        1 - of.low,
        of.confidence_frac,
        of.method,
        of.n_rows,
        of.n_segments,
    )


def ratio(over: Estimate, under: Estimate, name: str, words: str) -> Estimate:
    """Return one estimate over another whose errors have nothing to do with each other.

    Parameters
    ----------
    over, under : Estimate
        Above 0.
    name : str
        Of the result.
    words : str
        Added to the method of `over`.

    Examples
    --------
    >>> now = Estimate("resistance_ohm", 0.06, 0.057, 0.063, 0.9, "m v1")
    >>> new = Estimate("resistance_ohm", 0.05, 0.05, 0.05, 1.0, "stated")
    >>> share = ratio(now, new, "resistance_ratio_frac", "over stated")
    >>> round(share.value, 2), round(share.low, 2), share.method
    (1.2, 1.14, 'm v1, over stated')
    """
    for part in (over, under):
        if not part.is_known:
            return Estimate.unknown(
                name, part.method, part.reason, confidence_frac=over.confidence_frac
            )
    value = over.value / under.value  # type: ignore[operator]
    below, above = (
        math.hypot(a, b)
        for a, b in (
            (_part(over.low, over.value), _part(under.high, under.value)),
            (_part(over.high, over.value), _part(under.low, under.value)),
        )
    )
    return Estimate(
        name,
        value,
        max(value * (1 - below), 0.0),
        value * (1 + above),
        over.confidence_frac,
        f"{over.method}, {words}" if words else over.method,
        over.n_rows,
        over.n_segments,
    )


def _part(bound: float | None, value: float | None) -> float:
    return 0.0 if not value or bound is None else abs(bound / value - 1)


def first_known(estimates: Iterable[Estimate]) -> Estimate:
    """Return the first that has a value, else the first, with the reasons of all."""
    given = list(estimates)
    for estimate in given:
        if estimate.is_known:
            return estimate
    reasons = dict.fromkeys(e.reason for e in given if e.reason)
    return replace(given[0], reason="; ".join(reasons))
