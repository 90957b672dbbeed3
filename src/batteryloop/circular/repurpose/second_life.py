"""How much is left after each year of a second life, and whether the promise holds."""

from collections.abc import Sequence

import numpy as np

from batteryloop.circular.repurpose.figures import figure
from batteryloop.circular.repurpose.types import (
    Array,
    DispatchResult,
    GradedModule,
    SecondLifeForecast,
)
from batteryloop.errors import InputWrong
from batteryloop.quantities.estimate import Estimate
from batteryloop.reference.ageing import AgeingLaw, ageing_law
from batteryloop.reference.chemistries import chemistry
from batteryloop.simulation.ageing import Ageing, advance
from batteryloop.simulation.ageing_rates import Stress

_METHOD = "published calendar and cycle law, factors drawn v1"
_NORMAL_90 = 1.6449
_STEPS = 4  # a year


def draw_left(
    modules: Sequence[GradedModule],
    used: DispatchResult,
    rng: np.random.Generator,
    *,
    term_years: int,
    temperature_degc: float = 25.0,
    n_draws: int = 400,
) -> Array:
    """Return shares of the starting energy left after each year, shape (n_draws, term + 1).

    Each draw has its own state of health within the grading's interval, its own share of time and
    use in what was lost so far, and its own factor on the law. Modules age alike within a draw, so
    that the interval is rather too wide than too narrow.

    Parameters
    ----------
    modules : sequence of GradedModule
        Of one chemistry.
    used : DispatchResult
        How the storage is run.
    rng : numpy.random.Generator
        Whose draws these are.
    term_years : int
        How many years.
    temperature_degc : float, optional
        Of the cells [degC].
    n_draws : int, optional
        How many.

    Raises
    ------
    InputWrong
        If there is no module, or they are of several chemistries.
    """
    names = {module.chemistry for module in modules}
    if len(names) != 1 or term_years < 1:
        raise InputWrong(
            "modules", f"{len(modules)} of {', '.join(sorted(names)) or 'nothing'}",
            "at least one, all of one chemistry, and a term of at least a year",
        )  # fmt: skip
    name = names.pop()
    law = ageing_law(name)
    weights = np.array([module.energy_kwh for module in modules])
    soh = float(np.average([m.soh_frac for m in modules], weights=weights))
    width = float(np.average([m.soh_high_frac - m.soh_low_frac for m in modules], weights=weights))
    start = np.clip(rng.normal(soh, max(width, 0.0) / 2 / _NORMAL_90, n_draws), 0.05, 1.0)
    spread = figure("ageing_spread")
    sigma = np.log(spread.high / spread.low) / 2 / _NORMAL_90
    factor = np.exp(rng.normal(np.log(spread.value), sigma, n_draws))
    by_time = rng.random(n_draws)
    state = Ageing(
        (1 - start) * by_time, (1 - start) * (1 - by_time), np.zeros(n_draws), np.zeros(n_draws)
    )
    left = [np.ones(n_draws)]
    first = state.capacity_frac
    for _ in range(term_years):
        for _ in range(_STEPS):
            state = advance(
                law,
                state,
                _stress(law, name, used, temperature_degc, state.capacity_frac / first),
                duration_days=365.25 / _STEPS,
                factor=factor,
            )
        left.append(state.capacity_frac / first)
    return np.stack(left, axis=1)


def _stress(
    law: AgeingLaw, name: str, used: DispatchResult, temperature_degc: float, left: Array
) -> Stress:
    """Return the mean stress of a day; what is left works harder for the same throughput."""
    kind = chemistry(name)
    n = left.size
    efc = used.throughput_kwh / max(used.energy_kwh, 1e-9) / 365.25
    rate = min(used.power_kw / max(used.energy_kwh, 1e-9), law.valid.c_rate_high_per_h)
    depth = np.clip(used.depth_mean_frac / left, 0.01, 1.0)
    return Stress(
        np.full(n, temperature_degc),
        np.full(n, min(max(used.soc_mean_frac, 0.05), 0.95)),
        np.full(n, kind.cell_voltage_nominal_v),
        depth,
        np.full(n, rate / 2),
        np.full(n, rate / 2),
        efc / left,
    )


def forecast_second_life(
    left_frac: Array, *, promise_frac: float, chemistry_name: str, temperature_degc: float
) -> SecondLifeForecast:
    """Return the forecast from draws, with the probability that the promise is broken.

    Parameters
    ----------
    left_frac : array, shape (n_draws, n_years + 1)
        From `draw_left`.
    promise_frac : float
        What is promised to be left at the end of the term [1].
    chemistry_name : str
        Whose law was used.
    temperature_degc : float
        At which [degC].
    """
    n_draws, n = left_frac.shape
    low, middle, high = np.quantile(left_frac, [0.05, 0.5, 0.95], axis=0)
    law = ageing_law(chemistry_name)
    notes = [f"law of {law.chemistry}" + (f", standing in: {law.note}" if law.note else "")]
    notes.append("a sudden fall (knee) of old modules is not in the law")
    valid = law.valid
    if not valid.temperature_low_degc <= temperature_degc <= valid.temperature_high_degc:
        notes.append(
            f"{temperature_degc:g} degC is outside the {valid.temperature_low_degc:g} to "
            f"{valid.temperature_high_degc:g} degC that the law was measured at"
        )
    return SecondLifeForecast(
        tuple(range(n)),
        tuple(
            Estimate("capacity_ratio_frac", float(m), float(lo), float(hi), 0.9, _METHOD, n_draws)
            for m, lo, hi in zip(middle, low, high, strict=True)
        ),
        promise_frac,
        n - 1,
        float((left_frac[:, -1] < promise_frac).mean()),
        tuple(notes),
    )
