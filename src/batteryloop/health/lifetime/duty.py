"""What another duty does to the pace of ageing, by the published laws of the chemistry.

Only the ratio of two duties is taken from the laws; it scales the battery's own trajectory. The
absolute fade of the cells that somebody published is not this battery's fate.
"""

from dataclasses import dataclass

import numpy as np

from batteryloop.errors import ValueOutOfRange
from batteryloop.reference.ageing import AgeingLaw, AgeingTerm
from batteryloop.reference.ocv import ocv_chemistries, ocv_curve
from batteryloop.simulation.ageing_rates import RATES, Stress

SECONDS_PER_DAY = 86_400.0
_LOG_DAYS = (-12.0, 20.0)
_N_HALVINGS = 80


@dataclass(frozen=True, slots=True)
class Duty:
    """How a battery is used, as means over a span.

    `soc_frac` is the mean state of charge, `dod_frac` the depth of a cycle, `c_rate_per_h` the
    mean rate while current flows, `efc_per_day` the equivalent full cycles a day.
    """

    temperature_degc: float = 25.0
    soc_frac: float = 0.5
    dod_frac: float = 0.8
    c_rate_per_h: float = 0.5
    efc_per_day: float = 1.0


def _stress(law: AgeingLaw, duty: Duty) -> Stress:
    name = law.chemistry if law.chemistry in ocv_chemistries() else "NMC622"
    voltage = float(ocv_curve(name).voltage_at(duty.soc_frac))
    return Stress(
        temperature_degc=np.array([duty.temperature_degc]),
        soc_frac=np.array([duty.soc_frac]),
        voltage_v=np.array([voltage]),
        dod_frac=np.array([duty.dod_frac]),
        c_rate_per_h=np.array([duty.c_rate_per_h]),
        charge_rate_per_h=np.array([duty.c_rate_per_h]),
        efc_per_day=np.array([duty.efc_per_day]),
    )


def _loss(term: AgeingTerm, stress: Stress, days: float) -> float:
    rate = float(RATES[term.form](term.parameters, stress)[0])
    if term.cause == "calendar":
        span = days * SECONDS_PER_DAY / term.parameters.get("unit_s", SECONDS_PER_DAY)
    else:
        span = days * float(stress.efc_per_day[0]) * term.parameters.get("ah_per_efc", 1.0)
    return float(rate * span**term.exponent)


def fade_frac(law: AgeingLaw, duty: Duty, age_days: float) -> float:
    """Return the capacity lost after `age_days` of one duty [1 of initial capacity].

    Parameters
    ----------
    law : AgeingLaw
        Published parameters, `reference.ageing_law`.
    duty : Duty
        How the battery is used.
    age_days : float
        Span [days], not negative.

    Examples
    --------
    >>> from batteryloop.reference.ageing import ageing_law
    >>> shelf = Duty(25.0, 0.5, 0.0, 0.0, 0.0)
    >>> round(fade_frac(ageing_law("LFP"), shelf, 365.0), 3)
    0.043
    """
    stress = _stress(law, duty)
    terms = (law.capacity_calendar, law.capacity_cycle)
    return law.factor * sum(_loss(term, stress, age_days) for term in terms)


def outside_range(law: AgeingLaw, duty: Duty) -> tuple[str, ...]:
    """Return what of the duty lies outside the tests behind the law, in words.

    Examples
    --------
    >>> from batteryloop.reference.ageing import ageing_law
    >>> outside_range(ageing_law("LFP"), Duty(temperature_degc=70.0))
    ('70 °C is outside the 0–60 °C of the LFP law',)
    """
    found, valid = [], law.valid
    low, high = valid.temperature_low_degc, valid.temperature_high_degc
    if not low <= duty.temperature_degc <= high:
        found.append(
            f"{duty.temperature_degc:g} °C is outside the {low:g}–{high:g} °C of the "
            f"{law.chemistry} law"
        )
    if duty.c_rate_per_h > valid.c_rate_high_per_h:
        found.append(
            f"{duty.c_rate_per_h:g} C is above the {valid.c_rate_high_per_h:g} C of the "
            f"{law.chemistry} law"
        )
    if law.stands_in_for:
        found.append(f"the law of {law.chemistry} stands in for {law.stands_in_for}")
    return tuple(found)


def duty_ratio(
    law: AgeingLaw, past: Duty, future: Duty, *, past_days: float, horizon_days: float
) -> float:
    """Return the ageing per day under `future` over that under `past`, from now on.

    Both start at the fade that `past_days` of the past duty brought; the ratio is of the days that
    each then needs for the fade that the past duty would add in `horizon_days`.

    Parameters
    ----------
    law : AgeingLaw
        Published parameters of the chemistry.
    past, future : Duty
        What was and what will be.
    past_days, horizon_days : float
        Span seen, and span ahead [days], above 0.

    Returns
    -------
    float
        Above 1 where the future ages faster [1].

    Raises
    ------
    ValueOutOfRange
        If a span is not above 0, or one of the duties does not age the battery at all.

    Examples
    --------
    >>> from batteryloop.reference.ageing import ageing_law
    >>> law, mild = ageing_law("LFP"), Duty(temperature_degc=20.0)
    >>> duty_ratio(law, mild, mild, past_days=300.0, horizon_days=300.0)
    1.0
    >>> duty_ratio(law, mild, Duty(40.0), past_days=300.0, horizon_days=300.0) > 1.1
    True
    """
    if not (past_days > 0 and horizon_days > 0):
        raise ValueOutOfRange("duty", f"spans of {past_days:g} and {horizon_days:g} days", "> 0")
    now = fade_frac(law, past, past_days)
    then = fade_frac(law, past, past_days + horizon_days)
    if not then > now or not fade_frac(law, future, 1.0) > 0.0:
        raise ValueOutOfRange(
            "duty",
            f"under it the law of {law.chemistry} knows no ageing",
            "one that ages the battery",
            "state temperature, charge and cycles within the law's range",
        )
    need = _days_to(law, future, then) - _days_to(law, future, now)
    return round(horizon_days / need, 9)


def _days_to(law: AgeingLaw, duty: Duty, fade: float) -> float:
    low, high = _LOG_DAYS
    for _ in range(_N_HALVINGS):
        middle = 0.5 * (low + high)
        if fade_frac(law, duty, float(np.exp(middle))) > fade:
            high = middle
        else:
            low = middle
    return float(np.exp(0.5 * (low + high)))
