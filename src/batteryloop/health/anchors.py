"""When was the battery full, and when was it empty? Found from the samples, not assumed.

Full: a charge ended at the battery's upper limit. The limit is the highest voltage at which charges
end for which there is evidence: the current tapered there, or the chemistry's limit is there.
Empty: a discharge ended where the voltage falls off, or at the chemistry's lower limit.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from batteryloop.health.trace import Array, Trace
from batteryloop.reference.chemistries import Chemistry

_SIGNIFICANT_FRAC = 0.02
_LEVEL_TOLERANCE_FRAC = 0.005
_TAPER_BAND_FRAC = 0.004
_TAPER_CURRENT_FRAC = 0.7
_NEAR_MAX_FRAC = 0.985
_RESTED_NEAR_MAX_FRAC = 0.985
_TAPERED_FROM_FRAC = 0.965
_UNSTATED_MAX_V = 4.2
_FALL_SPAN_FRAC = 0.05
_FALL_SHARE = 0.12
_EMPTY_BELOW_TOP_FRAC = 0.88
_SURELY_EMPTY_FRAC = 0.7
_NEAR_MIN_FRAC = 0.2
_FALL_BELOW_FRAC = 0.6
_SAME_LEVEL = 1.25
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


def find_anchors(
    trace: Trace,
    runs: list[Run],
    chemistry: Chemistry | None,
    *,
    empty_below_v: float | None = None,
) -> Anchors:
    """Return the moments at which the battery was full or empty.

    Parameters
    ----------
    trace : Trace
        One battery's samples.
    runs : list of Run
        Its charges, discharges and rests, in order.
    chemistry : Chemistry, optional
        Gives the limits of a cell, if it is known.
    empty_below_v : float, optional
        Where the voltage falls off below this, a cell is empty; by default six tenths of the way
        from the chemistry's lower limit to its nominal voltage. [V]
    """
    largest = max((abs(run.charge_ah) for run in runs), default=0.0)
    charges = [r for r in runs if r.kind == "charge" and r.charge_ah > _SIGNIFICANT_FRAC * largest]
    ends = [(r, _end_voltage(trace, r, highest=True)) for r in charges]
    full_v, why, reason = _full_limit(trace, ends, chemistry)
    fulls = _fulls(trace, runs, full_v, why, _SIGNIFICANT_FRAC * largest)
    top = full_v if full_v is not None else _rest_limit(chemistry)
    rested = _rested_full(trace, runs, chemistry, top)
    if not fulls and rested:
        reason = ""
    known = sorted((*fulls, *rested), key=lambda a: a.index)
    if empty_below_v is None and chemistry is not None:
        empty_below_v = _between(chemistry, _FALL_BELOW_FRAC)
    empties = _lowest(_empties(trace, runs, known, chemistry, empty_below_v))
    no_empty = "" if empties else _no_empty_reason(trace, runs, chemistry)
    if full_v is None and rested:
        full_v = float(np.median([anchor.voltage_v for anchor in rested]))
    return Anchors(
        tuple(sorted((*known, *empties), key=lambda a: a.index)), full_v, reason, no_empty
    )


def _fulls(
    trace: Trace, runs: list[Run], full_v: float | None, evidence: str, least_ah: float
) -> list[Anchor]:
    """Return the ends of the charges to the limit, and of what topped them up at once."""
    found: list[Anchor] = []
    is_full = False
    for run in runs:
        is_full &= run.kind != "discharge"
        if full_v is None or run.kind != "charge" or not (is_full or run.charge_ah > least_ah):
            continue
        end_v = _end_voltage(trace, run, highest=True)
        if end_v >= full_v * (1 - _LEVEL_TOLERANCE_FRAC):
            found.append(Anchor(run.last, "full", end_v, evidence))
            is_full = True
    return found


def _end_voltage(trace: Trace, run: Run, *, highest: bool) -> float:
    """Return the highest (lowest) voltage of the run's last samples, NaN if none is known."""
    cells = trace.highest_cell_v if highest else trace.lowest_cell_v
    last = cells[max(run.first, run.last + 1 - _END_ROWS) : run.last + 1]
    known = last[np.isfinite(last)]
    if not known.size:
        return float("nan")
    return float(known.max() if highest else known.min())


def _is_tapered(trace: Trace, run: Run, end_v: float) -> bool:
    """Whether the current fell while the voltage stood at its end: constant-voltage charging."""
    voltage = trace.highest_cell_v[run.first : run.last + 1]
    current = trace.current_a[run.first : run.last + 1]
    held = np.flatnonzero(voltage >= end_v * (1 - _TAPER_BAND_FRAC))
    if held.size < 3:
        return False
    first = int(held[0])
    return bool(current[first:][-2:].min() <= _TAPER_CURRENT_FRAC * current[first])


def _full_limit(
    trace: Trace, ends: list[tuple[Run, float]], chemistry: Chemistry | None
) -> tuple[float | None, str, str]:
    """Return the upper limit of a cell, the evidence for it, and the reason if there is none."""
    left = sorted(((run, v) for run, v in ends if np.isfinite(v)), key=lambda e: -e[1])
    if not left:
        return None, "", "no charge in the data"
    highest = left[0][1]
    limit = chemistry.cell_voltage_max_v if chemistry else _UNSTATED_MAX_V
    while left:
        top = left[0][1]
        level = [(run, v) for run, v in left if v >= top * (1 - 2 * _LEVEL_TOLERANCE_FRAC)]
        left = left[len(level) :]
        voltage = float(np.median([v for _, v in level]))
        if _NEAR_MAX_FRAC * limit <= voltage <= limit * 1.02:
            return voltage, f"charge to {voltage:.2f} V", ""
        is_plausible = chemistry is None or voltage >= _TAPERED_FROM_FRAC * limit
        if is_plausible and any(_is_tapered(trace, run, v) for run, v in level):
            return voltage, f"charge tapered at {voltage:.2f} V", ""
    what = f"{chemistry.name} charges to {limit:.2f} V" if chemistry else "the chemistry is unknown"
    return None, "", f"charges end at {highest:.2f} V a cell without a taper, and {what}"


def _rest_limit(chemistry: Chemistry | None) -> float | None:
    """Return the voltage that a full cell keeps at rest, None where rest says too little."""
    if chemistry is None:
        return _UNSTATED_MAX_V
    return None if chemistry.is_flat else chemistry.cell_voltage_max_v


def _rested_full(
    trace: Trace, runs: list[Run], chemistry: Chemistry | None, top_v: float | None
) -> list[Anchor]:
    """Return the discharges that begin at a rest near the upper limit, no charge seen before.

    A test that records only its discharges starts like this. Not for chemistries whose voltage
    relaxes far from the limit.
    """
    if top_v is None or (chemistry is not None and chemistry.is_flat):
        return []
    if chemistry is None and not np.isclose(top_v, _UNSTATED_MAX_V, rtol=0.02):
        return []
    found = []
    for number, run in enumerate(runs):
        if run.kind != "discharge":
            continue
        before = runs[number - 1] if number and not run.is_after_gap else None
        if before is None or (before.kind == "rest" and (number == 1 or before.is_after_gap)):
            start = run.first if before is None else before.last
            voltage = trace.highest_cell_v[start]
            is_rest = abs(trace.current_a[start]) < 0.02 * trace.current_scale_a
            if is_rest and voltage >= _RESTED_NEAR_MAX_FRAC * top_v:
                found.append(Anchor(start, "full", float(voltage), f"at rest at {voltage:.2f} V"))
    return found


def _empties(
    trace: Trace,
    runs: list[Run],
    fulls: list[Anchor],
    chemistry: Chemistry | None,
    below_v: float | None,
) -> list[Anchor]:
    found = []
    at = np.array([a.index for a in fulls], dtype=np.int64)
    largest = max((abs(run.charge_ah) for run in runs), default=0.0)
    for run in runs:
        if run.kind != "discharge" or -run.charge_ah <= _SIGNIFICANT_FRAC * largest:
            continue
        end_v = _end_voltage(trace, run, highest=False)
        if not np.isfinite(end_v):
            continue
        if chemistry is not None and end_v <= _lower_limit(chemistry):
            found.append(Anchor(run.last, "empty", end_v, f"discharge to {end_v:.2f} V"))
            continue
        last_full = int(np.searchsorted(at, run.last, side="right")) - 1
        if last_full < 0 or trace.part[at[last_full]] != trace.part[run.last]:
            continue
        at_full_v = fulls[last_full].voltage_v
        if chemistry is None and end_v <= _SURELY_EMPTY_FRAC * at_full_v:
            found.append(Anchor(run.last, "empty", end_v, f"discharge to {end_v:.2f} V"))
        elif (below_v is None or end_v <= below_v) and _falls_off(
            trace, int(at[last_full]), run.last, end_v
        ):
            found.append(Anchor(run.last, "empty", end_v, f"voltage falls off to {end_v:.2f} V"))
    return found


def _lower_limit(chemistry: Chemistry) -> float:
    return _between(chemistry, _NEAR_MIN_FRAC)


def _between(chemistry: Chemistry, share_frac: float) -> float:
    """Return the voltage that share of the way from the lower limit to the nominal voltage."""
    low, nominal = chemistry.cell_voltage_min_v, chemistry.cell_voltage_nominal_v
    return low + share_frac * (nominal - low)


def _lowest(empties: list[Anchor]) -> list[Anchor]:
    """Leave out those that lie far above others: they were not the end."""
    lowest = min((moment.voltage_v for moment in empties), default=0.0)
    return [m for m in empties if m.voltage_v <= lowest * _SAME_LEVEL]


def _falls_off(trace: Trace, full: int, last: int, end_v: float) -> bool:
    """Whether the last twentieth of the charge since full took a large share of the voltage."""
    span = trace.charge_ah[full] - trace.charge_ah[last]
    top_v = trace.lowest_cell_v[full]
    if not span > 0 or not end_v < _EMPTY_BELOW_TOP_FRAC * top_v:
        return False
    window = slice(full, last + 1)
    is_load = trace.current_a[window] < -0.02 * trace.current_scale_a
    is_before = trace.charge_ah[window] >= trace.charge_ah[last] + _FALL_SPAN_FRAC * span
    before = np.flatnonzero(is_load & is_before)
    if not before.size:
        return False
    before_v = trace.lowest_cell_v[window][before[-1]]
    return bool(before_v - end_v >= _FALL_SHARE * (top_v - end_v))


def _no_empty_reason(trace: Trace, runs: list[Run], chemistry: Chemistry | None) -> str:
    ends = [_end_voltage(trace, r, highest=False) for r in runs if r.kind == "discharge"]
    known: Array = np.array([v for v in ends if np.isfinite(v)])
    if not known.size:
        return "no discharge in the data"
    low = f"; {chemistry.name} is empty near {_lower_limit(chemistry):.2f} V" if chemistry else ""
    return f"no discharge goes to the end: the lowest ends at {known.min():.2f} V a cell{low}"
