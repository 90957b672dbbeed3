"""What the management unit sees of a day: sampled, noisy, in steps, and with its own opinion."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from batteryloop.reference.chemistries import Chemistry
from batteryloop.reference.ocv import OcvCurve
from batteryloop.simulation.faults import Effects
from batteryloop.simulation.schedule import Day
from batteryloop.simulation.string import DayRun
from batteryloop.simulation.types import Sensing
from batteryloop.telemetry.frame import TIME

Array = NDArray[np.float64]
Floats32 = NDArray[np.float32]

# Bits as GB/T 32960.3-2016 numbers its general alarms.
ALARM_TEMPERATURE_SPREAD, ALARM_HOT, ALARM_CELL_HIGH, ALARM_CELL_LOW = 0, 1, 5, 6
ALARM_INCONSISTENT, ALARM_INSULATION = 10, 11


@dataclass(slots=True)
class Unit:
    """One management unit: how its sensors are off, and what it believes; beliefs change daily."""

    sensing: Sensing
    chemistry: Chemistry
    curve: OcvCurve
    rated_capacity_ah: float
    voltage_offset_v: Array
    current_offset_a: float
    current_gain: float
    insulation_kohm: float
    health_bias: float
    soc_frac: float
    reported_soh_frac: float
    odometer_km: float = 0.0
    asleep_s: float = field(default=0.0)


def make_unit(
    sensing: Sensing,
    chemistry: Chemistry,
    curve: OcvCurve,
    rated_capacity_ah: float,
    n_cells: int,
    soc_frac: float,
    rng: np.random.Generator,
) -> Unit:
    """Draw a management unit with its lasting errors."""
    is_ideal = sensing.current_noise_a == 0.0 and sensing.current_offset_sd_a == 0.0
    draw = rng.standard_normal(4)
    return Unit(
        sensing=sensing,
        chemistry=chemistry,
        curve=curve,
        rated_capacity_ah=rated_capacity_ah,
        voltage_offset_v=sensing.cell_voltage_offset_sd_v * rng.standard_normal(n_cells),
        current_offset_a=sensing.current_offset_sd_a * float(draw[0]),
        current_gain=1.0 + sensing.current_gain_sd_frac * float(draw[1]),
        insulation_kohm=float(np.exp(np.log(3000.0) + 0.4 * draw[2])),
        health_bias=0.0 if is_ideal else 0.02 * float(draw[3]),
        soc_frac=soc_frac if is_ideal else soc_frac + 0.02 * float(rng.standard_normal()),
        reported_soh_frac=1.0,
    )


def _in_steps(values: Array, step: float) -> Array:
    """Return `values` rounded to multiples of `step`; unchanged where `step` is 0.

    >>> _in_steps(np.array([3.3337, 3.3391]), 0.005).tolist()
    [3.335, 3.34]
    """
    if step == 0.0:
        return np.asarray(values)
    per_unit = round(1.0 / step)
    if step < 1.0 and abs(per_unit * step - 1.0) < 1e-9:
        # dividing by a whole number gives 0.94, multiplying by 0.005 gives 0.9400000000000001
        return np.asarray(np.rint(values * per_unit) / per_unit)
    return np.asarray(np.rint(values / step) * step)


def observe(
    unit: Unit,
    day: Day,
    run: DayRun,
    effects: Effects,
    ambient_degc: Array,
    times_us: NDArray[np.int64],
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Return the rows that the unit reports of a day; its beliefs are carried on in `unit`.

    Parameters
    ----------
    unit : Unit
        Changed in place: believed state of charge, odometer.
    day, run : Day, DayRun
        What was done and what truly happened.
    effects : Effects
        Sensor faults and lost rows.
    ambient_degc : array, shape (n_steps,)
        Air temperature. [degC]
    times_us : array of int, shape (n_steps,)
        End of each step since the epoch. [us]
    rng : numpy.random.Generator
        Noise.

    Returns
    -------
    polars.DataFrame
        Columns by the names of `quantities.csv`, without the battery's name.
    """
    s = unit.sensing
    keep = day.is_recorded & ~_lost(day.end_s, effects.lost_rows_frac, rng)
    n_rows = int(keep.sum())
    noise = rng.standard_normal((n_rows, run.cell_v.shape[1]), dtype=np.float32)
    cells = run.cell_v[keep] + np.float32(s.cell_voltage_noise_v) * noise
    cells += (unit.voltage_offset_v + effects.voltage_offset_v).astype(np.float32)
    if s.cell_voltage_step_v > 0.0:
        per_v = np.float32(1.0 / s.cell_voltage_step_v)
        np.rint(cells * per_v, out=cells)
        cells /= per_v
    offset = unit.current_offset_a + effects.current_offset_a
    noisy = run.current_a * unit.current_gain + s.current_noise_a * rng.standard_normal(
        run.current_a.shape[0]
    )
    current = _in_steps(noisy + offset, s.current_step_a)
    heat = run.temperature_degc[keep] + np.float32(s.temperature_noise_degc) * rng.standard_normal(
        (n_rows, run.temperature_degc.shape[1]), dtype=np.float32
    )
    temperature = _in_steps(heat, s.temperature_step_degc).astype(np.float32)
    soc = _count_soc(unit, day, run, current)
    pack_v = run.cell_v[keep].sum(axis=1, dtype=np.float64)
    pack_v += 0.3 * s.pack_voltage_step_v * rng.standard_normal(n_rows)
    driven = np.cumsum(day.speed_km_per_h * day.dt_s) / 3600.0
    insulation = (
        unit.insulation_kohm
        if effects.insulation_kohm is None
        else min(unit.insulation_kohm, effects.insulation_kohm)
    )
    measured_kohm = insulation * (1.0 + 0.03 * rng.standard_normal(n_rows))
    columns: dict[str, Any] = {
        "time": pl.Series(values=times_us[keep]).cast(TIME),
        "current_a": current[keep],
        "voltage_v": _in_steps(pack_v, s.pack_voltage_step_v),
        "cell_voltage_min_v": cells.min(axis=1).astype(np.float64),
        "cell_voltage_max_v": cells.max(axis=1).astype(np.float64),
        "soc_frac": np.clip(_in_steps(soc[keep], s.soc_step_frac), 0.0, 1.0),
        "temperature_min_degc": temperature.min(axis=1).astype(np.float64),
        "temperature_max_degc": temperature.max(axis=1).astype(np.float64),
        "ambient_temperature_degc": _in_steps(ambient_degc[keep], 0.5),
        "n_balancing": run.n_balancing[keep],
        "insulation_kohm": np.rint(measured_kohm),
        "alarm_bits": _alarms(unit, cells, temperature, current[keep], measured_kohm),
        "reported_soh_frac": np.full(n_rows, unit.reported_soh_frac),
        "reported_capacity_ah": np.full(
            n_rows, round(unit.reported_soh_frac * unit.rated_capacity_ah, 1)
        ),
    }
    if driven[-1] > 0.0 or unit.odometer_km > 0.0:
        columns["odometer_km"] = _in_steps(unit.odometer_km + driven[keep], 0.1)
        columns["speed_km_per_h"] = _in_steps(day.speed_km_per_h[keep], 0.1)
        unit.odometer_km += float(driven[-1])
    columns["cell_temperatures_degc"] = _lists(temperature)
    if s.has_cell_voltages:
        columns["cell_voltages_v"] = _lists(cells)
    return pl.DataFrame(columns)


def _lists(values: Floats32) -> pl.Series:
    return pl.Series(values=values).cast(pl.List(pl.Float32))


def _lost(end_s: Array, share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    lost = np.zeros(end_s.shape[0], np.bool_)
    left_s = share * 86_400.0
    while left_s > 0.0:
        span_s = min(float(np.exp(rng.uniform(np.log(600.0), np.log(86_400.0)))), left_s)
        start_s = float(rng.uniform(0.0, 86_400.0 - span_s)) if span_s < 86_400.0 else 0.0
        lost |= (end_s > start_s) & (end_s <= start_s + span_s)
        left_s -= span_s
    return lost


def _count_soc(unit: Unit, day: Day, run: DayRun, current_a: Array) -> Array:
    """Count charge while awake, and set it right where the unit believes to know better."""
    believed_ah = unit.rated_capacity_ah * max(unit.reported_soh_frac, 0.3)
    counted = np.where(day.is_awake, current_a * day.dt_s, 0.0) / 3600.0 / believed_ah
    soc = unit.soc_frac + np.cumsum(counted)
    if unit.sensing.soc_step_frac == 0.0:
        unit.soc_frac = float(run.soc_frac[-1])
        return run.soc_frac
    full = (
        (run.cell_v.max(axis=1) > unit.chemistry.cell_voltage_max_v - 0.01)
        & (current_a < 0.08 * unit.rated_capacity_ah)
        & (current_a > 0.0)
    )
    woke = day.is_awake & ~np.concatenate(([False], day.is_awake[:-1]))
    slept_s = 0.0
    for step in np.flatnonzero(full | woke | ~day.is_awake):
        if not day.is_awake[step]:
            slept_s += float(day.dt_s[step])
            continue
        if woke[step] and slept_s >= 3600.0:
            rested_v = float(run.cell_v[step].mean())
            guess, up = (float(unit.curve.soc_at(rested_v + over)) for over in (0.0, 0.01))
            # a steep curve tells the charge, a flat one does not
            trust = min(0.01 / max(up - guess, 1e-3) * 0.6, 0.5)
            soc[step:] += trust * (guess - soc[step]) if not unit.chemistry.is_flat else 0.0
            slept_s = 0.0
        if full[step]:
            soc[step:] += 1.0 - soc[step]
    soc = np.clip(soc, 0.0, 1.0)
    unit.soc_frac = float(soc[-1])
    return np.asarray(soc)


def _alarms(
    unit: Unit, cells: Floats32, temperature: Floats32, current_a: Array, insulation_kohm: Array
) -> NDArray[np.int64]:
    high, low = cells.max(axis=1), cells.min(axis=1)
    resting = np.abs(current_a) < 0.05 * unit.rated_capacity_ah
    hottest, coldest = temperature.max(axis=1), temperature.min(axis=1)
    told = {
        ALARM_TEMPERATURE_SPREAD: hottest - coldest > 12.0,
        ALARM_HOT: hottest > 55.0,
        ALARM_CELL_HIGH: high > unit.chemistry.cell_voltage_max_v + 0.05,
        ALARM_CELL_LOW: low < unit.chemistry.cell_voltage_min_v - 0.05,
        ALARM_INCONSISTENT: resting & (high - low > 0.15),
        ALARM_INSULATION: insulation_kohm < 100.0,
    }
    bits = np.zeros(current_a.shape[0], np.int64)
    for bit, is_set in told.items():
        bits |= np.where(is_set, 1 << bit, 0)
    return bits
