"""From one battery's telemetry to what its curves, its resistance in use and its SoC tell."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from batteryloop.health.capacity.soc_window import capacity_from_reported_soc
from batteryloop.health.evidence import Evidence, gather, typical_curve
from batteryloop.health.open_circuit.curve import OcvCurve
from batteryloop.health.open_circuit.points import ocv_points
from batteryloop.health.open_circuit.reported_soc import (
    SocCheck,
    check_reported_soc,
    corrected_capacity,
)
from batteryloop.health.resistance.field import FieldResistance, field_resistance
from batteryloop.health.resistance.steps import step_pulses
from batteryloop.health.shape.degradation_modes import DegradationModes, degradation_modes
from batteryloop.health.shape.incremental_capacity import incremental_capacity
from batteryloop.health.shape.peak_tracking import PeakTrack, follow, tracks_of
from batteryloop.health.shape.stretches import Stretch, alike, steady_stretches
from batteryloop.health.trace import Trace, cells_in_series
from batteryloop.quantities import Estimate
from batteryloop.record.types import BatteryIdentity
from batteryloop.reference.chemistries import Chemistry, chemistry, resistance_activation
from batteryloop.telemetry.types import Finding

_MOST_CURVES = 60
_EXPLAINED_FRAC = 0.1

CURVES: dict[str, pl.DataType] = {
    "curve": pl.Int64(),
    "time": pl.Datetime("us", "UTC"),
    "discharged_ah": pl.Float64(),
    "voltage_v": pl.Float64(),
    "charge_ah": pl.Float64(),
    "charge_per_v_ah": pl.Float64(),
    "charge_per_v_sd_ah": pl.Float64(),
    "voltage_per_ah_v": pl.Float64(),
}


@dataclass(frozen=True, slots=True)
class DeeperReport:
    """What a battery's curves tell, each figure with its interval or the reason why not.

    `curves` are dQ/dV and dV/dQ of up to sixty comparable charges (columns `CURVES`, within two
    kernels of either end left out), `peaks` every peak of each (`peak_tracking.PEAKS`), `tracks`
    how each changed. `capacity_by_soc_ah` is what the reported state of charge gives once its
    slope is put right.
    """

    identity: BatteryIdentity
    tracks: tuple[PeakTrack, ...]
    modes: DegradationModes
    resistance: FieldResistance
    soc: SocCheck
    capacity_by_soc_ah: Estimate
    curves: pl.DataFrame
    peaks: pl.DataFrame
    no_curve_reason: str
    conditions: str
    smoothing_v: float
    confidence_frac: float = 0.9
    findings: tuple[Finding, ...] = ()
    is_simulated: bool = False

    @property
    def estimates(self) -> dict[str, Estimate]:
        """Every estimate that is of the battery as a whole, by its name."""
        return {
            "lithium_loss_frac": self.modes.lithium_loss_frac,
            "negative_loss_frac": self.modes.negative_loss_frac,
            "positive_loss_frac": self.modes.positive_loss_frac,
            "capacity_ratio_frac": self.modes.capacity_ratio_frac,
            "series_resistance_ohm": self.resistance.series_ohm,
            "resistance_10s_ohm": self.resistance.resistance_10s_ohm,
            "resistance_total_ohm": self.resistance.resistance_total_ohm,
            "resistance_trend_per_year": self.resistance.trend_per_year,
            "series_resistance_trend_per_year": self.resistance.series_trend_per_year,
            "soc_offset_frac": self.soc.offset_frac,
            "soc_slope_frac": self.soc.slope_frac,
            "capacity_by_soc_ah": self.capacity_by_soc_ah,
        }

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data, for JSON: without the curves' points."""
        return {
            "battery_id": self.identity.battery_id,
            "chemistry": self.identity.chemistry,
            "n_cells_series": self.identity.n_cells_series,
            "confidence_frac": self.confidence_frac,
            "is_simulated": self.is_simulated,
            "estimates": {name: e.as_dict() for name, e in self.estimates.items()},
            "is_reported_soc_believable": self.soc.is_believable,
            "conditions": self.conditions,
            "smoothing_v": self.smoothing_v,
            "no_curve_reason": self.no_curve_reason,
            "n_curves": self.curves.get_column("curve").n_unique(),
            "tracks": [_track(track) for track in self.tracks],
            "peaks": self.peaks.to_dicts(),
            "electrode_fits": self.modes.fits.to_dicts(),
            "resistance_readings": self.resistance.readings.to_dicts(),
            "findings": [finding.as_dict() for finding in self.findings],
        }


def _track(track: PeakTrack) -> dict[str, Any]:
    return {
        "peak": track.peak,
        "n_curves": track.n_curves,
        "position_v": track.position_v.as_dict(),
        "position_change_v": track.position_change_v.as_dict(),
        "height_ratio_frac": track.height_ratio_frac.as_dict(),
        "area_ratio_frac": track.area_ratio_frac.as_dict(),
        "position_rank_frac": track.position_rank_frac,
        "height_rank_frac": track.height_rank_frac,
        "area_rank_frac": track.area_rank_frac,
    }


def deeper(
    frame: pl.DataFrame,
    identity: BatteryIdentity,
    *,
    ocv: OcvCurve | None = None,
    findings: Sequence[Finding] = (),
    confidence_frac: float = 0.9,
    is_simulated: bool = False,
) -> DeeperReport:
    """Return peaks over life, modes of degradation, resistance in use, and what the SoC is worth.

    Parameters
    ----------
    frame : polars.DataFrame
        A telemetry frame of one battery, sorted by time.
    identity : BatteryIdentity
        What is known of it beforehand.
    ocv : OcvCurve, optional
        Open-circuit voltage of one cell, to check the reported state of charge; else the
        chemistry's typical curve.
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
    >>> report = deeper(sample("leaf_cell_2013_discharge_1c"), cell)
    >>> report.modes.lithium_loss_frac.reason
    'no half cells of LMO-NCA in the reference tables'
    """
    known = chemistry(identity.chemistry) if identity.chemistry else None
    battery = replace(
        identity,
        n_cells_series=cells_in_series(frame, identity),
        chemistry=known.name if known else None,
    )
    seen = gather(frame, battery, known)
    trace = seen.trace
    points = ocv_points(trace, seen.runs)
    group = alike(steady_stretches(trace))
    curves, peaks, smoothing_v = _curves(trace, group)
    size_ah = battery.rated_capacity_ah or _measured(seen)
    modes = degradation_modes(
        trace,
        group,
        points,
        known,
        capacity_ah=size_ah,
        cell_resistance_ohm=_cell_resistance(trace),
        confidence_frac=confidence_frac,
    )
    soc = check_reported_soc(
        trace,
        points,
        ocv or typical_curve(known),
        capacity_ah=size_ah,
        battery_id=battery.battery_id,
        confidence_frac=confidence_frac,
    )
    reported = capacity_from_reported_soc(trace, confidence_frac=confidence_frac)
    return DeeperReport(
        identity=battery,
        tracks=tracks_of(peaks, confidence_frac=confidence_frac),
        modes=modes,
        resistance=field_resistance(
            trace, resistance_activation(battery.chemistry), confidence_frac=confidence_frac
        ),
        soc=soc,
        capacity_by_soc_ah=corrected_capacity(reported, soc),
        curves=curves,
        peaks=peaks,
        no_curve_reason="" if group else _no_curve_reason(trace),
        conditions=_conditions(group, size_ah),
        smoothing_v=smoothing_v,
        confidence_frac=confidence_frac,
        findings=(*findings, *soc.findings, *_unexplained(seen, modes, known, battery)),
        is_simulated=is_simulated,
    )


def _curves(trace: Trace, group: list[Stretch]) -> tuple[pl.DataFrame, pl.DataFrame, float]:
    chosen = np.unique(np.linspace(0, max(len(group) - 1, 0), _MOST_CURVES).round().astype(int))
    some = [group[k] for k in chosen.tolist()] if group else []
    spans = [slice(s.first, s.last + 1) for s in some]
    found = [incremental_capacity(trace.charge_ah[w], trace.cell_voltage_v[w]) for w in spans]
    tables = [
        pl.DataFrame(
            {
                "curve": np.full(int(curve.is_inner.sum()), k),
                "voltage_v": curve.voltage_v[curve.is_inner],
                "charge_ah": curve.charge_ah[curve.is_inner],
                "charge_per_v_ah": curve.charge_per_v_ah[curve.is_inner],
                "charge_per_v_sd_ah": curve.charge_per_v_sd_ah[curve.is_inner],
                "voltage_per_ah_v": curve.voltage_per_ah_v[curve.is_inner],
            }
        )
        .with_columns(
            pl.lit(trace.at(stretch.first)).alias("time"),
            pl.lit(stretch.discharged_ah).alias("discharged_ah"),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in CURVES.items())
        for k, (stretch, curve) in enumerate(zip(some, found, strict=True))
    ]
    whole = pl.concat(tables) if tables else pl.DataFrame(schema=CURVES)
    kernel = max((curve.smoothing_v for curve in found), default=float("nan"))
    return whole, follow(some, found), kernel


def _measured(seen: Evidence) -> float | None:
    largest = seen.swings.get_column("capacity_ah").max()
    return float(largest) if isinstance(largest, float) else None


def _cell_resistance(trace: Trace) -> float | None:
    middle = step_pulses(trace).get_column("resistance_ohm").median()
    return middle / trace.n_cells_series if isinstance(middle, float) else None


def _no_curve_reason(trace: Trace) -> str:
    if not trace.current_scale_a > 0:
        return "no current flows"
    return "no charge or discharge of 20 samples and 0.1 V a cell at a steady current"


def _conditions(group: list[Stretch], size_ah: float | None) -> str:
    if not group:
        return ""
    amps = float(np.median([s.current_a for s in group]))
    rate = f" ({abs(amps) / size_ah:.2f} C)" if size_ah else ""
    warm = np.array([s.temperature_degc for s in group])
    known = warm[np.isfinite(warm)]
    degc = f", {float(np.median(known)):.0f} °C" if known.size else ", temperature unknown"
    return f"{'charges' if amps > 0 else 'discharges'} at {abs(amps):.3g} A{rate}{degc}"


def _unexplained(
    seen: Evidence, modes: DegradationModes, known: Chemistry | None, battery: BatteryIdentity
) -> list[Finding]:
    """Say where the fitted electrodes and the counted capacity have gone different ways."""
    ratio = modes.capacity_ratio_frac
    counted = _counted_ratio(seen, modes)
    if known is None or ratio.value is None or counted is None:
        return []
    if ratio.low is not None and ratio.high is not None and ratio.low <= counted <= ratio.high:
        return []
    if abs(ratio.value - counted) <= _EXPLAINED_FRAC:
        return []
    return [
        Finding(
            "modes-do-not-explain-fade",
            "warning",
            battery.battery_id,
            f"lithium and electrodes explain a fall to {ratio.value:.0%}, counted is"
            f" {counted:.0%}: the rest is what the current can no longer reach",
            "test at a lower rate to tell lost material from resistance",
        )
    ]


def _counted_ratio(seen: Evidence, modes: DegradationModes) -> float | None:
    """Return the counted capacity at the last fitted curves over that at the first."""
    if modes.fits.height < 2 or seen.swings.is_empty():
        return None
    kind = seen.swings.get_column("kind").mode().sort().item(0)
    same = seen.swings.filter(pl.col("kind") == kind)
    index = same.get_column("index_first").to_numpy()
    taken = seen.trace.discharged_ah[index]
    ends = modes.fits.get_column("discharged_ah").to_numpy()[[0, -1]]
    if not taken.size or taken.min() > ends[0] + 0.2 * (ends[1] - ends[0]):
        return None
    capacity = same.get_column("capacity_ah").to_numpy()
    then, now = (float(np.median(capacity[np.argsort(np.abs(taken - end))[:5]])) for end in ends)
    return now / then
