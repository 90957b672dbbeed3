"""Cycles counted here, where the tester does not count them or a vehicle has no cycles."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from batteryloop.telemetry.blocks import ABSENT, Array, Block, blocks
from batteryloop.telemetry.scale import gap_limit_us

_SMOOTH_ROWS = 5
_KNOWN_FRAC = 0.9
_REVERSAL_FRAC = 0.02
_DISCHARGED_FRAC = 0.25
_RECHARGED_FRAC = 0.5


def count_cycles(
    frame: pl.DataFrame,
    *,
    min_discharge_ah: float | None = None,
    gap_s: float | None = None,
) -> pl.DataFrame:
    """Return the frame with `cycle_count` as counted here, from 1 for each battery.

    A new cycle begins with the charge that follows enough discharge: at the lowest point of the
    charge balance, once the balance has fallen by `min_discharge_ah` from its highest point and
    risen again by half of that. Braking and short top-ups so begin none.

    Parameters
    ----------
    frame : polars.DataFrame
        A telemetry frame, sorted by battery and time.
    min_discharge_ah : float, optional
        Enough discharge. By default a quarter of what this battery's larger discharges take: the
        90th percentile of the falls of the balance. The balance is then the reported state of
        charge where nine rows in ten have it, for that goes on over gaps; else the integral of
        the current. [Ah]
    gap_s : float, optional
        Nothing is integrated where samples are further apart. By default 20 times the usual
        step, never under 300 s. [s]

    Raises
    ------
    InputWrong
        If a battery's rows are not together.

    Examples
    --------
    >>> from datetime import datetime, timedelta, UTC
    >>> start = datetime(2026, 1, 1, tzinfo=UTC)
    >>> current_a = [6.0, 6.0, -6.0, -6.0, 6.0, 6.0, -6.0, -6.0]
    >>> frame = pl.DataFrame({"battery_id": "A", "current_a": current_a, "voltage_v": 3.7,
    ...     "time": [start + timedelta(minutes=m) for m in range(8)]})
    >>> count_cycles(frame)["cycle_count"].to_list()
    [1, 1, 1, 1, 2, 2, 2, 2]
    """
    soc = pl.col("soc_frac") if "soc_frac" in frame.columns else None
    counts = [
        counted_here(
            block,
            gap_limit_us(block.time_us) if gap_s is None else int(gap_s * 1e6),
            min_discharge_ah,
        )
        for block in blocks(frame, {"current_a": pl.col("current_a"), "soc_frac": soc})
    ]
    numbers = np.concatenate(counts) if counts else np.empty(0, np.int64)
    return frame.with_columns(pl.Series("cycle_count", numbers, dtype=pl.Int64))


def counted_here(
    block: Block, gap_us: int, min_discharge_ah: float | None = None
) -> NDArray[np.int64]:
    """Return the number of each sample's cycle; see `count_cycles`."""
    from batteryloop.telemetry.kernels import count  # numba is slow to import

    balance = ABSENT
    if min_discharge_ah is None:
        balance = _reported(block.columns["soc_frac"])
    if not balance.size:
        balance = count.net_charge_ah(block.time_us, block.columns["current_a"], gap_us)
    if min_discharge_ah is None:
        spread = float(balance.max() - balance.min()) if balance.size else 0.0
        falls = count.falls_of(balance, max(_REVERSAL_FRAC * spread, 1e-12))
        usual = float(np.percentile(falls, 90)) if falls.size else np.inf
        min_discharge_ah = _DISCHARGED_FRAC * usual
    numbers: NDArray[np.int64] = count.counted(
        balance, block.columns["current_a"], min_discharge_ah, _RECHARGED_FRAC * min_discharge_ah
    )
    return numbers


def _reported(soc_frac: Array) -> Array:
    """Return the state of charge without single odd values, or nothing where too few are known."""
    if not soc_frac.size or np.isfinite(soc_frac).mean() < _KNOWN_FRAC:
        return ABSENT
    whole = pl.Series(soc_frac).fill_nan(None).forward_fill().backward_fill()
    smooth = whole.rolling_median(_SMOOTH_ROWS, min_samples=1, center=True)
    return smooth.to_numpy()
