"""A small cell whose truth is known, and tests run on it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from batteryloop.telemetry.frame import as_frame

START = datetime(2026, 1, 1, tzinfo=UTC)
SOC = np.array([0.0, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0])
OCV = np.array([2.80, 3.30, 3.45, 3.58, 3.68, 3.85, 4.05, 4.20])


class Cell:
    """An open-circuit curve behind a resistance, sampled as a tester would."""

    def __init__(self, capacity_ah: float = 10.0, ohm: float = 0.01, span_s: float = 10.0):
        self.capacity_ah, self.ohm, self.span_s = capacity_ah, ohm, span_s
        self.soc, self.seconds = 0.5, 0.0
        self.temperature = 25.0
        self.rows: list[tuple[float, float, float, float, float]] = []

    def volts(self, amps: float) -> float:
        return float(np.interp(self.soc, SOC, OCV)) + amps * self.ohm

    def _sample(self, amps: float, span_s: float | None = None) -> None:
        span = self.span_s if span_s is None else span_s
        self.soc += amps * span / 3600 / self.capacity_ah
        self.seconds += span
        self.rows.append((self.seconds, amps, self.volts(amps), self.soc, self.temperature))

    def rest(self, hours: float) -> "Cell":
        for _ in range(max(1, round(hours * 3600 / self.span_s))):
            self._sample(0.0)
        return self

    def charge(self, amps: float, *, to_v: float = 4.2, taper_to: float = 0.05) -> "Cell":
        while self.volts(amps) < to_v:
            self._sample(amps)
        held = amps
        while held > taper_to * amps:
            held = min(held, (to_v - self.volts(0.0)) / self.ohm)
            self._sample(max(held, taper_to * amps))
        return self

    def discharge(self, amps: float, *, to_v: float = 3.0, to_soc: float = -1.0) -> "Cell":
        while self.volts(-amps) > to_v and self.soc > to_soc:
            self._sample(-amps)
        return self

    def pulse(self, amps: float, seconds: float = 10.0) -> "Cell":
        self._sample(0.0, 1.0)
        for _ in range(int(seconds)):
            self._sample(amps, 1.0)
        self._sample(0.0, 1.0)
        self._sample(0.0, 1.0)
        return self

    def frame(self, battery_id: str = "CELL") -> pl.DataFrame:
        seconds, amps, volts, _soc, degc = (np.array(c) for c in zip(*self.rows, strict=True))
        return as_frame(
            pl.DataFrame(
                {
                    "battery_id": battery_id,
                    "time": [START + timedelta(seconds=float(s)) for s in seconds],
                    "current_a": amps,
                    "voltage_v": volts,
                    "temperature_degc": degc,
                }
            ),
            subject="made",
        )


@pytest.fixture
def curve() -> pl.DataFrame:
    """The open-circuit voltage of the small cell, as a table."""
    return pl.DataFrame({"soc_frac": SOC, "voltage_v": OCV})


@pytest.fixture
def cell() -> Callable[..., Cell]:
    return Cell


@pytest.fixture(scope="session")
def cycled() -> pl.DataFrame:
    """Three full cycles at half the rate, with rests: 10 Ah between 4.2 V and 3.0 V less a bit."""
    made = Cell()
    for _ in range(3):
        made.charge(5.0).rest(0.5).discharge(5.0).rest(0.5)
    return made.frame()
