"""How large a fault is, how soon a plain limit would trip, and how grave that makes it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batteryloop.health.interval import normal_quantile
from batteryloop.health.warning.kernels import layout as at
from batteryloop.health.warning.types import Evidence, WarningKind
from batteryloop.quantities import Estimate

METHOD = "cell-against-pack filter v1"
CONFIDENCE_FRAC = 0.9
PLAIN_SPREAD_V = 0.15
PLAIN_LACK_FRAC = 0.2
PLAIN_OHM_PER_V = 500.0
_FARTHEST_H = 5 * 8760.0
_TREND_POINTS = 14
_SETTLING_POINTS = 3
# What a running mean with a gain of 0.15 leaves of a window's variance.
_AVERAGED = 0.08
# Share of its resistance that a cell loses with each kelvin: 25 kJ/mol at 25 degC give 3.4 %.
_OHM_PER_K = 0.03

FACTOR_OF = {
    "internal-short": at.GAP,
    "weak-cell": at.LACK,
    "loose-connection": at.OHMIC,
    "voltage-sensor": at.OFFSET,
}
_QUANTITY = {
    "internal-short": "leak_a",
    "weak-cell": "capacity_loss_frac",
    "loose-connection": "contact_ohm",
    "voltage-sensor": "voltage_offset_v",
    "stuck-reading": "stuck_frac",
    "cooling-loss": "temperature_rise_k",
    "insulation-loss": "insulation_kohm",
    "current-sensor": "current_offset_a",
    "soc-jump": "soc_jump_frac",
}
# From which size on a fault is of severity 1, 2, 3, 4. Engineering judgement, in the docs.
# Leak: share of the capacity a day. Loose: times the pack's cell resistance.
GRADES: Mapping[str, tuple[float, float, float, float]] = {
    "internal-short": (0.0003, 0.002, 0.01, 0.2),
    "weak-cell": (0.01, 0.03, 0.12, math.inf),
    "loose-connection": (0.1, 0.3, 1.0, 5.0),
    "voltage-sensor": (0.002, 0.008, 0.04, math.inf),
    "stuck-reading": (0.3, 0.6, 0.9, math.inf),
    "cooling-loss": (1.0, 3.0, 8.0, 20.0),
    "insulation-loss": (0.3, 0.7, 1.0, 5.0),
    "current-sensor": (0.002, 0.01, 0.05, math.inf),
    "soc-jump": (0.03, 0.08, math.inf, math.inf),
}


@dataclass(frozen=True, slots=True)
class Pack:
    """What of a battery the sizes are measured by."""

    capacity_ah: float | None
    typical_slope_v: float
    n_cells: int
    is_flat: bool = False


@dataclass(frozen=True, slots=True)
class Size:
    """A fault's size: estimate, time to a plain limit, the series, severity."""

    estimate: Estimate
    lead_time_h: Estimate
    evidence: Evidence
    severity: int


def _grade(kind: WarningKind, size: float) -> int:
    """Return the severity of a size in the unit of `GRADES`.

    Examples
    --------
    >>> _grade("voltage-sensor", 0.001), _grade("voltage-sensor", 0.05)
    (0, 3)
    """
    return sum(abs(size) >= bound for bound in GRADES[kind])


def size_of(
    kind: WarningKind,
    which: int | None,
    arrays: Mapping[str, NDArray[Any]],
    pack: Pack,
    score_sd: float = 0.0,
) -> Size:
    """Return how large a fault of `kind` is, from a state's arrays.

    `which` is the cell; of cooling loss the sensor, or -2 less the cell whose resistance tells.
    """
    if kind in FACTOR_OF:
        assert which is not None
        return _of_cell(kind, which, arrays, pack)
    now, base = arrays["pack_now"], arrays["pack_base"]
    times, series = _ring(arrays, "ring_pack")
    name = _QUANTITY[kind]

    def _sized(value: float, spread: float, graded: float, track: int | None) -> Size:
        shown = series[:, track] if track is not None else np.empty(0)
        return Size(
            _estimate(name, value, spread),
            _no_lead("no plain limit is named for it"),
            _evidence(name, times[: shown.size], shown, None),
            _grade(kind, graded),
        )

    if kind == "cooling-loss" and which is not None and which < 0:
        lost = arrays["base"][at.OHMIC] - arrays["factors"][at.OHMIC]
        share = (lost[-2 - which] - np.median(lost)) / max(float(arrays["slow"][at.OHM_V]), 0.02)
        rise = float(share) / _OHM_PER_K
        return _sized(rise, 0.3 * abs(rise), rise, None)
    if kind == "cooling-loss":
        rise = float(now[at.HEAT_K])
        scatter = float(np.sqrt(arrays["pack_variance"][at.HEAT_K] * _AVERAGED))
        return _sized(rise, scatter, rise, at.HEAT_K)
    if kind == "current-sensor":
        offset = float(now[at.REST_A] - base[at.REST_A])
        per_h = abs(offset) / (pack.capacity_ah or 100.0)
        return _sized(offset, 0.05, per_h, at.REST_A)
    if kind == "soc-jump":
        jump = float(now[at.JUMP_FRAC])
        return _sized(jump, 0.01, jump, at.JUMP_FRAC)
    if kind == "stuck-reading":
        return _sized(score_sd / 10.0, 0.0, score_sd / 10.0, None)
    return _insulation(now, times, series, pack, arrays)


def _of_cell(kind: WarningKind, cell: int, arrays: Mapping[str, NDArray[Any]], pack: Pack) -> Size:
    factor = FACTOR_OF[kind]
    factors, variance = arrays["factors"], np.diag(arrays["covariance"])
    change = factors[factor] - arrays["base"][factor]
    away = float(change[cell] - np.median(change))
    spread = float(np.sqrt(variance[factor] + arrays["base_variance"][factor]))
    times, ring = _ring(arrays, "ring")
    track = ring[:, factor, cell] - np.median(ring[:, factor], axis=1)
    spread = float(np.hypot(spread, _moved(track)))
    name = _QUANTITY[kind]
    if kind == "internal-short":
        drifts = factors[at.DRIFT]
        drift = float(np.median(drifts) - drifts[cell])
        unsure = float(np.hypot(np.sqrt(variance[at.DRIFT]), _moved(ring[:, at.DRIFT, cell])))
        per_a = (pack.capacity_ah or math.nan) / 24.0
        estimate = _estimate(name, drift * per_a, unsure * per_a)
        if pack.capacity_ah is None:
            estimate = _unknown(name, "the rated capacity is not known")
        gap = abs(float(factors[at.GAP, cell] - np.median(factors[at.GAP])))
        lead = _lead(gap, drift, unsure, PLAIN_SPREAD_V / pack.typical_slope_v)
        shown = _evidence("soc_gap_frac", times, track, PLAIN_SPREAD_V / pack.typical_slope_v)
        return Size(estimate, lead, shown, _grade(kind, max(drift, 0.0)))
    trend, trend_sd = _trend(times, track)
    if kind == "weak-cell":
        lead = _lead(away, trend, trend_sd, PLAIN_LACK_FRAC)
        shown = _evidence(name, times, track, PLAIN_LACK_FRAC)
        loss = away / (1.0 + max(away, -0.5))
        return Size(_estimate(name, loss, spread), lead, shown, _grade(kind, max(away, 0.0)))
    sign = math.copysign(1.0, away)
    lead = _lead(abs(away), sign * trend, trend_sd, PLAIN_SPREAD_V)
    if kind == "voltage-sensor":
        shown = _evidence(name, times, track, math.copysign(PLAIN_SPREAD_V, away))
        return Size(_estimate(name, away, spread), lead, shown, _grade(kind, away))
    ohm_v = max(float(arrays["slow"][at.OHM_V]), 0.02)
    estimate = _unknown(name, "the rated capacity is not known")
    ohm = 1.0 / (pack.capacity_ah or 1.0)
    if pack.capacity_ah is not None:
        estimate = _estimate(name, away * ohm, spread * ohm)
    shown = _evidence(name, times, track * ohm, PLAIN_SPREAD_V * ohm)
    return Size(estimate, lead, shown, _grade(kind, away / ohm_v))


def _insulation(
    now: NDArray[Any], times: NDArray[Any], series: NDArray[Any], pack: Pack,
    arrays: Mapping[str, NDArray[Any]],
) -> Size:  # fmt: skip
    kohm = math.exp(float(now[at.LOG_KOHM]))
    limit_kohm = PLAIN_OHM_PER_V * pack.n_cells * 3.7 / 1000.0
    logs = series[:, at.LOG_KOHM]
    trend, trend_sd = _trend(times, -logs)
    level = math.log(max(kohm, 1e-3) / limit_kohm)
    lead = _lead(0.0, trend, trend_sd, level) if level > 0 else _no_lead("it is past the limit")
    spread = float(np.sqrt(arrays["pack_variance"][at.LOG_KOHM] * _AVERAGED)) * kohm
    return Size(
        _estimate("insulation_kohm", kohm, spread),
        lead,
        _evidence("insulation_kohm", times, np.exp(logs), limit_kohm),
        _grade("insulation-loss", min(limit_kohm / max(kohm, 1e-3), 10.0)),
    )


def _ring(arrays: Mapping[str, NDArray[Any]], name: str) -> tuple[NDArray[Any], NDArray[Any]]:
    n = int(arrays["slow"][at.N_RING])
    size = arrays["ring_at"].size
    order = np.arange(max(n - size, 0), n) % size
    return arrays["ring_at"][order], arrays[name][order].astype(np.float64)


def _moved(track: NDArray[Any]) -> float:
    """Return how far a series moved over its last three days: so much may still be missing.

    The filter takes days to follow a step, and a fault is often warned of on its way up.
    """
    return float(abs(track[-1] - track[-1 - _SETTLING_POINTS])) if track.size > 3 else 0.0


def _trend(times_us: NDArray[Any], values: NDArray[Any]) -> tuple[float, float]:
    """Return the slope a day of the last fortnight's line, and its standard deviation."""
    days, values = times_us[-_TREND_POINTS:] / 86_400e6, values[-_TREND_POINTS:]
    if days.size < 4 or days[-1] - days[0] < 2.0:
        return 0.0, math.inf
    centred = days - days.mean()
    total = float(np.sum(centred**2))
    slope = float(np.sum(centred * values) / total)
    left = values - values.mean() - slope * centred
    # the filter's values hang together: about a third of them count
    return slope, float(np.sqrt(3.0 * np.sum(left**2) / (days.size - 2) / total))


def _lead(now: float, per_day: float, per_day_sd: float, limit: float) -> Estimate:
    z = normal_quantile(CONFIDENCE_FRAC)
    if now >= limit:
        return _no_lead("it is past the limit")
    if not per_day - z * per_day_sd > 0.0:
        return _no_lead("it does not surely grow")
    rates = (per_day, per_day + z * per_day_sd, per_day - z * per_day_sd)
    value, low, high = (min(24.0 * (limit - now) / rate, _FARTHEST_H) for rate in rates)
    return Estimate("lead_time_h", value, low, high, CONFIDENCE_FRAC, METHOD)


def _no_lead(reason: str) -> Estimate:
    return _unknown("lead_time_h", reason)


def _unknown(name: str, reason: str) -> Estimate:
    return Estimate.unknown(name, METHOD, reason, confidence_frac=CONFIDENCE_FRAC)


def _estimate(name: str, value: float, spread: float) -> Estimate:
    half = normal_quantile(CONFIDENCE_FRAC) * spread
    return Estimate(name, value, value - half, value + half, CONFIDENCE_FRAC, METHOD)


def _evidence(
    name: str, times_us: NDArray[Any], values: NDArray[Any], threshold: float | None
) -> Evidence:
    return Evidence(
        name,
        tuple(datetime.fromtimestamp(int(t) / 1e6, UTC) for t in times_us),
        tuple(float(v) for v in values),
        threshold,
    )
