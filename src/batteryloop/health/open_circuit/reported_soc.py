"""Does the battery's own state of charge tell the truth? Held against counting and rest voltages.

Many a capacity comes from charge moved over change of the reported state of charge. If that
report has a wrong slope the capacity is wrong by as much, and nothing in it shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from batteryloop.health.interval import normal_quantile
from batteryloop.health.open_circuit.curve import OcvCurve
from batteryloop.health.open_circuit.points import OcvPoint
from batteryloop.health.trace import Array, Ints, Trace
from batteryloop.quantities import Estimate
from batteryloop.telemetry.types import Finding

METHOD = "reported-soc-check v1"

_STUCK_FRAC = 0.1
_SAME_FRAC = 1e-6
_JUMP_FRAC = 0.05
_JUMP_SPAN_S = 120.0
_COUNTED_SLACK = 1.5
_WIDEST_SD_FRAC = 0.12
_LEAST_POINTS = 4
_LEAST_SPAN_FRAC = 0.2
_TOLERANCE_FRAC = 0.05
_SURE_OFFSET_FRAC = 0.1
_SURE_SLOPE_FRAC = 0.15
_OPEN_SLOPE_FRAC = 0.3
_HALF = 0.5
_ITERATIONS = 8

POINTS: dict[str, pl.DataType] = {
    "row": pl.Int64(),
    "reported_soc_frac": pl.Float64(),
    "rested_soc_frac": pl.Float64(),
    "rested_soc_sd_frac": pl.Float64(),
    "evidence": pl.String(),
}


@dataclass(frozen=True, slots=True)
class SocCheck:
    """What the reported state of charge is worth.

    `offset_frac` is how much it says too much at half charge, `slope_frac` how much it moves for
    a true change of one. `is_believable` is None where what can be held against it
    does not tell: the intervals must be within 10 % for the offset and 15 % for the slope.
    """

    offset_frac: Estimate
    slope_frac: Estimate
    is_believable: bool | None
    findings: tuple[Finding, ...]
    points: pl.DataFrame

    @property
    def is_moving(self) -> bool:
        """Whether it neither stands still nor jumps, so that its slope has a meaning."""
        return not any(f.rule == "reported-soc-stuck" for f in self.findings)


def check_reported_soc(
    trace: Trace,
    points: Sequence[OcvPoint],
    curve: OcvCurve | None,
    *,
    capacity_ah: float | None = None,
    battery_id: str = "",
    confidence_frac: float = 0.9,
) -> SocCheck:
    """Return whether the reported state of charge sticks, jumps, is shifted or has a wrong slope.

    Parameters
    ----------
    trace : Trace
        One battery's samples.
    points : sequence of OcvPoint
        Moments of known open-circuit voltage (`points`); only rested ones are used.
    curve : OcvCurve, optional
        Open-circuit voltage of one cell.
    capacity_ah : float, optional
        Rated or known otherwise than by the report itself; decides what counts as stuck or as a
        jump. [Ah]
    battery_id : str
        For the findings.
    confidence_frac : float, default 0.9
        In (0, 1).

    Notes
    -----
    Stuck: one value while a tenth of the capacity flowed. Jump: more than 5 % and half as much
    again as was counted, within two minutes. Offset and slope: the report over what the rested
    voltages say, points far off counting less (Huber). The curve's own error is one for all
    points, so that many points do not make it small. Findings are raised where the whole
    interval is beyond 5 %. A curve that is flat where the battery rests (iron phosphate) leaves
    both unknown.
    """
    known = np.flatnonzero(np.isfinite(trace.soc_frac))
    if not known.size:
        why = "the battery reports no state of charge"
        return SocCheck(
            _unknown("soc_offset_frac", why, confidence_frac),
            _unknown("soc_slope_frac", why, confidence_frac),
            None,
            (),
            pl.DataFrame(schema=POINTS),
        )
    size_ah = capacity_ah or 1.5 * trace.current_scale_a
    findings = [
        *_stuck(trace, known, size_ah, battery_id),
        *_jumps(trace, known, size_ah, battery_id),
    ]
    table, sds = _held_against(trace, points, curve)
    offset, slope = _line(table, sds, curve, confidence_frac)
    findings += _wrong(offset, slope, battery_id)
    is_believable: bool | None = None
    if findings:
        is_believable = False
    elif _half(offset) <= _SURE_OFFSET_FRAC and _half(slope) <= _SURE_SLOPE_FRAC:
        is_believable = True
    return SocCheck(offset, slope, is_believable, tuple(findings), table)


def corrected_capacity(reported: Estimate, check: SocCheck) -> Estimate:
    """Return a capacity that trusted the report, put right by the report's slope.

    Parameters
    ----------
    reported : Estimate
        Charge moved over change of the reported state of charge. [Ah]
    check : SocCheck
        What that report is worth.

    Examples
    --------
    >>> e = Estimate("capacity_ah", 50.0, 49.0, 51.0, 0.9, "reported-soc-window v1")
    >>> slope = Estimate("soc_slope_frac", 0.8, 0.76, 0.84, 0.9, METHOD)
    >>> none = Estimate.unknown("soc_offset_frac", METHOD, "")
    >>> right = corrected_capacity(e, SocCheck(none, slope, False, (), pl.DataFrame()))
    >>> round(right.value, 1), right.low < 38.5, right.high > 41.5
    (40.0, True, True)
    """
    slope = check.slope_frac
    method = f"{reported.method}, its slope put right by rest voltages"
    reason = ""
    if not reported.is_known:
        reason = reported.reason
    elif not check.is_moving:
        reason = "the reported state of charge stands still while charge flows"
    elif not slope.is_known:
        reason = f"the report's slope cannot be checked: {slope.reason}"
    if reason or reported.value is None or slope.value is None:
        return Estimate.unknown(
            reported.quantity, method, reason, confidence_frac=reported.confidence_frac
        )
    value = reported.value * slope.value
    below, above = (
        float(np.hypot(_share(reported, is_low), _share(slope, is_low))) for is_low in (True, False)
    )
    return Estimate(
        reported.quantity,
        value,
        max(value * (1 - below), 0.0),
        value * (1 + above),
        reported.confidence_frac,
        method,
        n_rows=reported.n_rows,
        n_segments=reported.n_segments,
    )


def _half(estimate: Estimate) -> float:
    if estimate.low is None or estimate.high is None:
        return float("inf")
    return (estimate.high - estimate.low) / 2


def _share(estimate: Estimate, is_low: bool) -> float:
    bound = estimate.low if is_low else estimate.high
    if not estimate.value or bound is None:
        return 0.0
    return abs(bound - estimate.value) / abs(estimate.value)


def _unknown(name: str, reason: str, confidence_frac: float) -> Estimate:
    return Estimate.unknown(name, METHOD, reason, confidence_frac=confidence_frac)


def _stuck(trace: Trace, known: Ints, size_ah: float, battery_id: str) -> list[Finding]:
    soc, charge = trace.soc_frac[known], trace.charge_ah[known]
    is_new = (np.abs(np.diff(soc)) > _SAME_FRAC) | (np.diff(trace.part[known]) != 0)
    firsts = np.concatenate([[0], np.flatnonzero(is_new) + 1])
    ends = np.concatenate([firsts[1:], [known.size]])
    reach = np.maximum.reduceat(charge, firsts) - np.minimum.reduceat(charge, firsts)
    # At either end of the scale a battery may well report full or empty for a while.
    level = soc[firsts]
    is_inner = (level > 0.02) & (level < 0.98)
    is_stuck = (reach > _STUCK_FRAC * size_ah) & is_inner
    if not is_stuck.any():
        return []
    worst = int(np.argmax(np.where(is_stuck, reach, 0.0)))
    n_rows = int((ends - firsts)[is_stuck].sum())
    return [
        Finding(
            "reported-soc-stuck",
            "warning",
            battery_id,
            f"the reported state of charge stands at {level[worst]:.1%} while"
            f" {reach[worst]:.1f} Ah flow; {int(is_stuck.sum())} such stretches",
            "do not trust what the battery says of its charge; check the management unit",
            row_first=int(trace.row[known[firsts[worst]]]),
            row_last=int(trace.row[known[ends[worst] - 1]]),
            n_rows=n_rows,
        )
    ]


def _jumps(trace: Trace, known: Ints, size_ah: float, battery_id: str) -> list[Finding]:
    step = np.diff(trace.soc_frac[known])
    counted = np.diff(trace.charge_ah[known]) / size_ah
    span_s = np.diff(trace.time_us[known]) / 1e6
    is_near = (np.diff(trace.part[known]) == 0) & (span_s <= _JUMP_SPAN_S)
    is_jump: NDArray[np.bool_] = is_near & (
        np.abs(step) > _JUMP_FRAC + _COUNTED_SLACK * np.abs(counted)
    )
    at = np.flatnonzero(is_jump)
    if not at.size:
        return []
    worst = int(at[np.argmax(np.abs(step[at]))])
    return [
        Finding(
            "reported-soc-jump",
            "warning",
            battery_id,
            f"the reported state of charge jumps by {step[worst]:+.0%} while"
            f" {abs(counted[worst]):.1%} of the capacity flow; {at.size} jumps",
            "a recalibration or a fault of the management unit: count across it with care",
            row_first=int(trace.row[known[worst]]),
            row_last=int(trace.row[known[worst + 1]]),
            n_rows=int(at.size),
        )
    ]


def _held_against(
    trace: Trace, points: Sequence[OcvPoint], curve: OcvCurve | None
) -> tuple[pl.DataFrame, Array]:
    """Return the report at each rested point beside what the voltage says, and the curve's sd."""
    rested = [
        p
        for p in points
        if not p.evidence.startswith("charging") and np.isfinite(trace.soc_frac[p.index])
    ]
    if curve is None or not rested:
        return pl.DataFrame(schema=POINTS), np.empty(0)
    volts = np.array([p.voltage_v for p in rested])
    own = np.array([p.voltage_sd_v for p in rested])
    both = curve.soc_sd_at(volts, voltage_sd_v=own)
    of_curve = curve.soc_sd_at(volts, voltage_sd_v=0.0)
    is_sharp = both < _WIDEST_SD_FRAC
    alone = np.sqrt(np.clip(both**2 - of_curve**2, 0.003**2, None))
    table = pl.DataFrame(
        {
            "row": [int(trace.row[p.index]) for p in rested],
            "reported_soc_frac": [float(trace.soc_frac[p.index]) for p in rested],
            "rested_soc_frac": curve.soc_at(volts),
            "rested_soc_sd_frac": alone,
            "evidence": [p.evidence for p in rested],
        },
        schema=POINTS,
    )
    return table.filter(pl.Series(is_sharp)), of_curve[is_sharp]


def _line(
    table: pl.DataFrame, of_curve: Array, curve: OcvCurve | None, confidence_frac: float
) -> tuple[Estimate, Estimate]:
    if curve is None:
        why = "no open-circuit curve: give the chemistry, or a curve"
    elif table.height < _LEAST_POINTS:
        why = f"{table.height} rests at which the curve tells the charge, {_LEAST_POINTS} needed"
    else:
        why = ""
    if why:
        return (
            _unknown("soc_offset_frac", why, confidence_frac),
            _unknown("soc_slope_frac", why, confidence_frac),
        )
    rested = table.get_column("rested_soc_frac").to_numpy()
    sd = table.get_column("rested_soc_sd_frac").to_numpy()
    over = table.get_column("reported_soc_frac").to_numpy() - rested
    span = float(np.subtract(*np.quantile(rested, [0.95, 0.05])))
    is_wide = span >= _LEAST_SPAN_FRAC
    columns = [np.ones(rested.size), rested - _HALF] if is_wide else [np.ones(rested.size)]
    values, covariance = _robust(np.stack(columns, axis=1), over, sd)
    shared = float(np.median(of_curve))
    reach = normal_quantile(confidence_frac)
    source = "typical curve" if curve is not None and "typical" in curve.source else "curve"
    method = f"{METHOD} ({table.height} rests, {source})"
    half = reach * float(np.hypot(np.sqrt(covariance[0, 0]), shared))
    offset = Estimate(
        "soc_offset_frac",
        float(values[0]),
        float(values[0]) - half,
        float(values[0]) + half,
        confidence_frac,
        method if is_wide else f"{method}, at {float(np.median(rested)):.0%} charged",
        n_rows=table.height,
    )
    if not is_wide:
        why = f"the rests span {span:.0%} of the charge, {_LEAST_SPAN_FRAC:.0%} needed for a slope"
        return offset, _unknown("soc_slope_frac", why, confidence_frac)
    # A curve off by its sd at one end and right at the other turns the line by so much.
    half = reach * float(np.hypot(np.sqrt(covariance[1, 1]), np.sqrt(2) * shared / span))
    if half > _OPEN_SLOPE_FRAC:
        why = f"the rests leave the slope open by {half:.0%}: the curve is flat or not sure enough"
        return offset, _unknown("soc_slope_frac", why, confidence_frac)
    slope = 1.0 + float(values[1])
    return offset, Estimate(
        "soc_slope_frac",
        slope,
        slope - half,
        slope + half,
        confidence_frac,
        method,
        n_rows=table.height,
    )


def _robust(design: Array, y: Array, sd: Array) -> tuple[Array, Array]:
    huber, scatter = np.ones(y.size), 0.0
    values: Array = np.zeros(design.shape[1])
    inverse: Array = np.eye(design.shape[1])
    for _ in range(_ITERATIONS):
        weight = huber / (sd**2 + scatter**2)
        normal = design.T @ (design * weight[:, None]) + 1e-9 * np.eye(values.size)
        inverse = np.asarray(np.linalg.inv(normal), dtype=np.float64)
        values = np.asarray(inverse @ (design.T @ (weight * y)), dtype=np.float64)
        left = y - design @ values
        spread = 1.4826 * float(np.median(np.abs(left)))
        scatter = float(np.sqrt(max(spread**2 - float(np.median(sd)) ** 2, 0.0)))
        total = np.sqrt(sd**2 + scatter**2)
        huber = np.minimum(1.0, 1.5 * total / np.clip(np.abs(left), 1e-12, None))
    return values, inverse


def _wrong(offset: Estimate, slope: Estimate, battery_id: str) -> list[Finding]:
    found = []
    if offset.value is not None and _is_beyond(offset, 0.0):
        found.append(
            Finding(
                "reported-soc-offset",
                "warning",
                battery_id,
                f"the reported state of charge is {offset.value:+.1%} off what rest voltages say"
                f" ({offset.low:+.1%} to {offset.high:+.1%})",
                "changes of it may still be right; its level is not, unless the maker's scale"
                " leaves out the ends",
            )
        )
    if slope.value is not None and _is_beyond(slope, 1.0):
        found.append(
            Finding(
                "reported-soc-slope",
                "warning",
                battery_id,
                f"the reported state of charge moves by {slope.value:.2f} for a true change of 1"
                f" ({slope.low:.2f} to {slope.high:.2f})",
                f"a capacity that trusts it must be multiplied by {slope.value:.2f}",
            )
        )
    return found


def _is_beyond(estimate: Estimate, right: float) -> bool:
    if estimate.low is None or estimate.high is None:
        return False
    return estimate.low > right + _TOLERANCE_FRAC or estimate.high < right - _TOLERANCE_FRAC
