"""Capacity from full swings: which of them speak for the battery now, and how surely."""

import numpy as np
import polars as pl

from batteryloop.health.interval import mean_interval, normal_quantile
from batteryloop.health.trace import Trace
from batteryloop.health.types import CAPACITY_HISTORY
from batteryloop.quantities import Estimate

DISCHARGE_METHOD = "full-discharge-count v1"
CHARGE_METHOD = "full-charge-count v1"

# One count of the same battery under the same conditions scatters by about this much: 0.1 % in
# the sample leaf_cell_2013, up to 0.5 % where a tester rests at will.
SCATTER_FRAC = 0.005
_RECENT_CYCLES = 30
_RECENT_FRAC = 0.1
_SAME_RATE = 1.5
_REFERENCE_DEGC = 25.0
_SAME_TEMPERATURE_K = 5.0
_N_REFERENCE = 5


def reference_swings(swings: pl.DataFrame, *, is_first: bool = False) -> pl.DataFrame:
    """Return the swings that measure capacity best: recent, slow, near 25 °C, at most five.

    Parameters
    ----------
    swings : polars.DataFrame
        Swings of one kind, in order of time, as `swings.swings` returns them.
    is_first : bool, default False
        Take the first ones instead of the last ones.

    Returns
    -------
    polars.DataFrame
        Of the swings within 30 equivalent cycles (or a tenth of the throughput) of the last: those
        whose current is within half as much again of the slowest; of these those within 5 K of the
        one nearest to 25 °C; of these the last five.
    """
    if swings.is_empty():
        return swings
    typical = float(np.median(swings.get_column("capacity_ah").tail(_N_REFERENCE).to_numpy()))
    flowed = swings.get_column("throughput_ah").to_numpy()
    reach = max(2 * _RECENT_CYCLES * typical, _RECENT_FRAC * float(flowed[-1]))
    near = flowed <= flowed[0] + reach if is_first else flowed >= flowed[-1] - reach
    return _slow_and_mild(swings.filter(pl.Series(near)), is_first=is_first)


def _slow_and_mild(recent: pl.DataFrame, *, is_first: bool) -> pl.DataFrame:
    current = pl.col("current_a")
    recent = recent.filter(current <= _SAME_RATE * current.min())
    temperature = recent.get_column("temperature_degc").drop_nulls().to_numpy()
    if temperature.size:
        mild = float(temperature[np.argmin(np.abs(temperature - _REFERENCE_DEGC))])
        recent = recent.filter((pl.col("temperature_degc") - mild).abs() <= _SAME_TEMPERATURE_K)
    return recent.head(_N_REFERENCE) if is_first else recent.tail(_N_REFERENCE)


def same_conditions(swings: pl.DataFrame, like: pl.DataFrame) -> pl.DataFrame:
    """Return the swings at about the current and temperature of `like`."""
    current, temperature = (
        like.get_column(name).drop_nulls().to_numpy() for name in ("current_a", "temperature_degc")
    )
    kept = swings
    if current.size:
        middle = float(np.median(current))
        kept = kept.filter(pl.col("current_a").is_between(middle / _SAME_RATE, middle * _SAME_RATE))
    if temperature.size:
        off = pl.col("temperature_degc") - float(np.median(temperature))
        kept = kept.filter(off.abs() <= _SAME_TEMPERATURE_K)
    return kept


def capacity_from_swings(
    swings: pl.DataFrame, *, kind: str = "discharge", confidence_frac: float, reason: str = ""
) -> tuple[Estimate, pl.DataFrame]:
    """Return the capacity that full discharges (or charges) give, and those it was taken from.

    Parameters
    ----------
    swings : polars.DataFrame
        As `swings.swings` returns them.
    kind : {"discharge", "charge"}
        Which way to count.
    confidence_frac : float
        In (0, 1).
    reason : str, optional
        Why there are none, if there are none.

    Notes
    -----
    The value is the median of up to five. The interval joins the count's own error (gain, offset
    over the duration, missing samples: the same for all of them) with their scatter. Rate and
    temperature are stated in the method, not corrected.
    """
    method = DISCHARGE_METHOD if kind == "discharge" else CHARGE_METHOD
    chosen = reference_swings(swings.filter(pl.col("kind") == kind))
    if chosen.is_empty():
        why = reason or f"no full {kind} in the data"
        return Estimate.unknown("capacity_ah", method, why, confidence_frac=confidence_frac), chosen
    counted = chosen.get_column("capacity_ah").to_numpy()
    value, low, high = mean_interval(
        counted,
        prior_sd_frac=SCATTER_FRAC,
        shared_sd_frac=float(
            chosen.get_column("capacity_sd_ah").to_numpy().mean() / counted.mean()
        ),
        confidence_frac=confidence_frac,
    )
    estimate = Estimate(
        "capacity_ah",
        value,
        max(low, 0.0),
        high,
        confidence_frac,
        f"{method} ({conditions(chosen)})",
        n_rows=n_rows_of(chosen),
        n_segments=chosen.height,
    )
    return estimate, chosen


def energy_from_swings(
    chosen: pl.DataFrame, trace: Trace, *, confidence_frac: float, reason: str
) -> Estimate:
    """Return the energy that the reference discharges gave."""
    if chosen.is_empty():
        return Estimate.unknown(
            "energy_wh", DISCHARGE_METHOD, reason, confidence_frac=confidence_frac
        )
    energy = chosen.get_column("energy_wh").to_numpy()
    share = (chosen.get_column("capacity_sd_ah") / chosen.get_column("capacity_ah")).to_numpy()
    value, low, high = mean_interval(
        energy,
        prior_sd_frac=SCATTER_FRAC,
        shared_sd_frac=float(np.hypot(share.mean(), trace.instrument.voltage_gain_sd_frac)),
        confidence_frac=confidence_frac,
    )
    return Estimate(
        "energy_wh",
        value,
        max(low, 0.0),
        high,
        confidence_frac,
        f"{DISCHARGE_METHOD} ({conditions(chosen)})",
        n_rows=n_rows_of(chosen),
        n_segments=chosen.height,
    )


def conditions(chosen: pl.DataFrame) -> str:
    """Return rate and temperature of the swings in words: `0.40 C, 25 °C`."""
    words = []
    rate = chosen.get_column("c_rate_per_h").median()
    if isinstance(rate, float):
        words.append(f"{rate:.2f} C")
    temperature = chosen.get_column("temperature_degc").median()
    words.append(
        f"{temperature:.0f} °C" if isinstance(temperature, float) else "temperature unknown"
    )
    return ", ".join(words)


def n_rows_of(chosen: pl.DataFrame) -> int:
    """Return how many rows of the frame the swings span."""
    return int((chosen.get_column("row_last") - chosen.get_column("row_first") + 1).sum())


def capacity_history(
    swings: pl.DataFrame, chosen: pl.DataFrame, *, kind: str, confidence_frac: float
) -> pl.DataFrame:
    """Return every full swing of a kind as a measured point with its own interval."""
    method = DISCHARGE_METHOD if kind == "discharge" else CHARGE_METHOD
    reach = normal_quantile(confidence_frac)
    spread = (
        pl.col("capacity_sd_ah") ** 2 + (SCATTER_FRAC * pl.col("capacity_ah")) ** 2
    ).sqrt() * reach
    numbers = chosen.get_column("number").implode()
    return (
        swings.filter(pl.col("kind") == kind)
        .with_columns(
            pl.col("end_at").alias("time"),
            (pl.col("capacity_ah") - spread).clip(0).alias("capacity_low_ah"),
            (pl.col("capacity_ah") + spread).alias("capacity_high_ah"),
            pl.col("number").is_in(numbers).alias("is_reference"),
            pl.lit(method).alias("method"),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in CAPACITY_HISTORY.items())
    )
