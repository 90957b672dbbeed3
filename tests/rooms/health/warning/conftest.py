"""Packs made by hand for the early warning: every number known."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from batteryloop.record.types import BatteryIdentity
from batteryloop.reference.ocv import ocv_curve
from batteryloop.telemetry.frame import TIME

N_CELLS = 24
CAPACITY_AH = 100.0
ByDay = Callable[[float], float]


def _made_frame(
    *,
    n_days: int = 40,
    seed: int = 1,
    every_s: float = 120.0,
    soc_gap: ByDay | None = None,
    lack: ByDay | None = None,
    ohm: ByDay | None = None,
    offset_v: ByDay | None = None,
    cell: int = 5,
    step_v: float = 0.001,
) -> pl.DataFrame:
    """Return a pack that swings between 25 and 85 % each day; faults of `cell` by day as functions.

    A cell's voltage is its curve at its own charge plus resistance times current plus offset.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    n = int(n_days * 86_400 / every_s)
    seconds = np.arange(n) * every_s
    day = seconds / 86_400.0
    hour = seconds / 3600.0 % 24.0
    # out for 4 h at C/6.7 in pulses, back for 6 h at C/10
    pulses = np.where(np.arange(n) % 2 == 0, -27.0, -3.0)
    current = np.where((hour > 8) & (hour < 12), pulses, 0.0)
    current = np.where((hour > 16) & (hour < 22), 10.0, current)
    soc = 0.85 + np.cumsum(current) * every_s / 3600.0 / CAPACITY_AH
    soc -= np.interp(day, [0, n_days], [0, (soc[-1] - 0.85)])

    def at(fault: ByDay | None) -> np.ndarray:
        return np.zeros(n) if fault is None else np.array([fault(d) for d in day])

    curve = ocv_curve("NMC622")
    resistance = 0.9e-3 * (1 + 0.03 * rng.standard_normal(N_CELLS))
    gaps = 0.004 * rng.standard_normal(N_CELLS)
    factor = 1 + 0.004 * rng.standard_normal(N_CELLS)
    cells = np.empty((n, N_CELLS), np.float32)
    for j in range(N_CELLS):
        mine = soc + gaps[j] + (factor[j] - 1) * (soc - 0.5)
        r = resistance[j] + np.zeros(n)
        extra = np.zeros(n)
        if j == cell:
            mine = mine + at(soc_gap) + at(lack) * (soc - 0.5)
            r = r + at(ohm)
            extra = at(offset_v)
        volts = curve.voltage_at(mine) + r * current + extra + 1e-3 * rng.standard_normal(n)
        cells[:, j] = np.rint(volts / step_v) * step_v
    return pl.DataFrame(
        {
            "battery_id": ["MADE"] * n,
            "time": pl.Series((1_740_800_000 + seconds) * 1e6).cast(pl.Int64).cast(TIME),
            "current_a": current,
            "soc_frac": soc,
            "cell_voltages_v": pl.Series(values=cells).cast(pl.List(pl.Float32)),
        }
    )


@pytest.fixture(scope="session")
def made_frame() -> Callable[..., pl.DataFrame]:
    """Return what makes the frame of a pack."""
    return _made_frame


@pytest.fixture
def identity() -> BatteryIdentity:
    """Return who the pack made by hand is."""
    return BatteryIdentity("MADE", "NMC622", CAPACITY_AH, N_CELLS)


@pytest.fixture(scope="session")
def leaky() -> pl.DataFrame:
    """Return a pack of which cell 5 loses 0.3 % a day more than the rest, from day 15 on."""
    return _made_frame(soc_gap=lambda day: -0.003 * max(day - 15.0, 0.0))
