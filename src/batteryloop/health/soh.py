"""State of health: what is left of what it had."""

import numpy as np
import polars as pl

from batteryloop.health.capacity.full_swings import (
    SCATTER_FRAC,
    n_rows_of,
    reference_swings,
    same_conditions,
)
from batteryloop.health.interval import mean_interval
from batteryloop.quantities import Estimate

RELATIVE_METHOD = "relative-to-first v1"
_NOT_RATED = {
    "capacity_ah": "the rated capacity is not given",
    "energy_wh": "the rated energy is not known without rated capacity and chemistry",
}


def soh_of(now: Estimate, name: str, *, rated: Estimate | None, relative: Estimate) -> Estimate:
    """Return `now` over what the maker rates, else how it has changed since the record began.

    Parameters
    ----------
    now : Estimate
        Capacity or energy.
    name : str
        `soh_frac` or `soh_energy_frac`.
    rated : Estimate, optional
        In the unit of `now`; its method says what it is, in words.
    relative : Estimate
        As `change_since_first` returns it.

    Examples
    --------
    >>> now = Estimate("capacity_ah", 30.0, 29.7, 30.3, 0.9, "m v1")
    >>> none = Estimate.unknown("soh_frac", "m", "")
    >>> rated = exactly(33.1, "capacity_ah", "rated capacity")
    >>> soh_of(now, "soh_frac", rated=rated, relative=none).method
    'm v1, over rated capacity'
    """
    if not now.is_known:
        return Estimate.unknown(name, now.method, now.reason, confidence_frac=now.confidence_frac)
    if rated is None or not rated.value:
        return relative
    share = now.scaled(1 / rated.value, name)
    return Estimate(
        name,
        share.value,
        share.low,
        share.high,
        share.confidence_frac,
        f"{now.method}, over {rated.method}",
        share.n_rows,
        share.n_segments,
    )


def exactly(value_ah_or_wh: float, quantity: str, words: str) -> Estimate:
    """Return a figure that is known beforehand, as an estimate without width.

    Examples
    --------
    >>> exactly(33.1, "capacity_ah", "rated capacity").low
    33.1
    """
    value = value_ah_or_wh
    return Estimate(quantity, value, value, value, 1.0, words)


def change_since_first(
    swings: pl.DataFrame, chosen: pl.DataFrame, name: str, *, column: str, confidence_frac: float
) -> Estimate:
    """Return capacity or energy now over that of the first swings under the same conditions.

    Parameters
    ----------
    swings : polars.DataFrame
        As `swings.swings` returns them.
    chosen : polars.DataFrame
        Those that speak for now.
    name : str
        `soh_frac` or `soh_energy_frac`.
    column : str
        `capacity_ah` or `energy_wh`.
    confidence_frac : float
        In (0, 1).

    Notes
    -----
    What the battery had lost before the record began is not seen. A gain error of the current's
    measurement takes itself out; offset and missing samples do not.
    """

    def unknown(why: str) -> Estimate:
        return Estimate.unknown(name, RELATIVE_METHOD, why, confidence_frac=confidence_frac)

    if chosen.is_empty():
        return unknown(f"{_NOT_RATED[column]}, and no full swing is there to compare")
    alike = same_conditions(swings.filter(pl.col("kind") == chosen.item(0, "kind")), chosen)
    first = reference_swings(
        alike.filter(pl.col("number") < chosen.get_column("number").to_numpy().min()), is_first=True
    )
    if first.is_empty():
        return unknown(
            f"{_NOT_RATED[column]}, and no earlier full swing under the same conditions is there to"
            " compare with"
        )
    (then, then_low, then_high), (now, now_low, now_high) = (
        mean_interval(
            group.get_column(column).to_numpy(),
            prior_sd_frac=SCATTER_FRAC,
            shared_sd_frac=_own_share(group),
            confidence_frac=confidence_frac,
        )
        for group in (first, chosen)
    )
    ratio = now / then
    below = float(np.hypot((now - now_low) / now, (then_high - then) / then))
    above = float(np.hypot((now_high - now) / now, (then - then_low) / then))
    return Estimate(
        name,
        ratio,
        max(ratio * (1 - below), 0.0),
        ratio * (1 + above),
        confidence_frac,
        f"{RELATIVE_METHOD} (full {chosen.item(0, 'kind')}s; {_NOT_RATED[column]})",
        n_rows=n_rows_of(first) + n_rows_of(chosen),
        n_segments=first.height + chosen.height,
    )


def _own_share(group: pl.DataFrame) -> float:
    own = (group["offset_sd_ah"] ** 2 + group["slack_sd_ah"] ** 2).sqrt() / group["capacity_ah"]
    return float(own.to_numpy().mean())
