"""A drive, second by second: stop to stop, and the power that the battery gives for it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
AIR_KG_PER_M3, GRAVITY_M_PER_S2 = 1.2, 9.81


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What it takes to move a vehicle. Figures are assumed, typical of the kind."""

    mass_kg: float
    drag_area_m2: float
    rolling_frac: float
    efficiency_frac: float
    regeneration_frac: float
    accessory_w: float
    climate_w_per_k: float
    power_max_w: float


@dataclass(frozen=True, slots=True)
class Style:
    """How one drives from stop to stop: speeds, how long they are held, how long one stands."""

    speed_low_km_per_h: float
    speed_high_km_per_h: float
    hold_s: float
    stand_s: float
    accelerate_m_per_s2: float


URBAN = Style(20.0, 55.0, 25.0, 12.0, 1.0)
RURAL = Style(55.0, 100.0, 90.0, 6.0, 1.0)
MOTORWAY = Style(95.0, 130.0, 400.0, 0.0, 0.7)
BUS = Style(15.0, 45.0, 20.0, 20.0, 0.8)
TRUCK = Style(60.0, 85.0, 300.0, 20.0, 0.4)


def style_of(distance_km: float, is_heavy: bool = False) -> Style:
    """Return how a way of that length is mostly driven.

    Examples
    --------
    >>> style_of(5.0) is URBAN, style_of(80.0) is MOTORWAY
    (True, True)
    """
    if is_heavy:
        return TRUCK
    if distance_km < 8.0:
        return URBAN
    return RURAL if distance_km < 40.0 else MOTORWAY


def drive_km_per_h(distance_km: float, style: Style, rng: np.random.Generator) -> Array:
    """Return the speed of a drive at each second, from standing to standing, shape (n_s,).

    The way is covered to within the last stop-to-stop stretch. [km/h]
    """
    pieces: list[Array] = []
    covered_m, way_m, now = 0.0, distance_km * 1000.0, 0.0
    while covered_m < way_m:
        target = rng.uniform(style.speed_low_km_per_h, style.speed_high_km_per_h) / 3.6
        rate = style.accelerate_m_per_s2 * rng.uniform(0.7, 1.3)
        n_hold = max(int(rng.exponential(style.hold_s)), 3)
        stops = style.stand_s > 0.0
        up = np.linspace(now, target, max(int(abs(target - now) / rate), 2))
        left_m = max(way_m - covered_m - float(up.sum()), target * 3.0)
        n_hold = min(n_hold, int(left_m / max(target, 1.0)) + 1)
        ripple = np.cumsum(rng.standard_normal(n_hold)) * 0.15
        hold = np.maximum(target + ripple - np.linspace(0.0, ripple[-1], n_hold), 0.5)
        is_over = covered_m + up.sum() + hold.sum() >= way_m
        now = 0.0 if stops or is_over else target
        down = np.linspace(target, now, max(int(abs(target - now) / (1.2 * rate)), 2))
        stand = np.zeros(int(rng.exponential(style.stand_s)) + 1) if stops else np.zeros(0)
        piece = np.concatenate((up, hold, down, stand))
        pieces.append(piece)
        covered_m += float(piece.sum())
    pieces.append(np.linspace(now, 0.0, max(int(now / style.accelerate_m_per_s2), 1)))
    return np.asarray(np.concatenate(pieces) * 3.6)


def battery_power_w(speed_km_per_h: Array, vehicle: Vehicle, ambient_degc: float) -> Array:
    """Return the battery's power at each second of a drive: negative takes, positive gives back.

    Rolling, air and inertia at the wheels, over the efficiency of the drive; braking returns a
    share; the cabin takes more the farther the air is from 20 degC. [W]

    Examples
    --------
    >>> car = Vehicle(1800.0, 0.65, 0.009, 0.9, 0.7, 300.0, 60.0, 120e3)
    >>> power = battery_power_w(np.full(3600, 100.0), car, 20.0)
    >>> bool(14_000 < -power.mean() < 16_000)
    True
    """
    speed = speed_km_per_h / 3.6
    # np.gradient would see the future: what moves the wheels now is the change since just now
    change = np.diff(speed, prepend=speed[:1])
    force = (
        1.04 * vehicle.mass_kg * change
        + vehicle.mass_kg * GRAVITY_M_PER_S2 * vehicle.rolling_frac * (speed > 0.1)
        + 0.5 * AIR_KG_PER_M3 * vehicle.drag_area_m2 * speed**2
    )
    wheels = force * speed
    driving = np.where(
        wheels > 0.0,
        wheels / vehicle.efficiency_frac,
        wheels * vehicle.efficiency_frac * vehicle.regeneration_frac,
    )
    driving = np.clip(driving, -0.5 * vehicle.power_max_w, vehicle.power_max_w)
    comfort = vehicle.accessory_w + vehicle.climate_w_per_k * abs(ambient_degc - 20.0)
    return np.asarray(-(driving + comfort))


def by_step(values: Array, n_per_step: int) -> Array:
    """Return the mean of each `n_per_step` values; the last step is filled with its last value.

    Examples
    --------
    >>> by_step(np.array([1.0, 3.0, 5.0]), 2).tolist()
    [2.0, 5.0]
    """
    n_steps = -(-values.shape[0] // n_per_step)
    filled = np.pad(values, (0, n_steps * n_per_step - values.shape[0]), mode="edge")
    return np.asarray(filled.reshape(n_steps, n_per_step).mean(axis=1))
