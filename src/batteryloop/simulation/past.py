"""The life before the recording: months at a time, from a typical week, to the wanted health."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from batteryloop.reference.ageing import AgeingLaw
from batteryloop.simulation.ageing import Ageing, advance
from batteryloop.simulation.ageing_rates import Stress
from batteryloop.simulation.climate import Climate

Array = NDArray[np.float64]
MONTH_DAYS, OLDEST_DAYS = 30.4375, 15 * 365.25
FACTOR_LOW, FACTOR_HIGH = 0.3, 3.0


@dataclass(frozen=True, slots=True)
class Past:
    """How a pack came to its start: its ageing, and how much faster than the law it aged."""

    ageing: Ageing
    factor: float


def mean_stress(stresses: list[Stress]) -> Stress:
    """Return the mean of equally long spans, cell by cell; depth and rates as of days in use.

    Raises
    ------
    ValueError
        If there is none.
    """
    used = [s for s in stresses if float(s.efc_per_day.max()) > 0.01] or stresses

    def mean(pick: Callable[[Stress], Array], among: list[Stress]) -> Array:
        return np.asarray(np.mean([pick(s) for s in among], axis=0))

    return Stress(
        temperature_degc=mean(lambda s: s.temperature_degc, stresses),
        soc_frac=mean(lambda s: s.soc_frac, stresses),
        voltage_v=mean(lambda s: s.voltage_v, stresses),
        dod_frac=mean(lambda s: s.dod_frac, used),
        c_rate_per_h=mean(lambda s: s.c_rate_per_h, used),
        charge_rate_per_h=mean(lambda s: s.charge_rate_per_h, used),
        efc_per_day=mean(lambda s: s.efc_per_day, stresses),
    )


def past_life(
    law: AgeingLaw,
    week: Stress,
    week_ambient_degc: float,
    place: Climate,
    cell_factor: Array,
    start_at: datetime,
    soh_wanted_frac: float,
    capacity_over_rated: Array,
    rng: np.random.Generator,
) -> Past:
    """Return a life that ends at `start_at` with about the wanted health.

    The stress of a typical week is taken for every month, its temperature moved with the
    season. The age is that at which the law reaches the wanted health, spread by a quarter and
    at most fifteen years; a factor between 0.3 and 3 on all rates then makes the health exact,
    as one pack of a type ages faster than another. Where the law is slower or faster than that
    the health stays off the wish: the truth table tells what it is.

    Parameters
    ----------
    law : AgeingLaw
        The chemistry's law.
    week : Stress
        Mean stress of a typical week.
    week_ambient_degc : float
        Mean air temperature of that week. [degC]
    place : Climate
        Where it lived.
    cell_factor : array, shape (n_cells,)
        How much faster than the type each cell ages.
    start_at : datetime
        End of the past.
    soh_wanted_frac : float
        Wanted health of the weakest cell, over rated. [1]
    capacity_over_rated : array, shape (n_cells,)
        Each cell's capacity when new over the rated one.
    rng : numpy.random.Generator
        Spread of the age.

    Returns
    -------
    Past
        Ageing at `start_at` and the factor on all rates.
    """
    warmer = week.temperature_degc - week_ambient_degc
    last_day = float(start_at.timetuple().tm_yday)
    n_months = int(OLDEST_DAYS / MONTH_DAYS)
    states = [Ageing.new(cell_factor.shape[0])]
    for month in range(n_months):
        middle = np.array(last_day + (month + 0.5) * MONTH_DAYS)
        stress = replace(week, temperature_degc=float(place.season_degc(middle)) + warmer)
        states.append(
            advance(law, states[-1], stress, duration_days=MONTH_DAYS, factor=cell_factor)
        )

    def health(state: Ageing, factor: float) -> float:
        return float(np.min(capacity_over_rated * state.scaled(factor).capacity_frac))

    reached = [n for n, state in enumerate(states) if health(state, 1.0) <= soh_wanted_frac]
    n_reached = reached[0] if reached else n_months
    spread = float(np.exp(0.25 * rng.standard_normal()))
    n_lived = int(np.clip(round(n_reached * spread), 0, n_months))
    if health(states[n_lived], FACTOR_HIGH) > soh_wanted_frac:
        n_lived = n_months
    state = states[n_lived]
    if n_lived == 0:
        return Past(state, 1.0)
    low, high = FACTOR_LOW, FACTOR_HIGH
    for _ in range(40):
        middle_factor = 0.5 * (low + high)
        if health(state, middle_factor) > soh_wanted_frac:
            low = middle_factor
        else:
            high = middle_factor
    factor = 0.5 * (low + high)
    return Past(state.scaled(factor), factor)
