"""One battery's samples as arrays, with the charge counted along them."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from batteryloop.errors import InputWrong
from batteryloop.record.types import BatteryIdentity
from batteryloop.reference.instruments import Instrument, instrument
from batteryloop.telemetry.frame import TIME, mean_temperature, pack_voltage
from batteryloop.telemetry.scale import current_scale_a, gap_limit_us

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

_COUNTERS = ("charge_capacity_ah", "discharge_capacity_ah")
_ENERGY_COUNTERS = ("charge_energy_wh", "discharge_energy_wh")
_AGREES_FRAC = 0.1
_LARGE_STEP_FRAC = 0.05
_LONG_SPAN_S = 10.0
_HELD_FRAC = 0.005
_HELD_MOST_H = 2.0
_DEAD_V = 0.5


@dataclass(frozen=True, slots=True)
class Trace:
    """One battery's samples, arrays of one length n, rows without a current left out.

    Parameters
    ----------
    row : array of int
        Row of the frame.
    time_us : array of int
        Since the epoch. [µs]
    current_a, cell_voltage_v, temperature_degc, soc_frac : array of float
        NaN where unknown; positive current charges; voltage of the mean cell.
    lowest_cell_v, highest_cell_v : array of float
        Of the lowest and of the highest cell, which end a discharge and a charge; the mean
        cell's where they are not recorded. [V]
    charge_ah, energy_wh : array of float
        Net charge and energy put in since the first sample. [Ah], [Wh]
    discharged_ah, discharged_wh : array of float
        Charge and energy taken out since the first sample, rising. [Ah], [Wh]
    slack_ah : array of float
        How much the charge may be off because the current changed between two samples: standard
        deviation since the first sample, rising. 0 where a tester counted. [Ah]
    part : array of int
        Number of the stretch without a gap.
    cycle_count : array of int
        The tester's cycle, going on where it restarts; 0 where there is none.
    """

    row: Ints
    time_us: Ints
    current_a: Array
    cell_voltage_v: Array
    lowest_cell_v: Array
    highest_cell_v: Array
    temperature_degc: Array
    soc_frac: Array
    charge_ah: Array
    energy_wh: Array
    discharged_ah: Array
    discharged_wh: Array
    slack_ah: Array
    part: Ints
    cycle_count: Ints
    n_cells_series: int
    current_scale_a: float
    is_counted: bool
    has_cycles: bool
    instrument: Instrument

    def __len__(self) -> int:
        return self.row.size

    @property
    def throughput_ah(self) -> float:
        """Charge in and charge out together. [Ah]."""
        return float(2 * self.discharged_ah[-1] + self.charge_ah[-1]) if len(self) else 0.0

    def at(self, index: int) -> datetime:
        """Return the moment of sample `index`, aware UTC."""
        moment = pl.Series([int(self.time_us[index])]).cast(TIME).item()
        assert isinstance(moment, datetime)
        return moment


def cells_in_series(frame: pl.DataFrame, identity: BatteryIdentity) -> int:
    """Return the cells in series: as the record says, else as the frame's voltages imply.

    Examples
    --------
    >>> frame = pl.DataFrame({"voltage_v": [361.0], "cell_voltage_mean_v": [3.76]})
    >>> cells_in_series(frame, BatteryIdentity("A"))
    96
    """
    if identity.n_cells_series > 1:
        return identity.n_cells_series
    if "cell_voltages_v" in frame.columns:
        n_cells = frame.get_column("cell_voltages_v").list.len().max()
        if isinstance(n_cells, int) and n_cells > 1:
            return n_cells
    cell = next(
        (n for n in ("cell_voltage_mean_v", "cell_voltage_max_v") if n in frame.columns), None
    )
    if cell is not None and "voltage_v" in frame.columns:
        share = frame.select(
            (pl.col("voltage_v") / pl.col(cell)).filter(pl.col(cell) > 0).median()
        ).item()
        if share is not None and share > 1.5:
            return round(float(share))
    return identity.n_cells_series


def trace_of(frame: pl.DataFrame, *, n_cells_series: int = 1) -> Trace:
    """Return the samples of one battery with the charge counted along them.

    Charge comes from the tester's counters where the frame has them and they agree with the
    current, else from the trapezoid integral of the current, which stands still over gaps.

    Parameters
    ----------
    frame : polars.DataFrame
        A telemetry frame of one battery, sorted by time.
    n_cells_series : int, default 1
        Cells in series.

    Raises
    ------
    InputWrong
        If the frame holds more than one battery.
    ColumnMissing
        If the frame carries no voltage.

    Examples
    --------
    >>> from datetime import datetime, timedelta, UTC
    >>> start = datetime(2026, 1, 1, tzinfo=UTC)
    >>> frame = pl.DataFrame({"battery_id": "A", "time": [start, start + timedelta(minutes=3)],
    ...     "current_a": [-20.0, -20.0], "voltage_v": [3.7, 3.6]})
    >>> trace_of(frame).charge_ah.tolist()
    [0.0, -1.0]
    """
    names = frame.get_column("battery_id").unique().to_list() if frame.height else []
    if len(names) > 1:
        raise InputWrong(
            f"frame of {len(names)} batteries",
            f"batteries {', '.join(str(n) for n in sorted(names)[:3])} together",
            "one battery at a time",
            "split the frame by battery_id",
        )
    kept = _kept(frame, n_cells_series)
    time_us = kept.get_column("time").to_physical().to_numpy()
    current = kept.get_column("current_a").to_numpy()
    voltage = kept.get_column("cell_voltage_v").to_numpy()
    scale = current_scale_a(current) if current.size else 0.0
    is_gap = np.zeros(current.size, bool)
    if current.size > 1:
        is_gap[1:] = (np.diff(time_us) > gap_limit_us(time_us)) & ~_is_held(
            time_us, current, voltage
        )
    span_h = np.diff(time_us, prepend=time_us[:1]) / 3.6e9
    span_h[is_gap] = 0.0
    held = kept.get_column("cell_voltage_v").fill_nan(None).forward_fill().fill_null(0.0)
    moved = _trapezoid(current, span_h)
    energy = _trapezoid(current * held.to_numpy() * n_cells_series, span_h)
    slack = _slack(current, span_h, scale)
    counted = _counted(kept, _COUNTERS, moved, is_gap)
    if counted is not None:
        moved, slack = counted.moved, np.zeros(current.size)
        counted_wh = _counted(kept, _ENERGY_COUNTERS, energy, is_gap)
        if counted_wh is None:
            mean_v = 0.5 * (held.to_numpy() + held.shift(1, fill_value=held.first()).to_numpy())
            energy = counted.moved * mean_v * n_cells_series
        else:
            energy = counted_wh.moved
        is_gap = counted.is_restart
    kind = "tester" if {"step_index", *_COUNTERS} & set(frame.columns) else "vehicle"
    cycles = _cycles_going_on(kept)
    return Trace(
        row=kept.get_column("row").cast(pl.Int64).to_numpy(),
        time_us=time_us,
        current_a=current,
        cell_voltage_v=voltage,
        lowest_cell_v=kept.get_column("lowest_cell_v").to_numpy(),
        highest_cell_v=kept.get_column("highest_cell_v").to_numpy(),
        temperature_degc=kept.get_column("temperature_degc").to_numpy(),
        soc_frac=kept.get_column("soc_frac").to_numpy(),
        charge_ah=np.cumsum(moved.sum(axis=0)),
        energy_wh=np.cumsum(energy.sum(axis=0)),
        discharged_ah=-np.cumsum(moved[1]),
        discharged_wh=-np.cumsum(energy[1]),
        slack_ah=slack,
        part=np.cumsum(is_gap).astype(np.int64),
        cycle_count=cycles,
        n_cells_series=n_cells_series,
        current_scale_a=scale,
        is_counted=counted is not None,
        has_cycles=bool(cycles.size and cycles[-1] > 0),
        instrument=instrument(kind),
    )


def _kept(frame: pl.DataFrame, n_cells_series: int) -> pl.DataFrame:
    has = set(frame.columns)
    unknown = pl.lit(None, dtype=pl.Float64)
    own = mean_temperature(frame)
    around = pl.col("ambient_temperature_degc") if "ambient_temperature_degc" in has else unknown
    optional = ("cycle_count", *_COUNTERS, *_ENERGY_COUNTERS)
    mean_v = pack_voltage(frame, n_cells_series=n_cells_series) / n_cells_series
    floats = {
        "current_a": pl.col("current_a"),
        "cell_voltage_v": mean_v,
        "lowest_cell_v": pl.coalesce(*_of_cells(has, "min"), mean_v),
        "highest_cell_v": pl.coalesce(*_of_cells(has, "max"), mean_v),
        "temperature_degc": around if own is None else pl.coalesce(own, around),
        "soc_frac": pl.col("soc_frac") if "soc_frac" in has else unknown,
    }
    return (
        frame.with_row_index("row")
        .select(
            "row",
            pl.col("time").cast(TIME),
            *(expr.cast(pl.Float64).fill_null(np.nan).alias(n) for n, expr in floats.items()),
            *(name for name in optional if name in has),
        )
        .filter(pl.col("current_a").is_finite() & pl.col("time").is_not_null())
        .rechunk()
    )


def _of_cells(has: set[str], which: str) -> list[pl.Expr]:
    if f"cell_voltage_{which}_v" in has:
        cell = pl.col(f"cell_voltage_{which}_v")
    elif "cell_voltages_v" in has:
        cells = pl.col("cell_voltages_v").list
        cell = (cells.min() if which == "min" else cells.max()).cast(pl.Float64)
    else:
        return []
    # A cell that says less than half a volt does not say it: it was not read.
    return [pl.when(cell > _DEAD_V).then(cell)]


def _trapezoid(rate: Array, span_h: Array) -> Array:
    """Return what flowed in and out in the interval before each sample, shape (2, n)."""
    before = np.concatenate([rate[:1], rate[:-1]])
    return np.stack(
        [
            0.5 * span_h * (np.clip(before, 0, None) + np.clip(rate, 0, None)),
            0.5 * span_h * (np.clip(before, None, 0) + np.clip(rate, None, 0)),
        ]
    )


def _is_held(time_us: Ints, current: Array, voltage: Array) -> NDArray[np.bool_]:
    """Return where a tester, writing only what changes, held on through a long interval.

    Charging at up to half the current less, at the same voltage: the end of a charge at constant
    voltage is recorded so.
    """
    before, after = current[:-1], current[1:]
    is_same = (before > 0) & (after <= before) & (after >= 0.5 * before)
    is_same &= np.abs(np.diff(voltage)) <= _HELD_FRAC * np.abs(voltage[:-1])
    return np.asarray(is_same & (np.diff(time_us) <= _HELD_MOST_H * 3.6e9))


def _slack(current: Array, span_h: Array, scale_a: float) -> Array:
    """Return the standard deviation of the charge since the start for want of samples. [Ah].

    Where the current changed by a large step between two samples, the step may have been anywhere
    between: half the step's charge, even between the bounds. Over long intervals these errors
    tend to have one sign (a tester pauses its record while it switches), so they add up; over
    short ones they do not.
    """
    step = np.abs(np.diff(current, prepend=current[:1]))
    each = np.where(step > _LARGE_STEP_FRAC * scale_a, 0.5 * step * span_h, 0.0) / np.sqrt(3)
    is_long = span_h * 3600 >= _LONG_SPAN_S
    together = np.cumsum(np.where(is_long, each, 0.0))
    apart = np.sqrt(np.cumsum(np.where(is_long, 0.0, each) ** 2))
    return np.asarray(together + apart)


@dataclass(frozen=True, slots=True)
class _Counted:
    moved: Array
    is_restart: NDArray[np.bool_]


def _counted(
    kept: pl.DataFrame, names: tuple[str, str], moved: Array, is_gap: NDArray[np.bool_]
) -> _Counted | None:
    """Return the counters' rises, or None where there are none that agree with the integral.

    A counter may fall only where a new test begins, at a gap; elsewhere it cannot be trusted.
    """
    if not set(names) <= set(kept.columns) or kept.height < 2:
        return None
    counters = [
        kept.get_column(name).fill_nan(None).forward_fill().fill_null(0.0) for name in names
    ]
    rises = np.stack([np.diff(c.to_numpy(), prepend=c.head(1).to_numpy()) for c in counters])
    is_restart = np.asarray((rises < -1e-9).any(axis=0), dtype=bool)
    if (is_restart & ~is_gap).any():
        return None
    rises[:, is_restart] = 0.0
    total, summed = rises.sum(), np.abs(moved).sum()
    if not summed > 0 or abs(total - summed) > _AGREES_FRAC * summed:
        return None
    rises[1] *= -1
    return _Counted(rises, is_restart)


def _cycles_going_on(kept: pl.DataFrame) -> Ints:
    if "cycle_count" not in kept.columns or not kept.height:
        return np.zeros(kept.height, np.int64)
    counts = kept.get_column("cycle_count").forward_fill().fill_null(0).to_numpy().astype(np.int64)
    falls = np.diff(counts, prepend=counts[:1])
    before = np.concatenate([counts[:1], counts[:-1]])
    return np.asarray(counts + np.cumsum(np.where(falls < 0, before, 0)), dtype=np.int64)
