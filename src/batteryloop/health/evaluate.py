"""From one battery's telemetry to its health report."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from batteryloop.health.anchors import Anchors, Run, find_anchors, runs_of
from batteryloop.health.capacity import (
    capacity_from_swings,
    capacity_history,
    energy_from_swings,
    reference_swings,
)
from batteryloop.health.curves import voltage_curves
from batteryloop.health.efficiency import efficiencies
from batteryloop.health.findings import findings_of
from batteryloop.health.ocv import OcvCurve, typical_ocv
from batteryloop.health.resistance import resistance, resistance_ratio
from batteryloop.health.self_discharge import self_discharge
from batteryloop.health.soc_window import capacity_from_reported_soc
from batteryloop.health.soh import change_since_first, soh_of
from batteryloop.health.steps import step_pulses
from batteryloop.health.swings import swings as swings_of
from batteryloop.health.trace import Array, Trace, cells_in_series, trace_of
from batteryloop.health.types import HealthReport
from batteryloop.health.usage import equivalent_full_cycles, throughput, time_in_bands
from batteryloop.quantities import Estimate
from batteryloop.record.types import BatteryIdentity
from batteryloop.reference.chemistries import Chemistry, chemistry, resistance_activation
from batteryloop.reference.ocv import ocv_chemistries
from batteryloop.telemetry.cycles import cycles
from batteryloop.telemetry.segments import segments
from batteryloop.telemetry.types import Finding

_EMPTY_FRAC = 0.03


def evaluate(
    frame: pl.DataFrame,
    identity: BatteryIdentity,
    *,
    ocv: OcvCurve | None = None,
    findings: Sequence[Finding] = (),
    confidence_frac: float = 0.9,
    is_simulated: bool = False,
) -> HealthReport:
    """Return the health of one battery: each figure with its interval, or the reason why not.

    Parameters
    ----------
    frame : polars.DataFrame
        A telemetry frame of one battery, sorted by time.
    identity : BatteryIdentity
        What is known of it beforehand. Where the cells in series are not given they are read from
        the voltages, and a finding says so.
    ocv : OcvCurve, optional
        Open-circuit voltage of one cell; else the chemistry's typical curve, if it has one.
    findings : sequence of Finding
        What was noticed when the frame was read; kept in front of this report's own.
    confidence_frac : float, default 0.9
        How sure the intervals are, in (0, 1).
    is_simulated : bool, default False
        Whether the frame was simulated; the report says so.

    Raises
    ------
    NotKnown
        If the chemistry is not in the reference table.
    ColumnMissing
        If the frame carries no voltage.
    InputWrong
        If the frame holds more than one battery.

    Examples
    --------
    >>> from batteryloop.samples import sample
    >>> cell = BatteryIdentity("ORNL-LEAF-2013", "LMO-NCA", rated_capacity_ah=33.1)
    >>> report = evaluate(sample("leaf_cell_2013_discharge_1c"), cell)
    >>> round(report.capacity_ah.value, 2), report.capacity_ah.method
    (30.32, 'full-discharge-count v1 (1.01 C, temperature unknown)')
    >>> round(report.soh_frac.value, 2)
    0.92

    Notes
    -----
    Capacity by the first method that gives one: full discharges; full charges; charges between
    rested points through the open-circuit curve; the reported state of charge. What the others
    give is in `others`, and a finding says where they disagree.
    """
    known = chemistry(identity.chemistry) if identity.chemistry else None
    n_cells = cells_in_series(frame, identity)
    battery = replace(identity, n_cells_series=n_cells, chemistry=known.name if known else None)
    trace = trace_of(frame, n_cells_series=n_cells)
    seen = _look(frame, trace, known, battery.rated_capacity_ah)
    curve = ocv or _typical(known)
    capacities, chosen, partial = _capacities(frame, seen, battery, curve, confidence_frac)
    first = next((c for c in capacities if c.is_known), capacities[0])
    capacity = first if first.is_known else _why_none(capacities)
    soh, energy, soh_energy = _left(seen, capacity, chosen, battery, known, confidence_frac)
    activation = resistance_activation(battery.chemistry)
    soc = _state_of_charge(trace, seen.anchors, capacity.value)
    ohm, pulses = resistance(
        step_pulses(trace, soc_frac=soc), trace, activation, confidence_frac=confidence_frac
    )
    flowed, flowed_wh = throughput(trace, confidence_frac=confidence_frac)
    coulombic, energetic = efficiencies(
        seen.swings, trace, confidence_frac=confidence_frac, reason=seen.no_swing_reason
    )
    kind = chosen.item(0, "kind") if chosen.height else "discharge"
    return HealthReport(
        identity=battery,
        capacity_ah=capacity,
        soh_frac=soh,
        energy_wh=energy,
        soh_energy_frac=soh_energy,
        resistance_ohm=ohm,
        resistance_ratio_frac=resistance_ratio(
            pulses,
            trace,
            capacity_ah=battery.rated_capacity_ah or capacity.value,
            confidence_frac=confidence_frac,
        ),
        coulombic_efficiency_frac=coulombic,
        energy_efficiency_frac=energetic,
        self_discharge_per_day=self_discharge(
            trace, seen.runs, curve, confidence_frac=confidence_frac
        ),
        equivalent_full_cycles=equivalent_full_cycles(
            flowed, *_one_cycle(battery, seen.swings, capacity)
        ),
        throughput_ah=flowed,
        throughput_wh=flowed_wh,
        n_rows=frame.height,
        started_at=trace.at(0) if len(trace) else None,
        ended_at=trace.at(-1) if len(trace) else None,
        confidence_frac=confidence_frac,
        findings=(
            *findings,
            *findings_of(
                trace, identity, known, chosen, [c for c in capacities if c.is_known], soh
            ),
        ),
        is_simulated=is_simulated,
        others=tuple(c for c in capacities if c.is_known and c is not capacity),
        capacity_history=capacity_history(
            seen.swings, chosen, kind=kind, confidence_frac=confidence_frac
        ),
        pulses=pulses,
        voltage_curves=voltage_curves(trace, seen.swings),
        partial_charges=partial,
        time_in_bands=time_in_bands(trace),
        cycles=_cycles(frame, battery),
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the samples show before anything is estimated."""

    trace: Trace
    runs: list[Run]
    anchors: Anchors
    swings: pl.DataFrame

    @property
    def no_swing_reason(self) -> str:
        """Why there is no full swing."""
        reasons = (self.anchors.no_full_reason, self.anchors.no_empty_reason)
        return "; ".join(reason for reason in reasons if reason)


def _look(
    frame: pl.DataFrame, trace: Trace, known: Chemistry | None, rated_capacity_ah: float | None
) -> _Seen:
    runs = (
        runs_of(trace, segments(frame, n_cells_series=trace.n_cells_series)) if len(trace) else []
    )
    typical = _typical(known)
    # Hard carbon falls steeply long before it is empty: where the curve is known, ask it.
    empty_v = None if typical is None else float(typical.voltage_at(_EMPTY_FRAC))
    anchors = find_anchors(trace, runs, known, empty_below_v=empty_v)
    return _Seen(
        trace, runs, anchors, swings_of(trace, anchors, rated_capacity_ah=rated_capacity_ah)
    )


def _cycles(frame: pl.DataFrame, battery: BatteryIdentity) -> pl.DataFrame:
    if frame.is_empty():
        return pl.DataFrame()
    return cycles(
        frame,
        n_cells_series=battery.n_cells_series,
        rated_capacity_ah=battery.rated_capacity_ah,
    )


def _typical(known: Chemistry | None) -> OcvCurve | None:
    if known is None or known.name not in ocv_chemistries():
        return None
    return typical_ocv(known.name)


def _capacities(
    frame: pl.DataFrame,
    seen: _Seen,
    battery: BatteryIdentity,
    curve: OcvCurve | None,
    confidence_frac: float,
) -> tuple[list[Estimate], pl.DataFrame, pl.DataFrame]:
    """Return the capacity by each method in order of trust, and the swings that speak for it."""
    counted, chosen = capacity_from_swings(
        seen.swings, confidence_frac=confidence_frac, reason=seen.no_swing_reason
    )
    if not counted.is_known:
        # How much a charge takes depends on how far the discharge before it went: second best.
        counted, chosen = capacity_from_swings(
            seen.swings, kind="charge", confidence_frac=confidence_frac, reason=counted.reason
        )
    partial = pl.DataFrame()
    reported = capacity_from_reported_soc(seen.trace, confidence_frac=confidence_frac)
    return [counted, reported], chosen, partial


def _why_none(capacities: list[Estimate]) -> Estimate:
    """Return "unknown" with every method's reason, in order."""
    reasons = dict.fromkeys(c.reason for c in capacities if c.reason)
    return Estimate.unknown(
        "capacity_ah",
        capacities[0].method,
        "; ".join(reasons),
        confidence_frac=capacities[0].confidence_frac,
    )


def _left(
    seen: _Seen,
    capacity: Estimate,
    chosen: pl.DataFrame,
    battery: BatteryIdentity,
    known: Chemistry | None,
    confidence_frac: float,
) -> tuple[Estimate, Estimate, Estimate]:
    """Return state of health by capacity, energy, and state of health by energy."""
    rated = battery.rated_capacity_ah
    is_down = chosen.height > 0 and chosen.item(0, "kind") == "discharge"
    energy = energy_from_swings(
        chosen if is_down else chosen.clear(),
        seen.trace,
        confidence_frac=confidence_frac,
        reason=seen.no_swing_reason or "no full discharge in the data",
    )
    rated_wh = (
        rated * known.cell_voltage_nominal_v * battery.n_cells_series if rated and known else None
    )
    changes = [
        change_since_first(
            seen.swings, chosen, name, column=column, confidence_frac=confidence_frac
        )
        for name, column in (("soh_frac", "capacity_ah"), ("soh_energy_frac", "energy_wh"))
    ]
    soh = soh_of(
        capacity, "soh_frac", rated=rated, rated_words="rated capacity", relative=changes[0]
    )
    soh_energy = soh_of(
        energy,
        "soh_energy_frac",
        rated=rated_wh,
        rated_words="rated capacity times the chemistry's nominal voltage",
        relative=changes[1],
    )
    return soh, energy, soh_energy


def _state_of_charge(trace: Trace, anchors: Anchors, capacity_ah: float | None) -> Array:
    """Return the state of charge at each sample: reported, else counted from full or empty."""
    if np.isfinite(trace.soc_frac).any() or capacity_ah is None or not anchors.moments:
        return trace.soc_frac
    at = np.array([moment.index for moment in anchors.moments])
    level = np.array([1.0 if moment.kind == "full" else 0.0 for moment in anchors.moments])
    latest = np.searchsorted(at, np.arange(len(trace)), side="right") - 1
    # Before the first moment the charge is counted backwards from it.
    latest = np.clip(latest, 0, None)
    is_same = trace.part == trace.part[at[latest]]
    soc = level[latest] + (trace.charge_ah - trace.charge_ah[at[latest]]) / capacity_ah
    return np.where(is_same, np.clip(soc, 0.0, 1.0), np.nan)


def _one_cycle(
    battery: BatteryIdentity, swings: pl.DataFrame, capacity: Estimate
) -> tuple[Estimate, str]:
    """Return what counts as one full cycle, in order of trust, and its name."""
    if battery.rated_capacity_ah is not None:
        value, words = battery.rated_capacity_ah, "rated"
    elif swings.height:
        first = reference_swings(
            swings.filter(pl.col("kind") == swings.item(0, "kind")), is_first=True
        )
        value, words = (
            float(np.median(first.get_column("capacity_ah").to_numpy())),
            "first measured",
        )
    else:
        return capacity, "measured"
    one = Estimate("capacity_ah", value, value, value, capacity.confidence_frac, words)
    return one, words
