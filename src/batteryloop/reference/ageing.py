"""Published laws of ageing, as data: which form, which parameters, from where, valid how far."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from batteryloop.errors import NotKnown
from batteryloop.reference.chemistries import chemistry

Effect = Literal["capacity", "resistance"]
Cause = Literal["calendar", "cycle"]


@dataclass(frozen=True, slots=True)
class AgeingTerm:
    """One law: how fast `cause` (time or throughput) takes capacity or adds resistance.

    The loss is rate times span to the power `exponent`; `form` names the rate's equation,
    which takes `parameters`. The span is in days or in equivalent full cycles unless the
    parameters `unit_s` or `ah_per_efc` say how many seconds or ampere-hours the law counts in.
    """

    effect: Effect
    cause: Cause
    form: str
    exponent: float
    parameters: Mapping[str, float]
    source: str


@dataclass(frozen=True, slots=True)
class AgeingRange:
    """Where the measurements behind a law lie; beyond it the law is a guess."""

    temperature_low_degc: float
    temperature_high_degc: float
    cycle_temperature_low_degc: float
    cycle_temperature_high_degc: float
    c_rate_high_per_h: float
    loss_high_frac: float


@dataclass(frozen=True, slots=True)
class AgeingLaw:
    """The four terms of one chemistry and their valid range.

    `stands_in_for` is the chemistry that was asked for where another one's law is used;
    `factor` then speeds it up or slows it down.
    """

    chemistry: str
    capacity_calendar: AgeingTerm
    capacity_cycle: AgeingTerm
    resistance_calendar: AgeingTerm
    resistance_cycle: AgeingTerm
    valid: AgeingRange
    factor: float = 1.0
    stands_in_for: str = ""
    note: str = ""


def _rows() -> list[dict[str, str]]:
    text = files("batteryloop.reference").joinpath("ageing_parameters.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def _term(rows: list[dict[str, str]], effect: Effect, cause: Cause) -> AgeingTerm:
    own = [row for row in rows if row["effect"] == effect and row["cause"] == cause]
    values = {row["parameter"]: float(row["value"]) for row in own}
    exponent = values.pop("exponent", 1.0)
    return AgeingTerm(effect, cause, own[0]["form"], exponent, values, own[0]["source"])


def ageing_chemistries() -> tuple[str, ...]:
    """Return the chemistries that have a law, of their own or by a stand-in.

    Examples
    --------
    >>> "LFP" in ageing_chemistries()
    True
    """
    return tuple(dict.fromkeys(row["chemistry"] for row in _rows()))


@cache
def ageing_law(name: str) -> AgeingLaw:
    """Return the law of ageing of a chemistry.

    Raises
    ------
    NotKnown
        If it is no chemistry, or one without a law; the nearest three are offered.

    Examples
    --------
    >>> ageing_law("LFP").capacity_calendar.exponent
    0.5
    >>> law = ageing_law("NMC532")
    >>> law.chemistry, law.stands_in_for
    ('NMC622', 'NMC532')
    """
    own = chemistry(name).name
    rows = [row for row in _rows() if row["chemistry"] == own]
    if not rows:
        raise NotKnown.among("law of ageing of", own, ageing_chemistries())
    if rows[0]["form"].startswith("as:"):
        other = ageing_law(rows[0]["form"].removeprefix("as:"))
        return AgeingLaw(
            other.chemistry,
            other.capacity_calendar,
            other.capacity_cycle,
            other.resistance_calendar,
            other.resistance_cycle,
            other.valid,
            factor=float(rows[0]["value"]),
            stands_in_for=own,
            note=rows[0]["source"],
        )
    limits = {row["parameter"]: float(row["value"]) for row in rows if row["effect"] == "valid"}
    return AgeingLaw(
        own,
        _term(rows, "capacity", "calendar"),
        _term(rows, "capacity", "cycle"),
        _term(rows, "resistance", "calendar"),
        _term(rows, "resistance", "cycle"),
        AgeingRange(**limits),
    )
