"""Stretches of a trace, and the moments of known charge between them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, overload

import numpy as np
import polars as pl
from numpy.typing import NDArray

from batteryloop.health.trace import Array, Ints, Trace
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


@dataclass(frozen=True, slots=True)
class Runs(Sequence[Run]):
    """The runs of a trace in order, as arrays of one length: a driven pack has tens of thousands.

    `kind` is of strings; `first`, `last` are indices of the trace; `charge_ah` is signed [Ah].
    """

    kind: NDArray[np.str_]
    first: Ints
    last: Ints
    charge_ah: Array
    is_after_gap: NDArray[np.bool_]

    def __len__(self) -> int:
        return self.first.size

    def __iter__(self) -> Iterator[Run]:
        return map(Run, *(getattr(self, name).tolist() for name in Run._fields))

    @overload
    def __getitem__(self, place: int) -> Run: ...
    @overload
    def __getitem__(self, place: slice) -> "Runs": ...
    def __getitem__(self, place: int | slice) -> "Run | Runs":
        if isinstance(place, slice):
            return Runs(*(getattr(self, name)[place] for name in Run._fields))
        return Run(*(getattr(self, name)[place].item() for name in Run._fields))

    def where(self, is_kept: NDArray[np.bool_]) -> "Runs":
        """Return those of which it is true."""
        return Runs(*(getattr(self, name)[is_kept] for name in Run._fields))

    def of(self, kind: str) -> "Runs":
        """Return those of a kind."""
        return self.where(self.kind == kind)

    def duration_s(self, trace: Trace) -> Array:
        """Return how long each lasts, first to last sample [s]."""
        span: Array = (trace.time_us[self.last] - trace.time_us[self.first]) / 1e6
        return span

    def end_voltage_v(self, trace: Trace, *, highest: bool) -> Array:
        """Return the highest (lowest) voltage of each one's last samples, NaN if none is known."""
        cells = trace.highest_cell_v if highest else trace.lowest_cell_v
        outermost = np.full(len(self), -np.inf if highest else np.inf)
        for before in range(_END_ROWS):
            at = self.last - before
            voltage = np.where(at >= self.first, cells[np.maximum(at, 0)], np.nan)
            outermost = (np.fmax if highest else np.fmin)(outermost, voltage)
        return np.where(np.isfinite(outermost), outermost, np.nan)


def runs_of(trace: Trace, segments: pl.DataFrame) -> Runs:
    """Return the segments (`telemetry.segments`) by the trace's own indices.

    A segment whose samples all lack a current has no place in the trace and is passed over.
    """
    if not len(trace):
        segments = segments.clear()
    firsts = np.searchsorted(trace.row, segments.get_column("row_first").to_numpy())
    lasts = np.searchsorted(trace.row, segments.get_column("row_last").to_numpy(), side="right") - 1
    is_there = firsts <= lasts
    firsts, lasts = firsts[is_there], lasts[is_there]
    kept = segments.filter(is_there)
    # the charge of the interval before a run is its own, unless a gap lies there
    before = np.maximum(firsts - 1, 0)
    before = np.where(trace.part[before] == trace.part[firsts], before, firsts)
    return Runs(
        kept.get_column("kind").to_numpy().astype(np.str_),
        firsts,
        lasts,
        trace.charge_ah[lasts] - trace.charge_ah[before],
        kept.get_column("is_after_gap").to_numpy(),
    )


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


def again_and_again(ends_v: Array, *, highest: bool) -> float | None:
    """Return the level at which most of three or more charges (discharges) end, outermost."""
    known = np.sort(ends_v[np.isfinite(ends_v)])
    if known.size < _AGAIN:
        return None
    outer = float(known[-1] if highest else known[0])
    alike = known[np.abs(known - outer) <= band_v(outer, 2 * LEVEL_FRAC)]
    if alike.size < max(_AGAIN, known.size / 2):
        return None
    return float(np.median(alike))
