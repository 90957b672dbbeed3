"""Stretches of a trace, and the moments of known charge between them."""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import polars as pl

from batteryloop.health.trace import Trace
from batteryloop.reference.chemistries import Chemistry

OWN_LIMIT = "the test's own limit,"
TAPERED = "charge tapered at"
SIGNIFICANT_FRAC = 0.02
LEVEL_FRAC = 0.005
_AGAIN = 3
_LEAST_BAND_V = 0.01
_END_ROWS = 3


@dataclass(frozen=True, slots=True)
class Anchor:
    """A moment of known charge: sample `index` of the trace, full or empty, and why we think so."""

    index: int
    kind: Literal["full", "empty"]
    voltage_v: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Anchors:
    """The moments of known charge in order, and why there are none of a kind."""

    moments: tuple[Anchor, ...]
    full_voltage_v: float | None
    no_full_reason: str = ""
    no_empty_reason: str = ""


class Run(NamedTuple):
    """A charge, discharge or rest by the samples of the trace: first and last index, charge."""

    kind: str
    first: int
    last: int
    charge_ah: float
    is_after_gap: bool


def runs_of(trace: Trace, segments: pl.DataFrame) -> list[Run]:
    """Return the segments (`telemetry.segments`) by the trace's own indices.

    A segment whose samples all lack a current has no place in the trace and is passed over.
    """
    if not len(trace):
        return []
    firsts = np.searchsorted(trace.row, segments.get_column("row_first").to_numpy())
    lasts = np.searchsorted(trace.row, segments.get_column("row_last").to_numpy(), side="right") - 1
    is_there = firsts <= lasts
    firsts, lasts = firsts[is_there], lasts[is_there]
    kept = segments.filter(is_there)
    # the charge of the interval before a run is its own, unless a gap lies there
    before = np.maximum(firsts - 1, 0)
    before = np.where(trace.part[before] == trace.part[firsts], before, firsts)
    moved_ah = trace.charge_ah[lasts] - trace.charge_ah[before]
    kinds, gaps = (kept.get_column(name).to_list() for name in ("kind", "is_after_gap"))
    columns = (kinds, firsts.tolist(), lasts.tolist(), moved_ah.tolist(), gaps)
    return [Run(*run) for run in zip(*columns, strict=True)]


def band_v(voltage_v: float, share_frac: float) -> float:
    """Return how far voltages of one level may lie apart: a share, and never under 10 mV. [V].

    Examples
    --------
    >>> band_v(4.0, 0.01), band_v(0.05, 0.01)
    (0.04, 0.01)
    """
    return max(share_frac * abs(voltage_v), _LEAST_BAND_V)


def is_cycled_by_a_tester(trace: Trace, chemistry: Chemistry | None) -> bool:
    """Whether a tester's own limits may stand in for those of an unknown chemistry."""
    return chemistry is None and trace.instrument.name == "tester"


def end_voltage(trace: Trace, run: Run, *, highest: bool) -> float:
    """Return the highest (lowest) voltage of the run's last samples, NaN if none is known."""
    cells = trace.highest_cell_v if highest else trace.lowest_cell_v
    last = cells[max(run.first, run.last + 1 - _END_ROWS) : run.last + 1]
    known = [v for v in last.tolist() if math.isfinite(v)]
    if not known:
        return math.nan
    return float(max(known) if highest else min(known))


def again_and_again(ends_v: list[float], *, highest: bool) -> float | None:
    """Return the level at which most of three or more charges (discharges) end, outermost."""
    known = np.sort(np.array([v for v in ends_v if np.isfinite(v)]))
    if known.size < _AGAIN:
        return None
    outer = float(known[-1] if highest else known[0])
    alike = known[np.abs(known - outer) <= band_v(outer, 2 * LEVEL_FRAC)]
    if alike.size < max(_AGAIN, known.size / 2):
        return None
    return float(np.median(alike))
