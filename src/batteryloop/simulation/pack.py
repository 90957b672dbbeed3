"""One pack through its life: aged to its start, then lived day by day, seen by its sensors."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from batteryloop.reference.ageing import AgeingLaw, ageing_law
from batteryloop.simulation import layout
from batteryloop.simulation.ageing import Ageing, advance, past_valid_range
from batteryloop.simulation.ageing_rates import Stress
from batteryloop.simulation.climate import Climate, climate, next_weather_degc
from batteryloop.simulation.duties import Duty, duty
from batteryloop.simulation.faults import Effects, effects_at
from batteryloop.simulation.layout import Rules, Steps, Tables
from batteryloop.simulation.past import mean_stress, past_life
from batteryloop.simulation.plans import Habit, Morning, draw_habit, plan_day
from batteryloop.simulation.schedule import Day, day_of
from batteryloop.simulation.sensors import Unit, make_unit, observe
from batteryloop.simulation.string import (
    DayRun,
    Made,
    Run,
    capacity_now_ah,
    cells_now,
    first_run,
    make_string,
    rested_over,
    rules_of,
    run_steps,
    tables_of,
    usable_capacity_ah,
)
from batteryloop.simulation.truth import TruthBook, fault_table
from batteryloop.simulation.types import SIMULATED, Horizon, PackSpec, SimulatedPack
from batteryloop.telemetry.frame import TIME, as_frame
from batteryloop.telemetry.types import Finding, Recording, Source

Array = NDArray[np.float64]
COARSE_S = 60.0
GAP_STEP_DAYS = 30
REPORT_EVERY_DAYS = 30
FIRST_SOC_FRAC = 0.6


@dataclass(frozen=True, slots=True)
class _Setting:
    """What stays the same over the life of one pack."""

    spec: PackSpec
    duty: Duty
    place: Climate
    law: AgeingLaw
    made: Made
    habit: Habit
    rules: Rules
    tables: Tables
    sensors: NDArray[np.int64]


@dataclass(slots=True)
class _Standing:
    """What changes from day to day."""

    run: Run
    ageing: Ageing
    factor: Array
    weather_degc: float = 0.0
    away_days: int = 0


def simulate_pack(spec: PackSpec, horizon: Horizon, *, rng: np.random.Generator) -> SimulatedPack:
    """Simulate one pack: what it tells, and the truth beside it.

    Parameters
    ----------
    spec : PackSpec
        Which pack, on which duty, where, with which faults.
    horizon : Horizon
        From when on, how long, which days are recorded. `start_at` is four in the morning by
        the pack's own clock.
    rng : numpy.random.Generator
        All chance of this pack; the same generator gives the same pack.

    Returns
    -------
    SimulatedPack
        Telemetry frame with findings, and truth tables, all marked as simulated.

    Raises
    ------
    NotKnown
        If chemistry, duty, climate or a kind of fault is not known.
    """
    make_rng, past_rng, day_rng, sense_rng = rng.spawn(4)
    setting = _setting(spec, make_rng)
    made = setting.made
    week, week_ambient = _typical_week(setting, past_rng)
    ageing, factor = Ageing.new(made.n_cells), 1.0
    if spec.soh_start_frac is not None:
        past = past_life(
            setting.law,
            week,
            week_ambient,
            setting.place,
            made.ageing_factor,
            horizon.start_at,
            spec.soh_start_frac,
            made.capacity_ah / made.rated_capacity_ah,
            past_rng,
        )
        ageing, factor = past.ageing, past.factor
    season = float(setting.place.season_degc(_day_of_year(horizon.start_at)))
    now = _Standing(first_run(made, FIRST_SOC_FRAC, season), ageing, made.ageing_factor * factor)
    unit = make_unit(
        spec.sensing,
        made.chemistry,
        made.curve,
        made.rated_capacity_ah,
        made.n_cells,
        FIRST_SOC_FRAC,
        sense_rng,
    )
    unit.odometer_km = ageing.age_days * _km_per_day(setting)
    book = TruthBook(spec.battery_id, made, factor)
    frames: list[pl.DataFrame] = []
    told: list[tuple[NDArray[np.int64], Array]] = []
    stresses: list[Stress] = []
    findings: dict[str, Finding] = {}
    day = 0
    while day < horizon.n_days:
        at = horizon.start_at + timedelta(days=day)
        effects = effects_at(spec.faults, at, made.n_cells)
        if not horizon.is_recorded(day):
            until = min(_next_recorded(horizon, day), day + GAP_STEP_DAYS, horizon.n_days)
            stress = mean_stress(stresses[-14:] or [week])
            _skip(setting, now, effects, stress, at, until - day)
            unit.odometer_km += _km_per_day(setting) * (until - day)
            day = until
            continue
        if day % REPORT_EVERY_DAYS == 0 or not frames:
            _report_health(unit, made, now, effects, sense_rng)
        book.note(at, now.ageing, effects, now.run)
        plan, ran, ambient = _live(setting, now, effects, at, day_rng, spec.sensing.sampling_s)
        times_us = _microseconds(at) + np.rint(plan.end_s * 1e6).astype(np.int64)
        frames.append(observe(unit, plan, ran, effects, ambient, times_us, sense_rng))
        told.append((times_us[plan.is_recorded], ran.soc_frac[plan.is_recorded]))
        stresses.append(ran.stress)
        now.ageing = advance(
            setting.law, now.ageing, ran.stress, duration_days=1.0, factor=now.factor
        )
        for finding in past_valid_range(setting.law, now.ageing, ran.stress, spec.battery_id):
            findings.setdefault(finding.found.split(",")[-1], finding)
        day += 1
    end = horizon.start_at + timedelta(days=horizon.n_days)
    book.note(end, now.ageing, effects_at(spec.faults, end, made.n_cells), now.run)
    return SimulatedPack(
        spec=spec,
        recording=Recording(
            _frame(spec.battery_id, frames),
            _source(spec, setting),
            tuple(findings.values()),
        ),
        truth=book.pack_table(),
        cell_truth=book.cell_table(),
        fault_truth=fault_table(spec.battery_id, spec.faults),
        true_soc=_true_soc(spec.battery_id, told),
    )


def _setting(spec: PackSpec, rng: np.random.Generator) -> _Setting:
    kind = duty(spec.duty)
    made = make_string(spec.chemistry, spec.rated_capacity_ah, spec.n_cells_series, rng)
    apart = spec.sensing.n_cells_per_temperature
    return _Setting(
        spec=spec,
        duty=kind,
        place=climate(spec.climate),
        law=ageing_law(spec.chemistry),
        made=made,
        habit=draw_habit(kind, made.chemistry.is_flat, rng),
        rules=rules_of(made, kind),
        tables=tables_of(made),
        sensors=np.arange(min(apart // 2, spec.n_cells_series - 1), spec.n_cells_series, apart),
    )


def _live(
    setting: _Setting,
    now: _Standing,
    effects: Effects,
    at: datetime,
    rng: np.random.Generator,
    sampling_s: float,
) -> tuple[Day, DayRun, Array]:
    """Live one day; `now` is carried on, except for its ageing."""
    made, place = setting.made, setting.place
    now.weather_degc = next_weather_degc(now.weather_degc, place.weather_sd_degc, rng)
    mean_degc = float(place.season_degc(_day_of_year(at))) + now.weather_degc
    cells = cells_now(made, now.ageing, effects)
    lowest_ah = float(cells[layout.CAPACITY_AS].min()) / 3600.0
    morning = Morning(
        soc_frac=float(now.run.state[layout.SOC].min()),
        energy_wh=lowest_ah * made.chemistry.cell_voltage_nominal_v * made.n_cells,
        weekday=at.weekday(),
        ambient_degc=mean_degc,
        sampling_s=sampling_s,
    )
    if now.away_days == 0 and rng.uniform() < setting.habit.away_per_day:
        now.away_days = int(rng.integers(3, 15))
    is_away = now.away_days > 0
    now.away_days = max(now.away_days - 1, 0)
    blocks = [] if is_away else plan_day(setting.duty, setting.habit, morning, rng)
    parked_s = setting.spec.sensing.parked_sampling_s
    plan = day_of(blocks, sampling_s=sampling_s, parked_sampling_s=parked_s)
    ambient = place.day_degc(mean_degc, plan.second_of_day)
    wobble = np.ones(plan.dt_s.shape[0])
    if effects.is_wobbling:
        wobble = rng.uniform(0.5, 1.2, wobble.shape[0])
        wobble[rng.uniform(size=wobble.shape[0]) < 0.03] *= 2.5
    steps = Steps(
        plan.dt_s, plan.mode, plan.request, plan.target_frac, ambient, wobble, plan.is_awake
    )
    ran = run_steps(made, now.run, cells, steps, setting.rules, setting.tables, setting.sensors)
    return plan, ran, ambient


def _typical_week(setting: _Setting, rng: np.random.Generator) -> tuple[Stress, float]:
    """Return the mean stress of a week in the mean climate with new cells, and its air."""
    made, place = setting.made, setting.place
    now = _Standing(
        first_run(made, FIRST_SOC_FRAC, place.mean_degc), Ageing.new(made.n_cells), np.ones(1)
    )
    healthy = Effects.none(made.n_cells)
    monday = datetime(2024, 4, 15)  # noqa: DTZ001 a spring day: the season is near its mean
    stresses, air = [], []
    for day in range(7):
        at = monday + timedelta(days=day)
        _, ran, ambient = _live(setting, now, healthy, at, rng, COARSE_S)
        stresses.append(ran.stress)
        air.append(float(ambient.mean()))
    return mean_stress(stresses), float(np.mean(air))


def _skip(
    setting: _Setting,
    now: _Standing,
    effects: Effects,
    stress: Stress,
    at: datetime,
    n_days: int,
) -> None:
    """Let `n_days` go by unseen: cells age and drift apart, the rest stays as it was."""
    middle = at + timedelta(days=n_days / 2)
    season = float(setting.place.season_degc(_day_of_year(middle)))
    shift = season - float(setting.place.season_degc(_day_of_year(at)))
    warmer = Stress(
        stress.temperature_degc + shift,
        stress.soc_frac,
        stress.voltage_v,
        stress.dod_frac,
        stress.c_rate_per_h,
        stress.charge_rate_per_h,
        stress.efc_per_day,
    )
    now.ageing = advance(
        setting.law, now.ageing, warmer, duration_days=float(n_days), factor=now.factor
    )
    cells = cells_now(setting.made, now.ageing, effects)
    now.run = rested_over(setting.made, now.run, cells, setting.rules, float(n_days), season)


def _report_health(
    unit: Unit, made: Made, now: _Standing, effects: Effects, rng: np.random.Generator
) -> None:
    """Let the unit form its monthly opinion of the pack's health: biased, noisy, in percent."""
    capacity = capacity_now_ah(made, now.ageing, effects)
    usable = usable_capacity_ah(now.run.state[layout.SOC], capacity) / made.rated_capacity_ah
    noise = 0.0 if unit.sensing.soc_step_frac == 0.0 else 0.01 * float(rng.standard_normal())
    believed = min(usable * (1.0 + unit.health_bias) + noise, 1.0)
    unit.reported_soh_frac = round(believed, 2)


def _frame(battery_id: str, days: list[pl.DataFrame]) -> pl.DataFrame:
    named = pl.concat(days, how="diagonal").with_columns(pl.lit(battery_id).alias("battery_id"))
    return as_frame(named, subject=battery_id)


def _true_soc(battery_id: str, told: list[tuple[NDArray[np.int64], Array]]) -> pl.DataFrame:
    times_us, soc_frac = (np.concatenate(parts) for parts in zip(*told, strict=True))
    return pl.DataFrame({"time": times_us, "soc_frac": soc_frac}).select(
        pl.lit(battery_id).alias("battery_id"),
        pl.col("time").cast(TIME),
        "soc_frac",
        pl.lit(SIMULATED).alias("note"),
    )


def _source(spec: PackSpec, setting: _Setting) -> Source:
    return Source(
        name=spec.battery_id,
        format="simulated",
        is_simulated=True,
        metadata={
            "note": SIMULATED,
            "chemistry": setting.made.chemistry.name,
            "rated_capacity_ah": f"{spec.rated_capacity_ah:g}",
            "n_cells_series": str(spec.n_cells_series),
            "duty": spec.duty,
            "climate": spec.climate,
            "ageing_law": setting.law.capacity_calendar.source,
        },
    )


def _next_recorded(horizon: Horizon, day: int) -> int:
    return (day // horizon.record_every_days + 1) * horizon.record_every_days


def _km_per_day(setting: _Setting) -> float:
    return 0.8 * setting.habit.distance_km if setting.duty.is_vehicle else 0.0


def _day_of_year(at: datetime) -> Array:
    return np.array(float(at.timetuple().tm_yday))


def _microseconds(at: datetime) -> int:
    return round(at.timestamp() * 1e6)
