"""Current steps: how the voltage answers when the current jumps."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from batteryloop.health.trace import Array, Ints, Trace
from batteryloop.health.types import PULSES
from batteryloop.telemetry.frame import TIME

_STEP_FRAC = 0.2
_STEADY_FRAC = 0.1
_SPAN_MAX_S = 60.0
_LATER_S = (1.0, 10.0)
_LATER_TOLERANCE_FRAC = 0.3


def step_pulses(trace: Trace, *, soc_frac: Array | None = None) -> pl.DataFrame:
    """Return every jump of the current and the resistance that the voltage's jump shows.

    A jump is a change, between two samples at most a minute apart, of at least a fifth of the
    largest usual current, with the current steady (within a tenth of the jump) before and after.

    Parameters
    ----------
    trace : Trace
        One battery's samples.
    soc_frac : array of float, shape (n,), optional
        State of charge at each sample; by default as the battery reports it. [1]

    Returns
    -------
    polars.DataFrame
        Columns `types.PULSES`. `span_s` is the time between the two samples: the resistance is
        the one after at most that long. `resistance_1s_ohm` and `resistance_10s_ohm` are taken
        that long after the sample before the jump (within 30 %), while the current stands; null
        where no sample is. `resistance_normal_ohm` is left null. Resistances are of the battery,
        between its terminals.
    """
    n = len(trace)
    if n < 3 or not trace.current_scale_a > 0:
        return pl.DataFrame(schema=PULSES)
    soc = trace.soc_frac if soc_frac is None else soc_frac
    current, time_us = trace.current_a, trace.time_us
    at = _steps(trace)
    before = at - 1
    span_s = (time_us[at] - time_us[before]) / 1e6
    volts = trace.cell_voltage_v * trace.n_cells_series
    resistance = (volts[at] - volts[before]) / (current[at] - current[before])
    stood = _standing(trace)
    later = {
        f"resistance_{seconds:.0f}s_ohm": _after(trace, volts, at, stood, seconds)
        for seconds in _LATER_S
    }
    table = pl.DataFrame(
        {
            "time": pl.Series(time_us[at]).cast(TIME),
            "row": trace.row[at],
            "current_step_a": current[at] - current[before],
            "voltage_step_v": volts[at] - volts[before],
            "span_s": span_s,
            "resistance_ohm": resistance,
            **later,
            "voltage_v": volts[before],
            "soc_frac": soc[before],
            "temperature_degc": trace.temperature_degc[at],
            "resistance_normal_ohm": pl.Series(np.full(at.size, np.nan)),
        }
    )
    return (
        table.select(pl.col(name).cast(dtype) for name, dtype in PULSES.items())
        .with_columns(pl.selectors.float().fill_nan(None))
        .filter(pl.col("resistance_ohm") > 0)
    )


def _steps(trace: Trace) -> Ints:
    current, time_us = trace.current_a, trace.time_us
    jump = np.diff(current)
    is_step = np.abs(jump) >= _STEP_FRAC * trace.current_scale_a
    span_s = np.diff(time_us) / 1e6
    is_step &= (span_s > 0) & (span_s <= _SPAN_MAX_S) & (np.diff(trace.part) == 0)
    is_step &= np.isfinite(trace.cell_voltage_v[1:]) & np.isfinite(trace.cell_voltage_v[:-1])
    # Steady before: the change into the sample before is small. Steady after: the change out of
    # the sample after is. The record's first and last sample have nothing to compare with.
    change_before = np.abs(np.concatenate([[np.inf], jump[:-1]]))
    change_after = np.abs(np.concatenate([jump[1:], [np.inf]]))
    limit = _STEADY_FRAC * np.abs(jump)
    return np.asarray(
        np.flatnonzero(is_step & (change_before <= limit) & (change_after <= limit)) + 1,
        dtype=np.int64,
    )


def _standing(trace: Trace) -> Ints:
    """Return a number for each stretch in which the current stands."""
    limit = _STEADY_FRAC * _STEP_FRAC * trace.current_scale_a
    moves = np.abs(np.diff(trace.current_a, prepend=trace.current_a[:1])) > limit
    return np.asarray(np.cumsum(moves), dtype=np.int64)


def _after(
    trace: Trace, volts: Array, at: Ints, stood: Ints, seconds_s: float
) -> NDArray[np.float64]:
    """Return the resistance `seconds_s` after the step, NaN where it cannot be told."""
    start = trace.time_us[at - 1]
    wanted = start + int(seconds_s * 1e6)
    right = np.clip(np.searchsorted(trace.time_us, wanted), 1, len(trace) - 1)
    is_left = wanted - trace.time_us[right - 1] < trace.time_us[right] - wanted
    nearest = np.maximum(np.where(is_left, right - 1, right), at)
    age_s = (trace.time_us[nearest] - start) / 1e6
    is_near = np.abs(age_s - seconds_s) <= _LATER_TOLERANCE_FRAC * seconds_s
    is_near &= stood[nearest] == stood[at]
    change = trace.current_a[nearest] - trace.current_a[at - 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        resistance = (volts[nearest] - volts[at - 1]) / change
    return np.where(is_near & (resistance > 0), resistance, np.nan)
