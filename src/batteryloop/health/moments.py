"""Stretches of a trace, and the moments of known charge between them."""

from dataclasses import dataclass
from typing import Literal

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


@dataclass(frozen=True, slots=True)
class Run:
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
    return [
        Run(kind, int(first), int(last), _moved(trace, int(first), int(last)), bool(gap))
        for kind, first, last, gap in zip(
            segments.get_column("kind"),
            firsts,
            lasts,
            segments.get_column("is_after_gap"),
            strict=True,
        )
        if first <= last
    ]


def _moved(trace: Trace, first: int, last: int) -> float:
    before = first - 1 if first > 0 and trace.part[first - 1] == trace.part[first] else first
    return float(trace.charge_ah[last] - trace.charge_ah[before])


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
    known = last[np.isfinite(last)]
    if not known.size:
        return float("nan")
    return float(known.max() if highest else known.min())


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
