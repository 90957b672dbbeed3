"""The cheapest running of a storage over a year, by one linear programme over whole weeks."""

from dataclasses import replace

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csc_array, eye_array, hstack, kron, vstack

from batteryloop.circular.repurpose.figures import figure
from batteryloop.circular.repurpose.types import Array, DispatchResult, Site
from batteryloop.errors import InputWrong

WEEK_H = 168
_MONTHS = 12.0
_YEAR_H = 8760.0
# A kilowatt held ready must last so long, both ways.
_READY_H = 0.5
_FLOWS = ("bought", "sold", "in", "out", "held", "spilled", "unserved", "ready")


def chosen_weeks(site: Site, n_weeks: int) -> Site:
    """Return the site with `n_weeks` whole weeks, one from the middle of each equal part.

    Raises
    ------
    InputWrong
        If the series differ in length, hold gaps, or are shorter than that.

    Examples
    --------
    >>> hours = np.arange(8760.0)
    >>> weeks = chosen_weeks(Site(hours, hours, hours), 4)
    >>> weeks.load_kw.size, float(weeks.load_kw[0])
    (672, 1011.0)
    """
    series = (site.price_eur_per_kwh, site.load_kw, site.pv_kw)
    n = site.load_kw.size
    if any(values.size != n for values in series) or n < n_weeks * WEEK_H:
        sizes = ", ".join(f"{values.size:,}" for values in series)
        raise InputWrong(
            "site",
            f"series of {sizes} hours",
            f"price, load and sun of the same hours, at least {n_weeks} weeks",
        )
    if not all(np.isfinite(values).all() for values in series):
        raise InputWrong("site", "a series has gaps", "a number every hour", "fill or cut the gaps")
    part = n / n_weeks
    starts = [int((k + 0.5) * part - WEEK_H / 2) for k in range(n_weeks)]
    hours = np.concatenate([np.arange(start, start + WEEK_H) for start in starts])
    price, load, sun = (values[hours] for values in series)
    return replace(site, price_eur_per_kwh=price, load_kw=load, pv_kw=sun)


def run_storage(site: Site, energy_kwh: float, power_kw: float) -> DispatchResult:
    """Return the cheapest year with a storage of this size; prices and loads are known ahead.

    Each week ends as full as it began. The weeks stand for the year, their peaks for the months'.
    What is known ahead makes it the most that a storage can save; a real controller saves less.
    Load is left unserved only where a limit of the connection is given.

    Parameters
    ----------
    site : Site
        Whole weeks, as of `chosen_weeks`.
    energy_kwh, power_kw : float
        Of the storage; 0 for none.

    Raises
    ------
    InputWrong
        If a size is below zero, or the hours are no whole weeks.

    Examples
    --------
    >>> price = np.tile(np.repeat([0.1, 0.3], 12), 7)
    >>> site = Site(price, np.full(168, 10.0), np.zeros(168))
    >>> round(run_storage(site, 0.0, 0.0).cost_eur)
    17520
    >>> run_storage(site, 50.0, 25.0).cost_eur < 17520
    True
    """
    n = site.load_kw.size
    if energy_kwh < 0 or power_kw < 0 or n == 0 or n % WEEK_H:
        raise InputWrong(
            "storage",
            f"{energy_kwh:g} kWh, {power_kw:g} kW over {n:,} hours",
            "sizes of at least 0 over whole weeks",
        )
    n_weeks = n // WEEK_H
    scale = _YEAR_H / n
    one_way, wear = figure("efficiency_one_way").value, figure("wear_price").value
    full_kwh = energy_kwh * figure("usable_share").value
    price = site.price_eur_per_kwh
    # Below zero feeding in costs the price; a trace more, so that none is bought to be sold.
    sells = np.where(price > 0, price * site.export_frac, price) - 1e-6
    cost = np.concatenate(
        [
            scale * price,
            -scale * sells,
            np.full(n, scale * wear / 2),
            np.full(n, scale * wear / 2),
            np.zeros(n),
            np.zeros(n),
            np.full(n, scale * site.unserved_eur_per_kwh),
            np.full(n, -scale * site.reserve_eur_per_kw_h),
            np.full(n_weeks, site.peak_eur_per_kw * _MONTHS / n_weeks),
        ]
    )
    solved = linprog(
        cost,
        *_limits(n, n_weeks, power_kw, full_kwh),
        *_balances(site, n, n_weeks, one_way),
        bounds=_bounds(site, n, n_weeks, power_kw, full_kwh),
        method="highs",
    )
    if solved.x is None:
        raise InputWrong("storage", f"no running was found: {solved.message}")
    flow = dict(zip(_FLOWS, np.split(solved.x[: 8 * n], 8), strict=True))
    return _result(site, energy_kwh, power_kw, full_kwh, float(solved.fun), flow)


def _balances(site: Site, n: int, n_weeks: int, one_way: float) -> tuple[csc_array, Array]:
    """Every hour what comes in goes out; what is held follows from what went in and out."""
    one, none = eye_array(n), csc_array((n, n))
    step = np.zeros((WEEK_H, WEEK_H))
    step[np.arange(WEEK_H), np.arange(WEEK_H)] = 1.0
    step[np.arange(WEEK_H), np.arange(WEEK_H) - 1] -= 1.0
    held = kron(eye_array(n_weeks), csc_array(step))
    peaks = csc_array((n, n_weeks))
    matrix = vstack(
        [
            hstack([one, -one, -one, one, none, -one, one, none, peaks]),
            hstack([none, none, -one_way * one, one / one_way, held, none, none, none, peaks]),
        ],
        format="csc",
    )
    return matrix, np.concatenate([site.load_kw - site.pv_kw, np.zeros(n)])


def _limits(n: int, n_weeks: int, power_kw: float, full_kwh: float) -> tuple[csc_array, Array]:
    """Peaks are at least the import; what is held ready needs power and energy both ways."""
    one, none = eye_array(n), csc_array((n, n))
    peaks, no_peaks = kron(eye_array(n_weeks), np.ones((WEEK_H, 1))), csc_array((n, n_weeks))
    matrix = vstack(
        [
            hstack([one, none, none, none, none, none, none, none, -peaks]),
            hstack([none, none, one, none, none, none, none, one, no_peaks]),
            hstack([none, none, none, one, none, none, none, one, no_peaks]),
            hstack([none, none, none, none, -one, none, none, _READY_H * one, no_peaks]),
            hstack([none, none, none, none, one, none, none, _READY_H * one, no_peaks]),
        ],
        format="csc",
    )
    right = np.concatenate(
        [np.zeros(n), np.full(2 * n, power_kw), np.zeros(n), np.full(n, full_kwh)]
    )
    return matrix, right


def _bounds(site: Site, n: int, n_weeks: int, power_kw: float, full_kwh: float) -> Array:
    highest = np.concatenate(
        [
            np.full(n, site.import_max_kw),
            np.full(n, np.inf),
            np.full(2 * n, power_kw),
            np.full(n, full_kwh),
            site.pv_kw,
            np.maximum(site.load_kw, 0.0) * np.isfinite(site.import_max_kw),
            np.full(n, power_kw if site.reserve_eur_per_kw_h > 0 else 0.0),
            np.full(n_weeks, np.inf),
        ]
    )
    return np.stack([np.zeros(highest.size), highest], axis=1)


def _result(
    site: Site,
    energy_kwh: float,
    power_kw: float,
    full_kwh: float,
    cost_eur: float,
    flow: dict[str, Array],
) -> DispatchResult:
    scale = _YEAR_H / site.load_kw.size
    days = flow["held"].reshape(-1, 24)
    sun = float(site.pv_kw.sum())
    lost = float(flow["spilled"].sum() + np.minimum(flow["sold"], site.pv_kw).sum())
    through = scale * float(flow["out"].sum())
    wear_eur = figure("wear_price").value * scale * float((flow["in"] + flow["out"]).sum()) / 2
    return DispatchResult(
        energy_kwh,
        power_kw,
        cost_eur - wear_eur,
        through,
        float(flow["held"].mean() / energy_kwh) if full_kwh else 0.0,
        float((days.max(axis=1) - days.min(axis=1)).mean() / energy_kwh) if full_kwh else 0.0,
        float(flow["bought"].max()),
        scale * float(flow["unserved"].sum()),
        1.0 - lost / sun if sun else 0.0,
        scale * float(np.minimum(flow["in"], flow["out"]).sum()),
    )
