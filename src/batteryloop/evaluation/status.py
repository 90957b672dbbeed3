"""How is it now? Energy, capacity and power left, resistance, efficiency, cells, warnings."""

from collections.abc import Sequence

import polars as pl

from batteryloop.errors import ColumnMissing, InputWrong
from batteryloop.evaluation.consistency import consistency
from batteryloop.evaluation.events import Bounds
from batteryloop.evaluation.inputs import Inputs
from batteryloop.evaluation.limits import limit
from batteryloop.evaluation.power import power_left, powers, pulse_resistance
from batteryloop.evaluation.provenance import Provenance, exact, first_known, ratio
from batteryloop.evaluation.types import HealthStatus, Notice
from batteryloop.health.evidence import Evidence
from batteryloop.health.interval import normal_quantile
from batteryloop.health.open_circuit.curve import OcvCurve
from batteryloop.health.shape import DeeperReport
from batteryloop.health.types import HealthReport
from batteryloop.health.warning import HealthWarning, watch_frame
from batteryloop.quantities import Estimate

SHAPE_METHOD = "energy as capacity left v1"


def health_status(
    frame: pl.DataFrame,
    evidence: Evidence,
    report: HealthReport,
    shape: DeeperReport | None,
    curve: OcvCurve | None,
    bounds: Bounds,
    inputs: Inputs,
    provenance: Provenance,
) -> HealthStatus:
    """Return the health of one battery as the unified evaluation tells it.

    Parameters
    ----------
    frame : polars.DataFrame
        Its samples.
    evidence, report, shape : Evidence, HealthReport, DeeperReport
        Of the same samples; no shape where the curves could not be examined.
    curve : OcvCurve, optional
        Open-circuit voltage of one cell.
    bounds : Bounds
        The limits of its cells.
    inputs : Inputs
        What was stated and chosen.
    provenance : Provenance
        Of the figures.
    """
    sure, stated = report.confidence_frac, inputs.statement
    strength = powers(
        pulse_resistance(report, shape),
        report.capacity_ah,
        curve,
        bounds,
        n_cells_series=report.identity.n_cells_series,
        rated_capacity_ah=report.identity.rated_capacity_ah,
        confidence_frac=sure,
    )
    spreads, standing = consistency(frame, evidence.trace, curve, confidence_frac=sure)
    notices, no_notice_reason = _notices(frame, report, inputs)
    figures = {
        "soh_energy_frac": energy_left(report, stated.certified_energy_wh),
        "soh_frac": report.soh_frac,
        "soh_power_frac": power_left(
            strength["power_soc80_w"], report.resistance_ratio_frac, stated.initial_power_w
        ),
        "capacity_ah": report.capacity_ah,
        "energy_wh": report.energy_wh,
        **strength,
        "resistance_ohm": report.resistance_ohm,
        "resistance_ratio_frac": report.resistance_ratio_frac,
        "self_discharge_per_day": report.self_discharge_per_day,
        "coulombic_efficiency_frac": report.coulombic_efficiency_frac,
        "energy_efficiency_frac": report.energy_efficiency_frac,
        **spreads,
        "worst_notice": _worst(notices, no_notice_reason),
        "reported_soh_frac": _reported(frame, sure),
    }
    return HealthStatus(
        provenance.figures(figures),
        standing,
        notices,
        no_notice_reason,
        report.findings,
        report.others,
    )


def energy_left(report: HealthReport, certified_energy_wh: float | None) -> Estimate:
    """Return the energy now over the certified, else over the rated energy.

    Where no full discharge gives the energy, that left is taken to be the capacity left, with the
    error `soce_shape_sd_frac` for the change of the mean voltage: the voltage of an aged battery
    sags, so this is rather too high than too low.

    Examples
    --------
    >>> from batteryloop.health import evaluate
    >>> from batteryloop.record import BatteryIdentity
    >>> from batteryloop.samples import sample
    >>> cell = BatteryIdentity("ORNL-LEAF-2013", "LMO-NCA", rated_capacity_ah=33.1)
    >>> told = energy_left(evaluate(sample("leaf_cell_2013_discharge_1c"), cell), 124.1)
    >>> round(told.value, 2), told.method
    (0.92, 'full-discharge-count v1 (0.92 C, temperature unknown), over certified energy')
    """
    name, sure = "soh_energy_frac", report.confidence_frac
    if certified_energy_wh is not None and report.energy_wh.is_known:
        whole = exact(name, certified_energy_wh, "certified energy")
        return ratio(report.energy_wh, whole, name, "over certified energy")
    if report.soh_energy_frac.is_known:
        return report.soh_energy_frac
    if not report.soh_frac.is_known:
        return first_known([report.soh_energy_frac, report.soh_frac])
    off = normal_quantile(sure) * limit("soce_shape_sd_frac")
    same = Estimate(name, 1.0, 1 - off, 1 + off, sure, SHAPE_METHOD)
    told = ratio(report.soh_frac, same, name, "")
    return Estimate(
        name, told.value, told.low, told.high, sure, f"{SHAPE_METHOD} ({report.soh_frac.method})",
        told.n_rows, told.n_segments,
    )  # fmt: skip


def _reported(frame: pl.DataFrame, confidence_frac: float) -> Estimate:
    name, method = "reported_soh_frac", "as reported v1 (last)"
    known = (
        frame.get_column(name).drop_nulls().drop_nans()
        if name in frame.columns
        else pl.Series([], dtype=pl.Float64)
    )
    if not known.len():
        return Estimate.unknown(
            name, method, "the battery reports none", confidence_frac=confidence_frac
        )
    value = float(known[-1])
    return Estimate(name, value, value, value, confidence_frac, method, n_rows=known.len())


def _notices(
    frame: pl.DataFrame, report: HealthReport, inputs: Inputs
) -> tuple[tuple[Notice, ...], str]:
    try:
        warnings = watch_frame(
            frame, report.identity, budget_per_year=inputs.options.false_alarms_per_year
        )
    except (ColumnMissing, InputWrong) as error:
        return (), f"not watched: {error.found}"
    ordered = sorted(warnings, key=lambda w: (-w.severity, w.raised_at, w.kind, w.cell_label))
    return tuple(_notice(warning) for warning in ordered), ""


def _notice(warning: HealthWarning) -> Notice:
    return Notice(
        warning.kind,
        warning.cell_label,
        warning.raised_at,
        warning.severity,
        warning.confidence_frac,
        warning.estimate,
        warning.lead_time_h,
        warning.found,
        warning.next_step,
    )


def _worst(notices: Sequence[Notice], no_notice_reason: str) -> Estimate:
    name, method = "worst_notice", "early warning v1"
    if no_notice_reason:
        return Estimate.unknown(name, method, no_notice_reason)
    worst = max((notice.severity for notice in notices), default=-1)
    return exact(name, float(worst), method)
