"""From scores to warnings: what lasts, what is the likeliest cause, what was said already."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batteryloop.health.warning.kernels import layout as at
from batteryloop.health.warning.size import METHOD, Pack, Size, size_of
from batteryloop.health.warning.thresholds import SUDDEN, tails
from batteryloop.health.warning.types import (
    CELL_KINDS,
    KINDS,
    PACK_KINDS,
    Evidence,
    HealthWarning,
    WarningKind,
)
from batteryloop.quantities import Estimate

Array = NDArray[np.float64]
# A cell with one warning gets another kind's only where that stands out this much more.
_OTHER_CAUSE = 3.0
_MOVES_LEAST = 5.0
# What came within minutes is said once a week.
_AGAIN_US = 7 * 86_400 * 1_000_000
_SHARED = 0.3

_SAID: Mapping[WarningKind, tuple[str, str]] = {
    "internal-short": (
        "its charge falls behind its pack's, day after day",
        "charge full, leave it for two days, compare open-circuit voltages of all cells; then "
        "measure the leak at constant voltage",
    ),
    "weak-cell": (
        "it is emptied and filled further than its pack by the same charge, and more each week",
        "a full charge and discharge at C/3, reading every cell at both ends",
    ),
    "loose-connection": (
        "its voltage leaves its pack's with the current, and not at rest",
        "with the pack out of use, measure the busbars' resistance and check the torque",
    ),
    "voltage-sensor": (
        "its voltage is off by the same at every charge and current",
        "compare the reading with a meter at the cell; check the sense wire and its neighbours'",
    ),
    "stuck-reading": (
        "its reading stands still, or is missing, while its pack's voltage moves",
        "check the sense wire and the supervision circuit's channel",
    ),
    "cooling-loss": (
        "one temperature sensor grows warmer against the others",
        "check coolant flow, the cooling plate's contact and the sensor itself",
    ),
    "insulation-loss": (
        "the insulation resistance falls",
        "look for coolant and moisture; measure the insulation at both poles, pack disconnected",
    ),
    "current-sensor": (
        "the current at rest is no longer what it was",
        "compare with a clamp meter at rest and under load, set the zero again",
    ),
    "soc-jump": (
        "the unit's state of charge moved without the current for it",
        "look whether it set itself right at full or after a rest; else check current sensor and "
        "capacity",
    ),
}


def judge(
    closed_us: int,
    cell_scores: Array,
    pack_scores: Array,
    hottest: int,
    arrays: Mapping[str, NDArray[Any]],
    pack: Pack,
    battery_id: str,
    thresholds_sd: Mapping[str, float],
) -> Iterator[HealthWarning]:
    """Yield the warnings of one closed window; what was said is kept in `arrays`.

    `cell_scores` (n cell kinds, n_cells) are those that lasted for two windows. Of a cell's kinds
    the one furthest over its threshold is taken as the cause; it is said again only when it grows
    by a severity.
    """
    limits = np.array([thresholds_sd[kind] for kind in CELL_KINDS])[:, None]
    said = arrays["latched"]
    ratio = cell_scores / limits
    for cell in np.flatnonzero(ratio.max(axis=0) >= 1.0):
        k = _cause(ratio[:, cell], said[: len(CELL_KINDS), cell])
        if k is None:
            continue
        kind, score = CELL_KINDS[k], float(ratio[k, cell] * limits[k, 0])
        size = size_of(kind, int(cell), arrays, pack, score)
        if size.severity > said[k, cell]:
            said[k, cell] = size.severity
            yield _warning(
                battery_id, pack, kind, int(cell), closed_us, score, thresholds_sd[kind], size
            )
    for k, kind in enumerate(PACK_KINDS):
        score, row = float(pack_scores[k]), len(CELL_KINDS) + k
        which = hottest if kind == "cooling-loss" and hottest != -1 else None
        if score < thresholds_sd[kind]:
            continue
        size = size_of(kind, which, arrays, pack)
        if size.severity > said[row, 0]:
            said[row, 0] = size.severity
            yield _warning(
                battery_id, pack, kind, which, closed_us, score, thresholds_sd[kind], size
            )


def _cause(ratio: Array, said: NDArray[Any]) -> int | None:
    """Return the likeliest kind of one cell's trouble, None where what was said explains it.

    `ratio` is the lasting score over its threshold, kind by kind; `said` the severity that was
    said of each kind, -1 where none.
    """
    # a reading that stands still says nothing else of its cell
    if ratio[at.STUCK] >= 1.0:
        return at.STUCK
    for k in np.argsort(-ratio, kind="stable"):
        if ratio[k] < 1.0:
            return None
        others = [o for o in range(ratio.size) if o != k and said[o] >= 0]
        if all(ratio[k] >= _OTHER_CAUSE * max(float(ratio[o]), 1.0) for o in others):
            return int(k)
    return None


def judge_minute(
    now_us: int,
    arrays: Mapping[str, NDArray[Any]],
    pack: Pack,
    battery_id: str,
    thresholds_sd: Mapping[str, float],
) -> Iterator[HealthWarning]:
    """Yield a warning for each cell that left its pack within minutes and stays away.

    Downwards an internal short is the worst that it can be, and is named; upwards it cannot be.
    """
    gaps, said, told_us = arrays["minute_gap"], arrays["latched"], arrays["minute_said"]
    for cell in np.flatnonzero(arrays["minute_streak"] == 3.0):
        gap_v = float(gaps[cell])
        moves = float(arrays["sums"][at.MOVES])
        kind: WarningKind = "internal-short" if gap_v < 0 else "voltage-sensor"
        if moves >= _MOVES_LEAST and float(arrays["still"][cell]) > 0.9 * moves:
            kind = "stuck-reading"
        row = KINDS.index(kind)
        was_said = (said[: len(CELL_KINDS), cell] >= 0).any()
        if was_said or now_us - told_us[cell] < _AGAIN_US or _is_shared(gaps, int(cell)):
            continue
        told_us[cell] = now_us
        said[row, cell] = 3
        score = abs(gap_v) / max(float(arrays["slow"][at.MINUTE_SPREAD_V]), 1e-6)
        name = "voltage_offset_v"
        unknown = Estimate.unknown("leak_a", METHOD, "three minutes do not tell the leak")
        told = (
            Estimate(name, gap_v, gap_v, gap_v, 0.5, METHOD)
            if kind == "voltage-sensor"
            else unknown
        )
        at_time = datetime.fromtimestamp(now_us / 1e6, UTC)
        size = Size(
            told,
            Estimate.unknown("lead_time_h", METHOD, "it came within minutes"),
            Evidence(name, (at_time,), (gap_v,), None),
            3,
        )
        warning = _warning(
            battery_id,
            pack,
            kind,
            int(cell),
            now_us,
            score,
            thresholds_sd[SUDDEN],
            size,
            tail=SUDDEN,
        )
        yield warning


def _is_shared(gaps: Array, cell: int) -> bool:
    """Whether the cells beside it left their pack with it, as warmth does and a short does not."""
    near = np.r_[gaps[max(cell - 2, 0) : cell], gaps[cell + 1 : cell + 3]]
    return bool(near.size and np.mean(near) / gaps[cell] > _SHARED)


def _warning(
    battery_id: str, pack: Pack, kind: WarningKind, which: int | None, at_us: int, score: float,
    threshold: float, size: Size, *, tail: str | None = None,
) -> HealthWarning:  # fmt: skip
    found, next_step = _SAID[kind]
    cell, sensor = which, None
    if kind == "cooling-loss" and which is not None:
        cell, sensor = (None, which) if which >= 0 else (-2 - which, None)
        if cell is not None:
            found = "it and its neighbours resist less than they did: they are warmer than the rest"
    if tail == SUDDEN:
        gap_mv = 1e3 * size.evidence.values[0]
        found = f"it left its pack by {gap_mv:+.1f} mV within minutes and stayed away"
    return HealthWarning(
        battery_id,
        kind,
        cell,
        datetime.fromtimestamp(at_us / 1e6, UTC),
        size.severity,
        tails(is_flat=pack.is_flat)[tail or kind].confidence_frac(score),
        score,
        threshold,
        size.estimate,
        size.lead_time_h,
        size.evidence,
        found,
        next_step,
        sensor,
    )
