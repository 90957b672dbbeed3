"""What a reader of the report must know: findings of the judgement itself."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from batteryloop.health.anchors.moments import OWN_LIMIT, TAPERED
from batteryloop.health.trace import Trace
from batteryloop.quantities import Estimate
from batteryloop.record.types import BatteryIdentity
from batteryloop.reference.chemistries import Chemistry
from batteryloop.telemetry.types import Finding

_OVER_V, _UNDER_V = 0.05, 0.3
_OUTSIDE_FRAC = 0.001
_SOH_LOW_FRAC, _SOH_HIGH_FRAC = 0.2, 1.15
_MILD_DEGC = (15.0, 35.0)


def findings_of(
    trace: Trace,
    given: BatteryIdentity,
    chemistry: Chemistry | None,
    chosen: pl.DataFrame,
    capacities: Sequence[Estimate],
    soh_frac: Estimate,
) -> tuple[Finding, ...]:
    """Return what was assumed, and what does not fit together.

    Parameters
    ----------
    trace : Trace
        One battery's samples.
    given : BatteryIdentity
        The battery as the record has it.
    chemistry : Chemistry, optional
        Its chemistry's limits.
    chosen : polars.DataFrame
        The swings that speak for its capacity.
    capacities : sequence of Estimate
        Its capacity by each method that gave one.
    soh_frac : Estimate
        Its state of health.
    """
    found = [
        *_cells(trace, given),
        *_outside(trace, given, chemistry),
        *_conditions(given, chosen),
        *_own_limits(given, chosen),
        *_tapered(given, chosen),
        *_disagreement(given, capacities),
        *_implausible(given, soh_frac),
    ]
    return tuple(found)


def _cells(trace: Trace, given: BatteryIdentity) -> list[Finding]:
    if trace.n_cells_series == given.n_cells_series:
        return []
    return [
        Finding(
            "cells-in-series-inferred",
            "note",
            given.battery_id,
            f"{trace.n_cells_series} cells in series, as the voltages of battery and cells imply",
            "give the number of cells in series",
        )
    ]


def _outside(trace: Trace, given: BatteryIdentity, chemistry: Chemistry | None) -> list[Finding]:
    if chemistry is None:
        return []
    volts = trace.cell_voltage_v
    high, low = chemistry.cell_voltage_max_v + _OVER_V, chemistry.cell_voltage_min_v - _UNDER_V
    is_outside = (volts > high) | (volts < low)
    if not is_outside.any() or is_outside.mean() < _OUTSIDE_FRAC:
        return []
    at = np.flatnonzero(is_outside)
    return [
        Finding(
            "voltage-outside-chemistry",
            "warning",
            given.battery_id,
            f"{is_outside.mean():.1%} of the rows are outside {low:.2f} to {high:.2f} V a cell"
            f" ({chemistry.name}): {np.nanmin(volts):.2f} to {np.nanmax(volts):.2f} V",
            "check chemistry, cells in series and the voltage's unit",
            row_first=int(trace.row[at[0]]),
            row_last=int(trace.row[at[-1]]),
            n_rows=int(at.size),
        )
    ]


def _conditions(given: BatteryIdentity, chosen: pl.DataFrame) -> list[Finding]:
    known = chosen.get_column("temperature_degc").drop_nulls() if chosen.height else pl.Series([])
    if not known.len():
        return []
    middle = float(np.median(known.to_numpy()))
    if _MILD_DEGC[0] <= middle <= _MILD_DEGC[1]:
        return []
    return [
        Finding(
            "capacity-off-reference-temperature",
            "note",
            given.battery_id,
            f"the capacity was measured at {middle:.0f} °C and is not corrected to 25 °C",
            "measure it near 25 °C to compare with the rated capacity",
        )
    ]


def _own_limits(given: BatteryIdentity, chosen: pl.DataFrame) -> list[Finding]:
    own = chosen.filter(pl.col("evidence").str.contains(OWN_LIMIT, literal=True))
    if own.is_empty():
        return []
    return [
        Finding(
            "capacity-between-test-limits",
            "warning",
            given.battery_id,
            "nothing but repetition says that the battery was full and empty"
            f" ({own.item(0, 'evidence')})",
            "name the chemistry; if the test goes only part of the way, this is not the capacity",
        )
    ]


def _tapered(given: BatteryIdentity, chosen: pl.DataFrame) -> list[Finding]:
    held = chosen.filter(pl.col("evidence").str.contains(TAPERED, literal=True))
    if given.chemistry is not None or held.is_empty():
        return []
    return [
        Finding(
            "full-taken-from-taper",
            "note",
            given.battery_id,
            f"the chemistry is unknown; full is where the {held.item(0, 'evidence')}",
            "name the chemistry, so that a lower limit set on purpose is told from full",
        )
    ]


def _disagreement(given: BatteryIdentity, capacities: Sequence[Estimate]) -> list[Finding]:
    known = [c for c in capacities if c.low is not None and c.high is not None]
    if len(known) < 2:
        return []
    best = known[0]
    return [
        Finding(
            "capacity-methods-disagree",
            "warning",
            given.battery_id,
            f"{best.value:.2f} Ah by {best.method}, but {other.value:.2f} Ah by {other.method}",
            "check rated capacity, open-circuit curve and the current's scale",
        )
        for other in known[1:]
        if other.low > best.high or other.high < best.low  # type: ignore[operator]
    ]


def _implausible(given: BatteryIdentity, soh_frac: Estimate) -> list[Finding]:
    value = soh_frac.value
    if value is None or _SOH_LOW_FRAC <= value <= _SOH_HIGH_FRAC:
        return []
    return [
        Finding(
            "soh-implausible",
            "warning",
            given.battery_id,
            f"state of health {value:.0%}",
            "check the rated capacity, whether it is of a cell or of the battery, and the unit"
            " of the current",
        )
    ]
