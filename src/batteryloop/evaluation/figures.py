"""Every figure that a report may hold: its title, unit and meaning, read from `figures.csv`."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from batteryloop.errors import NotKnown
from batteryloop.quantities import Estimate

DIMENSIONS = ("usage", "health", "degradation")


@dataclass(frozen=True, slots=True)
class FigureKind:
    """One row of `figures.csv`; `shown` is the unit on a page, `factor` brings the value to it."""

    name: str
    title: str
    dimension: str
    unit: str
    shown: str
    factor: float
    decimals: int
    meaning: str


@cache
def figure_kinds() -> dict[str, FigureKind]:
    """Return every kind of figure by name, in the order a reader wants them.

    Examples
    --------
    >>> figure_kinds()["resistance_ohm"].shown
    'mΩ'
    """
    text = files("batteryloop.evaluation").joinpath("figures.csv").read_text("utf-8")
    return {
        row["name"]: FigureKind(
            row["name"],
            row["title"],
            row["dimension"],
            row["unit"],
            row["shown"],
            float(row["factor"]),
            int(row["decimals"]),
            row["meaning"],
        )
        for row in csv.DictReader(text.splitlines())
    }


def figure_kind(name: str) -> FigureKind:
    """Return the kind of figure called `name`.

    Raises
    ------
    NotKnown
        If no row has that name; the nearest three are offered.
    """
    if name not in figure_kinds():
        raise NotKnown.among("figure", name, figure_kinds())
    return figure_kinds()[name]


# Below one of a thousandfold unit a reader wants the unit itself.
_MOST_DIGITS = 4
_SMALL = {"kWh": "Wh", "kW": "W"}


def scale_of(name: str, estimate: Estimate) -> tuple[float, str, int]:
    """Return factor, unit and decimals that suit an estimate's size.

    Examples
    --------
    >>> scale_of("energy_wh", Estimate("energy_wh", 117.0, 115.0, 119.0, 0.9, "m"))
    (1.0, 'Wh', 1)
    >>> scale_of("energy_wh", Estimate("energy_wh", 894135.0, 8.5e5, 9.4e5, 0.9, "m"))
    (0.001, 'kWh', 1)
    """
    kind = figure_kind(name)
    size = max(abs(estimate.value or 0.0), abs(estimate.high or 0.0)) * kind.factor
    if kind.shown in _SMALL and estimate.value is not None and size < 1:
        return 1.0, _SMALL[kind.shown], 1
    n_digits = len(f"{size:.0f}")
    return kind.factor, kind.shown, min(kind.decimals, max(_MOST_DIGITS - n_digits, 0))


def shown(name: str, estimate: Estimate) -> str:
    """Return an estimate as a reader wants it: value with unit, the interval in brackets.

    Examples
    --------
    >>> shown("soh_energy_frac", Estimate("soh_energy_frac", 0.864, 0.852, 0.875, 0.9, "m"))
    '86.4 % (85.2 to 87.5)'
    """
    if estimate.value is None:
        return "–"
    if name == "worst_notice" and estimate.value < 0:
        return "none"
    factor, unit, decimals = scale_of(name, estimate)
    text = f"{estimate.value * factor:,.{decimals}f}" + (f" {unit}" if unit else "")
    low, high = estimate.low, estimate.high
    if low is None or high is None or low == high:
        return text.replace("-", "−")
    bounds = f"({low * factor:,.{decimals}f} to {high * factor:,.{decimals}f})"
    return f"{text} {bounds}".replace("-", "−")
