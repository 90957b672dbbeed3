"""Who does what on which day: the plans of cars, buses, trucks, exchanged packs and storage."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from batteryloop.simulation.driving import (
    BUS,
    MOTORWAY,
    URBAN,
    Style,
    battery_power_w,
    by_step,
    drive_km_per_h,
    style_of,
)
from batteryloop.simulation.duties import Duty
from batteryloop.simulation.layout import CHARGE, FAST_CHARGE, POWER
from batteryloop.simulation.schedule import DAY_BEGINS_S, Block

Array = NDArray[np.float64]
RESERVE_FRAC = 0.06


@dataclass(frozen=True, slots=True)
class Habit:
    """What is particular to one pack's user, drawn once."""

    distance_km: float
    leave_h: float
    return_h: float
    plug_below_frac: float
    charge_to_frac: float
    slow_charge_w: float
    fast_charge_w: float
    away_per_day: float


@dataclass(frozen=True, slots=True)
class Morning:
    """What is known when a day is planned."""

    soc_frac: float
    energy_wh: float
    weekday: int
    ambient_degc: float
    sampling_s: float


def draw_habit(duty: Duty, is_flat: bool, rng: np.random.Generator) -> Habit:
    """Return one user's habits. Owners of flat chemistries are told to charge to the full."""
    full_share = 0.6 if is_flat or duty.kind != "car" else 0.15
    to = 1.0 if rng.uniform() < full_share else float(rng.choice([0.8, 0.85, 0.9, 0.95]))
    spread = duty.distance_sd_frac
    return Habit(
        distance_km=duty.distance_km * float(np.exp(rng.normal(-0.5 * spread**2, spread))),
        leave_h=float(rng.normal(7.5, 0.7)),
        return_h=float(rng.normal(17.3, 0.9)),
        plug_below_frac=float(rng.uniform(0.3, 0.85)),
        charge_to_frac=to,
        slow_charge_w=duty.slow_charge_w * float(rng.choice([0.5, 1.0, 1.0, 1.5])),
        fast_charge_w=duty.fast_charge_w * float(rng.uniform(0.6, 1.0)),
        away_per_day=0.01 if duty.kind == "car" else 0.003,
    )


class _Book:
    """A day being written: blocks so far, and the charge that is left by estimate."""

    def __init__(
        self, duty: Duty, habit: Habit, morning: Morning, rng: np.random.Generator
    ) -> None:
        self.duty, self.habit, self.morning, self.rng = duty, habit, morning, rng
        self.soc = morning.soc_frac
        self.blocks: list[Block] = []
        self.now_h = DAY_BEGINS_S / 3600.0

    def _add(self, start_h: float, block: Block) -> None:
        start_h = max(start_h, self.now_h)
        start_s = round((start_h * 3600.0 - DAY_BEGINS_S) / self.morning.sampling_s)
        self.blocks.append(replace(block, start_s=start_s * self.morning.sampling_s))
        self.now_h = start_h + block.request.shape[0] * self.morning.sampling_s / 3600.0

    def drive(self, start_h: float, distance_km: float, style: Style) -> None:
        """Drive; where the charge would not last, charge fast first or drive less far."""
        per_km = self.wh_per_km(style)
        if self.soc - distance_km * per_km / self.morning.energy_wh < RESERVE_FRAC + 0.04:
            self.charge(start_h, 0.8, is_fast=True)
        reach_km = max(self.soc - RESERVE_FRAC - 0.04, 0.0) * self.morning.energy_wh / per_km
        way_km = min(distance_km, reach_km)
        if way_km < 1.0:
            return
        speed = drive_km_per_h(way_km, style, self.rng)
        power = battery_power_w(speed, self.duty.vehicle, self.morning.ambient_degc)
        n_seconds = max(int(self.morning.sampling_s), 1)
        self.soc += float(power.sum()) / 3600.0 / self.morning.energy_wh
        self._add(
            start_h,
            Block(0.0, POWER, by_step(power, n_seconds), RESERVE_FRAC, by_step(speed, n_seconds)),
        )

    def wh_per_km(self, style: Style) -> float:
        """Return a cautious consumption for planning. [Wh/km]."""
        speed = np.full(60, style.speed_high_km_per_h * 0.85)
        power = battery_power_w(speed, self.duty.vehicle, self.morning.ambient_degc)
        return max(-float(power.mean()) / float(speed[0]), 1.0) * 1.15

    def charge(self, start_h: float, to_frac: float, *, is_fast: bool) -> None:
        """Charge to `to_frac`, for as long as that should take and half an hour more."""
        power = self.habit.fast_charge_w if is_fast else self.habit.slow_charge_w
        if power <= 0.0 or to_frac - self.soc < 0.03:
            return
        taper = 1.6 if is_fast else 1.1
        hours = (to_frac - self.soc) * self.morning.energy_wh / power * taper
        hours += 0.1 if is_fast else 0.5
        n_steps = max(int(hours * 3600.0 / self.morning.sampling_s), 2)
        mode = FAST_CHARGE if is_fast else CHARGE
        self._add(start_h, Block(0.0, mode, np.full(n_steps, power), to_frac))
        self.soc = to_frac

    def exchange(self, start_h: float, power_w: Array, floor_frac: float) -> None:
        """Follow a power profile, one value a sampling step. [W]."""
        self._add(start_h, Block(0.0, POWER, power_w, floor_frac))
        moved = float(power_w.sum()) * self.morning.sampling_s / 3600.0
        self.soc = min(max(self.soc + moved / self.morning.energy_wh, floor_frac), 1.0)


def _car(book: _Book) -> None:
    habit, rng = book.habit, book.rng
    if book.morning.weekday < 5:
        way = max(habit.distance_km / 2.0, 2.0)
        book.drive(habit.leave_h + rng.normal(0, 0.2), way, style_of(way))
        book.drive(habit.return_h + rng.normal(0, 0.4), way, style_of(way))
        if rng.uniform() < 0.3:
            errand = float(rng.uniform(3.0, 12.0))
            book.drive(book.now_h + rng.uniform(0.3, 1.5), errand, style_of(errand))
    elif rng.uniform() < 0.1:
        far = float(rng.uniform(80.0, 220.0))
        book.drive(9.0 + rng.uniform(0, 2), far, MOTORWAY)
        book.drive(17.0 + rng.uniform(0, 2), far, MOTORWAY)
    elif rng.uniform() < 0.7:
        trip = float(rng.uniform(5.0, 40.0))
        book.drive(10.0 + rng.uniform(0, 2), trip, style_of(trip))
        book.drive(book.now_h + rng.uniform(1.0, 4.0), trip, style_of(trip))
    if book.soc < habit.plug_below_frac or rng.uniform() < 0.1:
        late = 22.0 if rng.uniform() < 0.3 else 0.0
        book.charge(max(book.now_h + 0.1, late), habit.charge_to_frac, is_fast=False)


def _rounds(book: _Book, style: Style, way_km: float, n_rounds: int, pause_h: float) -> None:
    begin_h = book.habit.leave_h - 1.5 + book.rng.normal(0, 0.2)
    for turn in range(n_rounds):
        if turn == n_rounds // 2 and book.soc < 0.5:
            book.charge(book.now_h + 0.05, 0.8, is_fast=True)
        start_h = begin_h if turn == 0 else book.now_h + book.rng.uniform(0.5, 1.5) * pause_h
        if start_h > 23.0:
            break
        book.drive(start_h, way_km, style)
    book.charge(book.now_h + 0.2, book.habit.charge_to_frac, is_fast=False)


def _bus(book: _Book) -> None:
    share = 1.0 if book.morning.weekday < 5 else 0.6
    _rounds(book, BUS, book.habit.distance_km * share / 8.0, 8, 0.15)


def _truck(book: _Book) -> None:
    if book.morning.weekday < 6:
        _rounds(
            book,
            style_of(book.habit.distance_km, is_heavy=True),
            book.habit.distance_km / 4,
            4,
            0.6,
        )


def _swap(book: _Book) -> None:
    while book.now_h < 26.0:
        floor = float(book.rng.uniform(0.15, 0.4))
        way = (book.soc - floor) * book.morning.energy_wh / book.wh_per_km(URBAN)
        if way > 10.0:
            book.drive(book.now_h + book.rng.uniform(0.1, 0.4), way, URBAN)
        book.charge(book.now_h + 0.15, book.habit.charge_to_frac, is_fast=True)
        book.now_h += float(book.rng.exponential(3.0)) + 0.1


def _is_test_day(book: _Book) -> bool:
    return bool(book.rng.uniform() < 0.03)


def _capacity_test(book: _Book) -> None:
    """Charge to the full, rest, discharge to the end at a third of the capacity an hour, rest."""
    habit, energy_wh = book.habit, book.morning.energy_wh
    book.charge(6.0, 1.0, is_fast=False)
    n_steps = int(3.6 * 3600.0 / book.morning.sampling_s)
    book.exchange(book.now_h + 1.5, np.full(n_steps, -energy_wh / 3.0), -1.0)
    book.soc = 0.0
    n_back = int(1.5 * 3600.0 / book.morning.sampling_s)
    book.exchange(
        book.now_h + 1.5, np.full(n_back, min(habit.slow_charge_w, energy_wh / 3.0)), -1.0
    )


def _stationary_pv(book: _Book) -> None:
    if _is_test_day(book):
        return _capacity_test(book)
    rng, energy_wh = book.rng, book.morning.energy_wh
    step_h = book.morning.sampling_s / 3600.0
    hours = np.arange(8.0, 17.0, step_h)
    sky = float(rng.beta(3.0, 1.5))
    clouds = np.clip(
        1.0 + 0.3 * _wander(hours.shape[0], 900.0 / book.morning.sampling_s, rng), 0, 1.3
    )
    sun = np.sin(np.pi * (hours - 8.0) / 9.0) ** 1.5 * clouds * sky
    book.exchange(8.0, np.asarray(sun * energy_wh * 0.25), 0.0)
    evening = np.arange(18.0, 25.0, step_h)
    load = 1.0 + 0.25 * _wander(evening.shape[0], 1200.0 / book.morning.sampling_s, rng)
    share = float(rng.uniform(0.09, 0.13))
    return book.exchange(18.0, np.asarray(-np.clip(load, 0.1, 2.0) * energy_wh * share), 0.1)


def _stationary_grid(book: _Book) -> None:
    if _is_test_day(book):
        return _capacity_test(book)
    n_steps = int(23.5 * 3600.0 / book.morning.sampling_s)
    back = (0.55 - book.soc) / 20.0
    noise = 0.15 * _wander(n_steps, 300.0 / book.morning.sampling_s, book.rng)
    return book.exchange(4.1, np.asarray((noise + back) * book.morning.energy_wh), 0.1)


def _wander(n_steps: int, n_memory: float, rng: np.random.Generator) -> Array:
    """Return noise of unit width that remembers about `n_memory` steps, shape (n_steps,)."""
    from scipy.signal import lfilter  # half a second to import, needed by storage only

    keep = float(np.exp(-1.0 / max(n_memory, 1e-3)))
    fresh = rng.standard_normal(n_steps) * np.sqrt(1.0 - keep**2)
    fresh[:1] = rng.standard_normal(min(n_steps, 1))
    return np.asarray(lfilter([1.0], [1.0, -keep], fresh))


PLANS: dict[str, Callable[[_Book], None]] = {
    "private-ev": _car,
    "city-car": _car,
    "city-bus": _bus,
    "delivery-truck": _truck,
    "swap-taxi": _swap,
    "stationary-pv": _stationary_pv,
    "stationary-grid": _stationary_grid,
}


def plan_day(duty: Duty, habit: Habit, morning: Morning, rng: np.random.Generator) -> list[Block]:
    """Return what runs on a day, from what is known in the morning."""
    book = _Book(duty, habit, morning, rng)
    PLANS[duty.name](book)
    return book.blocks
