"""From one battery's telemetry to its health report."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from batteryloop.health.capacity.full_swings import (
    capacity_history,
    energy_from_swings,
    reference_swings,
)
from batteryloop.health.curves import voltage_curves
from batteryloop.health.efficiency import efficiencies
from batteryloop.health.evidence import Evidence, gather, state_of_charge, typical_curve
from batteryloop.health.findings import findings_of
from batteryloop.health.open_circuit.curve import OcvCurve
from batteryloop.health.resistance.at_steps import resistance, resistance_ratio
from batteryloop.health.resistance.steps import step_pulses
from batteryloop.health.self_discharge import self_discharge
from batteryloop.health.soh import change_since_first, exactly, soh_of
from batteryloop.health.trace import cells_in_series
from batteryloop.health.types import HealthReport
from batteryloop.health.usage import equivalent_full_cycles, throughput, time_in_bands
from batteryloop.health.ways import Ways, ways_to_capacity
from batteryloop.quantities import Estimate
from batteryloop.record.types import BatteryIdentity
from batteryloop.reference.chemistries import Chemistry, chemistry, resistance_activation
from batteryloop.telemetry.cycles import cycles
from batteryloop.telemetry.types import Finding


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
    (30.32, 'full-discharge-count v1 (0.92 C, temperature unknown)')
    >>> round(report.soh_frac.value, 2)
    0.92

    Notes
    -----
    Capacity by the first method that gives one: full discharges; full charges; charges between
    rested points through the open-circuit curve; the shape of charges without a rest; the
    reported state of charge. Where the curve is only the typical one of the chemistry, the surer
    of the last three, if rested voltages bear the reported state of charge out; where they belie
    it, it is put right by them or dropped. What the others give is in `others`; a finding says
    where they disagree.
    """
    known = chemistry(identity.chemistry) if identity.chemistry else None
    battery = replace(
        identity,
        n_cells_series=cells_in_series(frame, identity),
        chemistry=known.name if known else None,
    )
    seen = gather(frame, battery, known)
    curve = ocv or typical_curve(known)
    ways = ways_to_capacity(
        seen,
        curve,
        is_curve_given=ocv is not None,
        rated_capacity_ah=battery.rated_capacity_ah,
        confidence_frac=confidence_frac,
        battery_id=battery.battery_id,
    )
    trace, capacity = seen.trace, ways.best
    soh, energy, soh_energy = _what_is_left(seen, ways, battery, known, confidence_frac)
    ohm, pulses = resistance(
        step_pulses(trace, soc_frac=state_of_charge(seen, capacity.value)),
        trace,
        resistance_activation(battery.chemistry),
        confidence_frac=confidence_frac,
    )
    ratio = resistance_ratio(
        pulses,
        trace,
        capacity_ah=battery.rated_capacity_ah or capacity.value,
        confidence_frac=confidence_frac,
    )
    flowed, flowed_wh = throughput(trace, confidence_frac=confidence_frac)
    coulombic, energetic = efficiencies(
        seen.swings, trace, confidence_frac=confidence_frac, reason=seen.no_swing_reason
    )
    chosen = ways.chosen_swings
    capacities = [estimate for estimate in ways.estimates if estimate.is_known]
    return HealthReport(
        identity=battery,
        capacity_ah=capacity,
        soh_frac=soh,
        energy_wh=energy,
        soh_energy_frac=soh_energy,
        resistance_ohm=ohm,
        resistance_ratio_frac=ratio,
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
            *ways.findings,
            *findings_of(trace, identity, known, chosen, capacities, soh),
        ),
        is_simulated=is_simulated,
        others=ways.others,
        capacity_history=capacity_history(
            seen.swings,
            chosen,
            kind=chosen.item(0, "kind") if chosen.height else "discharge",
            confidence_frac=confidence_frac,
        ),
        pulses=pulses,
        voltage_curves=voltage_curves(trace, seen.swings),
        partial_charges=ways.partial_charges,
        time_in_bands=time_in_bands(trace),
        cycles=_cycles(frame, battery),
    )


def _what_is_left(
    seen: Evidence,
    ways: Ways,
    battery: BatteryIdentity,
    known: Chemistry | None,
    confidence_frac: float,
) -> tuple[Estimate, Estimate, Estimate]:
    """Return state of health by capacity, energy, and state of health by energy."""
    rated, chosen = battery.rated_capacity_ah, ways.chosen_swings
    is_down = chosen.height > 0 and chosen.item(0, "kind") == "discharge"
    energy = energy_from_swings(
        chosen if is_down else chosen.clear(),
        seen.trace,
        confidence_frac=confidence_frac,
        reason=seen.no_swing_reason or "no full discharge in the data",
    )
    rated_ah = None if rated is None else exactly(rated, "capacity_ah", "rated capacity")
    rated_wh = None
    if rated is not None and known is not None:
        rated_wh = exactly(
            rated * known.cell_voltage_nominal_v * battery.n_cells_series,
            "energy_wh",
            "rated capacity times the chemistry's nominal voltage",
        )
    by_capacity, by_energy = (
        change_since_first(
            seen.swings, chosen, name, column=column, confidence_frac=confidence_frac
        )
        for name, column in (("soh_frac", "capacity_ah"), ("soh_energy_frac", "energy_wh"))
    )
    return (
        soh_of(ways.best, "soh_frac", rated=rated_ah, relative=by_capacity),
        energy,
        soh_of(energy, "soh_energy_frac", rated=rated_wh, relative=by_energy),
    )


def _cycles(frame: pl.DataFrame, battery: BatteryIdentity) -> pl.DataFrame:
    if frame.is_empty():
        return pl.DataFrame()
    return cycles(
        frame,
        n_cells_series=battery.n_cells_series,
        rated_capacity_ah=battery.rated_capacity_ah,
    )


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
    return exactly(value, "capacity_ah", words), words
