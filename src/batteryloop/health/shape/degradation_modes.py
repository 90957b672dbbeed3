"""What was lost: lithium, or room for it in either electrode."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from batteryloop.health.interval import normal_quantile
from batteryloop.health.open_circuit.points import OcvPoint
from batteryloop.health.shape.electrode_fit import ElectrodeFit, fit_electrodes
from batteryloop.health.shape.stretches import Stretch
from batteryloop.health.trace import Array, Trace
from batteryloop.quantities import Estimate
from batteryloop.reference.chemistries import Chemistry
from batteryloop.reference.ocv import ElectrodeWindow, electrode_windows

METHOD = "half-cell-fit v1"
MODES = ("lithium_loss_frac", "negative_loss_frac", "positive_loss_frac")
VALID_RATE_PER_H = (0.0, 0.6)

_MOST_CURVES = 10
_GROUP = 3
_LEAST_CURVES = 4
_LEAST_WINDOW_FRAC = 0.6
_WORST_MISFIT_V = 0.015
_UNKNOWN_SD = 0.15
_SLOW_PER_H = 0.1
_MODEL_SD_FRAC = 0.02
_FAST_SD_FRAC = 0.05
_NEAR_FRAC = 0.15
_OHMIC_V_H = 0.06
_POLARISATION_RATIO = 1.8
_POLARISATION_SD_FRAC = 0.4
_LEAST_POLARISATION_SD_V = 0.01

FITS: dict[str, pl.DataType] = {
    "curve": pl.Int64(),
    "discharged_ah": pl.Float64(),
    "negative_ah": pl.Float64(),
    "positive_ah": pl.Float64(),
    "inventory_ah": pl.Float64(),
    "negative_sd_frac": pl.Float64(),
    "positive_sd_frac": pl.Float64(),
    "inventory_sd_frac": pl.Float64(),
    "polarisation_v": pl.Float64(),
    "capacity_ah": pl.Float64(),
    "misfit_v": pl.Float64(),
}


@dataclass(frozen=True, slots=True)
class DegradationModes:
    """Losses since the first curves of the record, each with its interval or why it is not known.

    `lithium_loss_frac` is of the lithium that moves (LLI), `negative_loss_frac` and
    `positive_loss_frac` of active material (LAM). `capacity_ratio_frac` is what the fitted
    electrodes together would give now over then: whether the three explain the fade.
    """

    lithium_loss_frac: Estimate
    negative_loss_frac: Estimate
    positive_loss_frac: Estimate
    capacity_ratio_frac: Estimate
    fits: pl.DataFrame


def degradation_modes(
    trace: Trace,
    stretches: Sequence[Stretch],
    points: Sequence[OcvPoint],
    chemistry: Chemistry | None,
    *,
    capacity_ah: float | None,
    cell_resistance_ohm: float | None,
    confidence_frac: float = 0.9,
) -> DegradationModes:
    """Return what was lost between the first and the last of some comparable curves.

    Parameters
    ----------
    trace : Trace
        One battery's samples.
    stretches : sequence of Stretch
        Comparable ones, in order of time.
    points : sequence of OcvPoint
        Moments of known open-circuit voltage; those beside a curve pin its ends.
    chemistry : Chemistry, optional
        Decides which half cells.
    capacity_ah : float, optional
        Rated, or as measured. [Ah]
    cell_resistance_ohm : float, optional
        Of one cell, as steps show it; decides how much the current is likely to add. [ohm]
    confidence_frac : float, default 0.9
        In (0, 1).

    Notes
    -----
    Up to ten curves are fitted (`electrode_fit`); the median of the last three is compared with
    that of the first three. A loss is "unknown" where the curve does not pin the electrode to
    15 %, and all are where the rate is above 0.6 C, the curve covers less than six tenths of the
    capacity, or the half cells of the chemistry do not follow the curve within 15 mV. Above
    0.1 C, one polarisation for a whole curve is wrong by so much that another 5 % go into the
    interval (Dubarry, Truchot, Liaw 2012, doi 10.1016/j.jpowsour.2012.07.016, fit at C/25).
    """
    reason, window = _reason(stretches, chemistry, capacity_ah)
    if reason or window is None or chemistry is None or capacity_ah is None:
        return _unknown(reason, confidence_frac)
    slow = [s for s in stretches if s.charge_ah >= _LEAST_WINDOW_FRAC * _reach(stretches)]
    chosen = np.unique(np.linspace(0, len(slow) - 1, _MOST_CURVES).round().astype(int))
    picked = [slow[k] for k in (*range(min(_GROUP, len(slow))), *chosen.tolist())]
    picked = sorted(
        {s.first: s for s in (*picked, *slow[-_GROUP:])}.values(), key=lambda s: s.first
    )
    fits: list[ElectrodeFit] = []
    for stretch in picked:
        fits.append(
            _fit(
                trace,
                stretch,
                points,
                window,
                chemistry,
                capacity_ah,
                cell_resistance_ohm,
                fits[-1] if fits else None,
            )
        )
    table = _table(picked, fits)
    worst = float(np.median([fit.misfit_v for fit in fits]))
    if worst > _WORST_MISFIT_V:
        why = (
            f"the half cells {window.negative} and {window.positive} miss the curves by"
            f" {worst * 1000:.0f} mV: another cell chemistry or too much polarisation"
        )
        return _unknown(why, confidence_frac, table)
    rate = abs(picked[0].current_a) / capacity_ah
    return _changes(fits, table, rate, window, confidence_frac)


def _reason(
    stretches: Sequence[Stretch], chemistry: Chemistry | None, capacity_ah: float | None
) -> tuple[str, ElectrodeWindow | None]:
    if chemistry is None:
        return "the chemistry is not given: it decides the half cells", None
    window = electrode_windows().get(chemistry.name)
    if window is None:
        return f"no half cells of {chemistry.name} in the reference tables", None
    if capacity_ah is None:
        return "neither rated nor measured capacity is known", None
    if len(stretches) < _LEAST_CURVES:
        n = len(stretches)
        return f"{n} charges or discharges at one steady current, at least 4 needed", None
    rate = abs(stretches[0].current_a) / capacity_ah
    if rate > VALID_RATE_PER_H[1]:
        return f"the steadiest charges are at {rate:.2f} C: too fast, at most 0.6 C", None
    share = _reach(stretches) / capacity_ah
    if share < _LEAST_WINDOW_FRAC:
        return f"the widest steady charge covers {share:.0%} of the capacity, 60 % needed", None
    return "", window


def _reach(stretches: Sequence[Stretch]) -> float:
    return float(np.quantile([s.charge_ah for s in stretches], 0.9))


def _fit(
    trace: Trace,
    stretch: Stretch,
    points: Sequence[OcvPoint],
    window: ElectrodeWindow,
    chemistry: Chemistry,
    capacity_ah: float,
    cell_resistance_ohm: float | None,
    near: ElectrodeFit | None,
) -> ElectrodeFit:
    span = slice(stretch.first, stretch.last + 1)
    likely = _OHMIC_V_H * abs(stretch.current_a) / capacity_ah
    if cell_resistance_ohm is not None:
        likely = _POLARISATION_RATIO * cell_resistance_ohm * abs(stretch.current_a)
    sd = max(_POLARISATION_SD_FRAC * likely, _LEAST_POLARISATION_SD_V)
    return fit_electrodes(
        trace.charge_ah[span],
        trace.cell_voltage_v[span],
        window,
        capacity_ah=capacity_ah,
        is_charge=stretch.is_charge,
        voltage_limits_v=(chemistry.cell_voltage_min_v, chemistry.cell_voltage_max_v),
        polarisation_v=(likely if stretch.is_charge else -likely, sd),
        rested=_beside(trace, stretch, points),
        near=near,
    )


def _beside(trace: Trace, stretch: Stretch, points: Sequence[OcvPoint]) -> Array:
    """Return rested points of the same stretch of the record just before or after the curve."""
    index = np.array([p.index for p in points], dtype=np.int64)
    found = []
    for place, sign in (
        (int(np.searchsorted(index, stretch.first, side="right")) - 1, -1.0),
        (int(np.searchsorted(index, stretch.last)), 1.0),
    ):
        if not 0 <= place < index.size:
            continue
        at = int(index[place])
        end = stretch.first if sign < 0 else stretch.last
        way = sign * (1.0 if stretch.is_charge else -1.0)
        beyond = way * float(trace.charge_ah[at] - trace.charge_ah[end])
        is_near = -1e-3 * stretch.charge_ah <= beyond <= _NEAR_FRAC * stretch.charge_ah
        if trace.part[at] == trace.part[end] and is_near:
            found.append((trace.charge_ah[at], points[place].voltage_v, points[place].voltage_sd_v))
    return np.array(found, dtype=float).reshape(-1, 3)


def _table(picked: Sequence[Stretch], fits: Sequence[ElectrodeFit]) -> pl.DataFrame:
    rows = [
        (
            k,
            stretch.discharged_ah,
            fit.negative_ah,
            fit.positive_ah,
            fit.inventory_ah,
            *fit.log_sd_frac.tolist(),
            fit.polarisation_v,
            fit.capacity_ah,
            fit.misfit_v,
        )
        for k, (stretch, fit) in enumerate(zip(picked, fits, strict=True))
    ]
    return pl.DataFrame(rows, schema=FITS, orient="row")


def _changes(
    fits: Sequence[ElectrodeFit],
    table: pl.DataFrame,
    rate: float,
    window: ElectrodeWindow,
    confidence_frac: float,
) -> DegradationModes:
    logs = np.log([[f.inventory_ah, f.negative_ah, f.positive_ah, f.capacity_ah] for f in fits])
    sds = np.array([f.log_sd_frac[[2, 0, 1]] for f in fits])
    model = (
        _MODEL_SD_FRAC if rate <= _SLOW_PER_H else float(np.hypot(_MODEL_SD_FRAC, _FAST_SD_FRAC))
    )
    method = f"{METHOD} ({rate:.2f} C, {window.negative} and {window.positive})"
    losses = []
    for k, name in enumerate(MODES):
        losses.append(
            _loss(name, logs[:, k], sds[:, k], model, method, confidence_frac, table.height)
        )
    now, then = (float(np.median(part)) for part in (logs[-_GROUP:, 3], logs[:_GROUP, 3]))
    ratio = float(np.exp(now - then))
    half = normal_quantile(confidence_frac) * model * np.sqrt(2)
    capacity = Estimate(
        "capacity_ratio_frac",
        ratio,
        ratio * float(np.exp(-half)),
        ratio * float(np.exp(half)),
        confidence_frac,
        method,
        n_segments=table.height,
    )
    return DegradationModes(losses[0], losses[1], losses[2], capacity, table)


def _loss(
    name: str,
    logs: Array,
    sds: Array,
    model: float,
    method: str,
    confidence_frac: float,
    n_curves: int,
) -> Estimate:
    change = float(np.median(logs[-_GROUP:]) - np.median(logs[:_GROUP]))
    ends = [(logs[:_GROUP], sds[:_GROUP]), (logs[-_GROUP:], sds[-_GROUP:])]
    # What the half cells do not follow is alike in neighbouring curves: three are not surer than
    # one, but where they scatter more than each claims, they are less sure.
    each = [float(np.hypot(np.median(sd), np.std(log, ddof=1))) for log, sd in ends]
    sd = float(np.sqrt(each[0] ** 2 + each[1] ** 2 + model**2))
    if not np.isfinite(sd) or sd > _UNKNOWN_SD:
        why = f"the curves leave it open by {sd:.0%}: this electrode's steps lie outside them"
        return Estimate.unknown(name, method, why, confidence_frac=confidence_frac)
    half = normal_quantile(confidence_frac) * sd
    return Estimate(
        name,
        1 - float(np.exp(change)),
        1 - float(np.exp(change + half)),
        1 - float(np.exp(change - half)),
        confidence_frac,
        method,
        n_segments=n_curves,
    )


def _unknown(
    reason: str, confidence_frac: float, fits: pl.DataFrame | None = None
) -> DegradationModes:
    def of(name: str) -> Estimate:
        return Estimate.unknown(name, METHOD, reason, confidence_frac=confidence_frac)

    table = pl.DataFrame(schema=FITS) if fits is None else fits
    lithium, negative, positive = (of(name) for name in MODES)
    return DegradationModes(lithium, negative, positive, of("capacity_ratio_frac"), table)
