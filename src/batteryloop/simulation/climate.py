"""The temperature around a pack: a season, a day, and weather in between."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from batteryloop.errors import NotKnown

Array = NDArray[np.float64]
YEAR_DAYS, DAY_S = 365.25, 86_400.0
WARMEST_HOUR = 15.0


@dataclass(frozen=True, slots=True)
class Climate:
    """One row of `climates.csv`: mean, and half the swing of season and day."""

    name: str
    title: str
    mean_degc: float
    seasonal_degc: float
    daily_degc: float
    weather_sd_degc: float
    warmest_day: int
    source: str

    def season_degc(self, day_of_year: Array) -> Array:
        """Return the day's mean temperature without weather, any shape. [degC].

        Examples
        --------
        >>> climate("temperate").season_degc(np.array([200.0])).tolist()
        [19.5]
        """
        turn = 2.0 * np.pi * (day_of_year - self.warmest_day) / YEAR_DAYS
        return np.asarray(self.mean_degc + self.seasonal_degc * np.cos(turn))

    def day_degc(self, mean_degc: float, second_of_day: Array) -> Array:
        """Return the temperature over a day whose mean is `mean_degc`, warmest at three. [degC]."""
        turn = 2.0 * np.pi * (second_of_day / 3600.0 - WARMEST_HOUR) / 24.0
        return np.asarray(mean_degc + self.daily_degc * np.cos(turn))


def next_weather_degc(weather_degc: float, sd_degc: float, rng: np.random.Generator) -> float:
    """Return tomorrow's departure from the season, remembering four fifths of today's. [degC]."""
    return 0.8 * weather_degc + 0.6 * sd_degc * float(rng.standard_normal())


@cache
def climates() -> dict[str, Climate]:
    """Return every climate by name.

    Examples
    --------
    >>> climates()["hot"].mean_degc
    28.0
    """
    text = files("batteryloop.simulation").joinpath("climates.csv").read_text("utf-8")
    return {
        row["climate"]: Climate(
            row["climate"],
            row["title"],
            float(row["mean_degc"]),
            float(row["seasonal_degc"]),
            float(row["daily_degc"]),
            float(row["weather_sd_degc"]),
            int(row["warmest_day"]),
            row["source"],
        )
        for row in csv.DictReader(text.splitlines())
    }


def climate(name: str) -> Climate:
    """Return the climate called `name`.

    Raises
    ------
    NotKnown
        If there is none; the nearest three are offered.
    """
    if name not in climates():
        raise NotKnown.among("climate", name, climates())
    return climates()[name]
