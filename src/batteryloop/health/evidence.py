"""What the samples show before anything is estimated: stretches, full and empty, swings."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from batteryloop.health.anchors.find import Anchors, Runs, find_anchors, runs_of
from batteryloop.health.anchors.swings import swings
from batteryloop.health.open_circuit.curve import OcvCurve, typical_ocv
from batteryloop.health.trace import Array, Trace, trace_of
from batteryloop.record.types import BatteryIdentity
from batteryloop.reference.chemistries import Chemistry
from batteryloop.reference.ocv import ocv_chemistries
from batteryloop.telemetry.segments import segments

_EMPTY_FRAC = 0.03


@dataclass(frozen=True, slots=True)
class Evidence:
    """One battery's samples, its stretches, its full and empty moments, and its full swings."""

    trace: Trace
    runs: Runs
    anchors: Anchors
    swings: pl.DataFrame

    @property
    def no_swing_reason(self) -> str:
        """Why there is no full swing; empty if nothing speaks against one."""
        reasons = (self.anchors.no_full_reason, self.anchors.no_empty_reason)
        return "; ".join(reason for reason in reasons if reason)


def gather(frame: pl.DataFrame, battery: BatteryIdentity, known: Chemistry | None) -> Evidence:
    """Return what one battery's frame shows.

    Parameters
    ----------
    frame : polars.DataFrame
        A telemetry frame of one battery, sorted by time.
    battery : BatteryIdentity
        With its cells in series.
    known : Chemistry, optional
        Its chemistry.

    Raises
    ------
    ColumnMissing
        If the frame carries no voltage.
    InputWrong
        If the frame holds more than one battery.
    """
    n_cells = battery.n_cells_series
    trace = trace_of(frame, n_cells_series=n_cells)
    runs = runs_of(trace, segments(frame, n_cells_series=n_cells))
    typical = typical_curve(known)
    # Hard carbon falls steeply long before it is empty: where the curve is known, ask it.
    empty_v = None if typical is None else float(typical.voltage_at(_EMPTY_FRAC))
    anchors = find_anchors(trace, runs, known, empty_below_v=empty_v)
    table = swings(trace, anchors, rated_capacity_ah=battery.rated_capacity_ah)
    return Evidence(trace, runs, anchors, table)


def typical_curve(known: Chemistry | None) -> OcvCurve | None:
    """Return the chemistry's typical open-circuit curve, None if it has none."""
    if known is None or known.name not in ocv_chemistries():
        return None
    return typical_ocv(known.name)


def state_of_charge(evidence: Evidence, capacity_ah: float | None) -> Array:
    """Return the state of charge at each sample: reported, else counted from full or empty.

    Parameters
    ----------
    evidence : Evidence
        What the samples show.
    capacity_ah : float, optional
        To count with. [Ah]

    Returns
    -------
    array of float, shape (n,)
        NaN where it is neither reported nor can be counted.
    """
    trace, moments = evidence.trace, evidence.anchors.moments
    if np.isfinite(trace.soc_frac).any() or capacity_ah is None or not moments:
        return trace.soc_frac
    at = np.array([moment.index for moment in moments])
    level = np.array([1.0 if moment.kind == "full" else 0.0 for moment in moments])
    # Before the first moment the charge is counted backwards from it.
    latest = np.clip(np.searchsorted(at, np.arange(len(trace)), side="right") - 1, 0, None)
    is_same = trace.part == trace.part[at[latest]]
    soc = level[latest] + (trace.charge_ah - trace.charge_ah[at[latest]]) / capacity_ah
    return np.where(is_same, np.clip(soc, 0.0, 1.0), np.nan)
