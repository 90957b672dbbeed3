"""From the false alarms that an operator accepts to the score at which a warning is raised."""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from batteryloop.errors import ValueOutOfRange

DEFAULT_BUDGET_PER_YEAR = 0.05
# How often a pack truly has a fault of one kind; assumed, only used for the confidence.
_FAULTS_PER_PACK_YEAR = 0.003
SUDDEN = "sudden-gap"
_ON_FLAT = " on a flat curve"


@dataclass(frozen=True, slots=True)
class Tail:
    """How often healthy packs pass a score: a line over the logarithm, from `thresholds.csv`.

    Healthy packs pass `score` `alarms_per_pack_year` times a year, and e times less often for
    each further `scale`.
    """

    kind: str
    score: float
    alarms_per_pack_year: float
    scale: float
    n_pack_years: float
    source: str

    def threshold(self, alarms_per_year: float) -> float:
        """Return the score that healthy packs pass `alarms_per_year` times a year.

        Examples
        --------
        >>> Tail("weak-cell", 6.0, 1.0, 2.0, 50.0, "").threshold(1.0)
        6.0
        >>> Tail("weak-cell", 6.0, 1.0, 2.0, 50.0, "").threshold(math.exp(-3)).__round__(6)
        12.0
        """
        above = math.log(self.alarms_per_pack_year / alarms_per_year)
        return self.score + self.scale * max(above, 0.0)

    def false_alarms_per_year(self, score_sd: float) -> float:
        """Return how often a year a healthy pack passes `score_sd`."""
        return self.alarms_per_pack_year * math.exp(-max(score_sd - self.score, 0.0) / self.scale)

    def confidence_frac(self, score_sd: float) -> float:
        """Return how sure a warning of that score is, 0 to 1.

        The share of true ones among all with that score, if a pack has a fault of this kind once
        in 333 years (assumed). At most 0.99: the tail is not known further out.
        """
        false = self.false_alarms_per_year(score_sd)
        return min(_FAULTS_PER_PACK_YEAR / (_FAULTS_PER_PACK_YEAR + false), 0.99)


@cache
def tails(*, is_flat: bool = False) -> Mapping[str, Tail]:
    """Return the tail of every kind, and of the sudden gap between minutes.

    Where the open-circuit curve is flat, healthy cells look weak far more often: that kind has a
    row of its own there.
    """
    rows = _rows()
    known = {name: tail for name, tail in rows.items() if not name.endswith(_ON_FLAT)}
    return known | {
        kind: rows[kind + _ON_FLAT] for kind in known if is_flat and kind + _ON_FLAT in rows
    }


@cache
def _rows() -> Mapping[str, Tail]:
    text = files("batteryloop.health.warning").joinpath("thresholds.csv").read_text("utf-8")
    return {
        row["kind"]: Tail(
            row["kind"],
            float(row["score"]),
            float(row["alarms_per_pack_year"]),
            float(row["scale"]),
            float(row["n_pack_years"]),
            row["source"],
        )
        for row in csv.DictReader(text.splitlines())
    }


def thresholds_for(budget_per_year: float, *, is_flat: bool = False) -> dict[str, float]:
    """Return the threshold of each kind that together stay within the budget.

    Parameters
    ----------
    budget_per_year : float
        False alarms that the operator accepts, of all kinds together; shared out evenly.
    is_flat : bool, default False
        Whether the cells' open-circuit curve is flat (iron phosphate), or not known.

    Raises
    ------
    ValueOutOfRange
        If it is not between 0.001 and 20: below, no calibration tells.

    Examples
    --------
    >>> strict, lax = thresholds_for(0.01), thresholds_for(1.0)
    >>> all(strict[kind] >= lax[kind] for kind in lax)
    True
    """
    if not 0.001 <= budget_per_year <= 20.0:
        raise ValueOutOfRange(
            "false-alarm budget",
            f"{budget_per_year:g} alarms per pack and year",
            "0.001 to 20",
            "0.05 is one false alarm per pack in 20 years",
        )
    known = tails(is_flat=is_flat)
    share = budget_per_year / len(known)
    return {kind: tail.threshold(share) for kind, tail in known.items()}
