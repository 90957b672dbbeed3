"""How large: modules and power of most worth for a use, and what each size would give."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from batteryloop.circular.repurpose.dispatch import chosen_weeks, run_storage
from batteryloop.circular.repurpose.economics import storage_worth
from batteryloop.circular.repurpose.second_life import draw_left, forecast_second_life
from batteryloop.circular.repurpose.types import USES, Design, DispatchResult, GradedModule, Site
from batteryloop.errors import InputWrong, NotKnown

# Shares of the energy at which a year is run; between them the saving is read off straight lines,
# which for a linear programme lie below the true curve.
_RUN_AT = (0.0, 0.6, 1.0)
_SHARES = (0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Promise:
    """What is promised: so much of the energy left after so many years, at a temperature."""

    term_years: int = 8
    left_frac: float = 0.7
    temperature_degc: float = 25.0


def site_for(use: str, site: Site) -> Site:
    """Return the site with what does not belong to the use left out.

    Raises
    ------
    NotKnown
        If there is no such use.
    InputWrong
        If the use lacks what it lives from.

    Examples
    --------
    >>> hours = np.ones(168)
    >>> float(site_for("grid-service", Site(hours, hours, hours)).load_kw.sum())
    0.0
    """
    if use not in USES:
        raise NotKnown.among("use", use, USES)
    if use == "peak-shaving" and site.peak_eur_per_kw <= 0:
        raise InputWrong("peak-shaving", "no demand charge", "a charge a kW and month above 0")
    if use == "self-consumption" and not site.pv_kw.any():
        raise InputWrong("self-consumption", "no sun", "a series of what the panels give")
    if use == "fast-charge-buffer" and not np.isfinite(site.import_max_kw):
        raise InputWrong("fast-charge-buffer", "no limit of the connection", "a limit in kW")
    if use != "grid-service":
        return replace(site, reserve_eur_per_kw_h=0.0)
    nothing = np.zeros(site.load_kw.size)
    return replace(site, load_kw=nothing, pv_kw=nothing, export_frac=1.0, peak_eur_per_kw=0.0)


def size_storage(
    use: str,
    modules: Sequence[GradedModule],
    site: Site,
    rng: np.random.Generator,
    *,
    promise: Promise | None = None,
    c_rates_per_h: Sequence[float] = (0.25, 0.5),
    n_weeks: int = 4,
) -> tuple[Design, ...]:
    """Return designs of a quarter to all modules at each power, the one of most worth first.

    The best modules go in first. Each size is run, aged and valued; sizes share their draws, so
    that they differ by size and not by luck.

    Parameters
    ----------
    use : str
        One of `USES`.
    modules : sequence of GradedModule
        Of one chemistry.
    site : Site
        A year, hour by hour.
    rng : numpy.random.Generator
        For ageing, costs and later prices.
    promise : Promise, optional
        Eight years, 70 %, 25 degC.
    c_rates_per_h : sequence of float, optional
        Powers to try, over the energy [1/h].
    n_weeks : int, optional
        Weeks that stand for the year.

    Raises
    ------
    InputWrong
        If modules or series cannot be used.
    NotKnown
        If the use or the chemistry is not known.
    """
    asked = promise or Promise()
    weeks = chosen_weeks(site_for(use, site), n_weeks)
    best_first = sorted(modules, key=lambda m: (-m.soh_frac, m.module_id))
    if not best_first:
        raise InputWrong("modules", "none", "at least one graded module")
    without = run_storage(weeks, 0.0, 0.0)
    seed = rng.integers(0, 2**63)
    counts = sorted({max(1, round(share * len(best_first))) for share in _SHARES})
    designs = [
        _design(use, best_first[:n], weeks, without, rate, asked, int(seed))
        for n in counts
        for rate in c_rates_per_h
    ]
    return tuple(sorted(designs, key=lambda d: -(d.worth.npv_eur.value or 0.0)))


def _design(
    use: str,
    chosen: Sequence[GradedModule],
    weeks: Site,
    without: DispatchResult,
    c_rate_per_h: float,
    asked: Promise,
    seed: int,
) -> Design:
    rng = np.random.Generator(np.random.PCG64(seed))
    energy_kwh = sum(module.energy_kwh for module in chosen)
    power_kw = energy_kwh * c_rate_per_h
    runs = [without] + [run_storage(weeks, share * energy_kwh, power_kw) for share in _RUN_AT[1:]]
    saved = np.array([without.cost_eur - run.cost_eur for run in runs])
    left = draw_left(
        chosen,
        runs[-1],
        rng,
        term_years=asked.term_years,
        temperature_degc=asked.temperature_degc,
    )
    return Design(
        use,
        chosen[0].chemistry,
        tuple(module.module_id for module in chosen),
        energy_kwh,
        power_kw,
        without,
        runs[-1],
        forecast_second_life(
            left,
            promise_frac=asked.left_frac,
            chemistry_name=chosen[0].chemistry,
            temperature_degc=asked.temperature_degc,
        ),
        storage_worth(
            left,
            saved,
            np.array(_RUN_AT),
            rng,
            energy_kwh=energy_kwh,
            power_kw=power_kw,
            modules_eur=sum(module.price_eur for module in chosen),
            promise_frac=asked.left_frac,
        ),
    )
