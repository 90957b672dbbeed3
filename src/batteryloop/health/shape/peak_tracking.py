"""Peaks of dQ/dV followed over a battery's life."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import stats

from batteryloop.health.interval import mean_interval
from batteryloop.health.shape.incremental_capacity import METHOD, IncrementalCapacity, Peak
from batteryloop.health.shape.stretches import Stretch
from batteryloop.health.trace import Array
from batteryloop.quantities import Estimate

_APART_V = 0.03
_RECENT = 3
_SEEN_FRAC = 0.3
_SEEN_LEAST = 3
_GROUP_FRAC = 0.2
_GROUP_LEAST = 3
_PRIOR_FRAC = 0.01
_PRIOR_POSITION_FRAC = 0.0005

PEAKS: dict[str, pl.DataType] = {
    "peak": pl.Int64(),
    "curve": pl.Int64(),
    "discharged_ah": pl.Float64(),
    "position_v": pl.Float64(),
    "position_sd_v": pl.Float64(),
    "height_ah_per_v": pl.Float64(),
    "height_sd_ah_per_v": pl.Float64(),
    "area_ah": pl.Float64(),
    "area_sd_ah": pl.Float64(),
}


@dataclass(frozen=True, slots=True)
class PeakTrack:
    """One peak over life: how often it was seen, and how it changed from first to last.

    The three `..._rank_frac` are Kendall's rank correlation with the charge taken out: 1 or -1
    where the peak only ever moved one way.
    """

    peak: int
    n_curves: int
    position_v: Estimate
    position_change_v: Estimate
    height_ratio_frac: Estimate
    area_ratio_frac: Estimate
    position_rank_frac: float
    height_rank_frac: float
    area_rank_frac: float


def follow(stretches: Sequence[Stretch], curves: Sequence[IncrementalCapacity]) -> pl.DataFrame:
    """Return every peak of every curve, those numbered alike that are one peak over life.

    In order of time each peak goes to the track whose last three positions are nearest, at most
    30 mV away, the nearest pair first. Tracks seen in fewer than three curves, or in less than
    three tenths of them, are left out; those left are numbered from the lowest voltage on.

    Returns
    -------
    polars.DataFrame
        Columns `PEAKS`.
    """
    tracks: list[list[tuple[int, Peak]]] = []
    for at, curve in enumerate(curves):
        places = [float(np.median([p.position_v for _, p in t[-_RECENT:]])) for t in tracks]
        pairs = sorted(
            (abs(peak.position_v - place), k, j)
            for k, peak in enumerate(curve.peaks)
            for j, place in enumerate(places)
        )
        taken: dict[int, int] = {}
        for apart, k, j in pairs:
            if apart <= _APART_V and k not in taken and j not in taken.values():
                taken[k] = j
        for k, peak in enumerate(curve.peaks):
            if k in taken:
                tracks[taken[k]].append((at, peak))
            else:
                tracks.append([(at, peak)])
    tracks = _joined(tracks)
    least = max(_SEEN_LEAST, _SEEN_FRAC * len(curves))
    kept = [track for track in tracks if len(track) >= least]
    kept.sort(key=lambda track: float(np.median([p.position_v for _, p in track])))
    rows = [
        (
            number,
            at,
            stretches[at].discharged_ah,
            peak.position_v,
            peak.position_sd_v,
            peak.height_ah_per_v,
            peak.height_sd_ah_per_v,
            peak.area_ah,
            peak.area_sd_ah,
        )
        for number, track in enumerate(kept, start=1)
        for at, peak in track
    ]
    return pl.DataFrame(rows, schema=PEAKS, orient="row")


def _joined(tracks: list[list[tuple[int, Peak]]]) -> list[list[tuple[int, Peak]]]:
    """Return the tracks with those made one that follow on each other: a split peak, for once."""
    joined: list[list[tuple[int, Peak]]] = []
    for track in sorted(tracks, key=lambda t: t[0][0]):
        place = track[0][1].position_v
        before = [
            old
            for old in joined
            if old[-1][0] < track[0][0]
            and abs(float(np.median([p.position_v for _, p in old[-_RECENT:]])) - place)
            <= 2 * _APART_V
        ]
        if before:
            max(before, key=len).extend(track)
        else:
            joined.append(list(track))
    return joined


def tracks_of(peaks: pl.DataFrame, *, confidence_frac: float) -> tuple[PeakTrack, ...]:
    """Return how each peak changed: median of the last fifth of its curves against the first.

    Parameters
    ----------
    peaks : polars.DataFrame
        As `follow` returns it.
    confidence_frac : float
        In (0, 1).
    """
    return tuple(
        _track(number, peaks.filter(pl.col("peak") == number), confidence_frac)
        for number in peaks.get_column("peak").unique().sort().to_list()
    )


def _track(number: int, rows: pl.DataFrame, confidence_frac: float) -> PeakTrack:
    n = max(_GROUP_LEAST, round(_GROUP_FRAC * rows.height))
    columns = ("position_v", "height_ah_per_v", "area_ah")
    values = {name: rows.get_column(name).to_numpy() for name in columns}
    sds = {
        "position_v": rows.get_column("position_sd_v").to_numpy(),
        "height_ah_per_v": rows.get_column("height_sd_ah_per_v").to_numpy(),
        "area_ah": rows.get_column("area_sd_ah").to_numpy(),
    }
    now = _group(values["position_v"][-n:], sds["position_v"][-n:], True, confidence_frac)
    then = _group(values["position_v"][:n], sds["position_v"][:n], True, confidence_frac)
    is_apart = rows.height >= 2 * _GROUP_LEAST
    half = float(np.hypot(now[2] - now[0], then[2] - then[0]))
    moved = now[0] - then[0]
    why = f"{rows.height} curves are too few to compare the last with the first"
    change = (
        Estimate(
            "peak_change_v",
            moved,
            moved - half,
            moved + half,
            confidence_frac,
            METHOD,
            n_segments=2 * n,
        )
        if is_apart
        else Estimate.unknown("peak_change_v", METHOD, why, confidence_frac=confidence_frac)
    )
    ratios = {}
    for name in columns[1:]:
        quantity = "peak_ratio_frac"
        if not is_apart:
            ratios[name] = Estimate.unknown(quantity, METHOD, why, confidence_frac=confidence_frac)
            continue
        late = _group(values[name][-n:], sds[name][-n:], False, confidence_frac)
        early = _group(values[name][:n], sds[name][:n], False, confidence_frac)
        ratio = late[0] / early[0]
        apart = ratio * float(
            np.hypot((late[2] - late[0]) / late[0], (early[2] - early[0]) / early[0])
        )
        ratios[name] = Estimate(
            quantity,
            ratio,
            max(ratio - apart, 0.0),
            ratio + apart,
            confidence_frac,
            METHOD,
            n_segments=2 * n,
        )
    along = rows.get_column("curve").to_numpy().astype(float)
    ranks = [_rank(along, values[name]) for name in columns]
    return PeakTrack(
        number,
        rows.height,
        Estimate("peak_position_v", *now, confidence_frac, METHOD, n_segments=n),
        change,
        ratios["height_ah_per_v"],
        ratios["area_ah"],
        *ranks,
    )


def _group(
    values: Array, sds: Array, is_position: bool, confidence_frac: float
) -> tuple[float, float, float]:
    """Return the middle of some curves' peaks with bounds: their scatter, or their own noise."""
    middle = float(np.median(values))
    prior = _PRIOR_POSITION_FRAC if is_position else _PRIOR_FRAC
    own = float(np.median(sds)) / max(abs(middle), 1e-12)
    return mean_interval(
        values,
        prior_sd_frac=float(np.hypot(prior, own)),
        shared_sd_frac=0.0,
        confidence_frac=confidence_frac,
    )


def _rank(along: Array, values: Array) -> float:
    if np.unique(values).size < 2:
        return 0.0
    return float(stats.kendalltau(along, values).statistic)
