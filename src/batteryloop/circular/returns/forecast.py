"""What comes back when: cohorts of sales, their lives, and how sure that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batteryloop.circular.returns.lifetimes import limit
from batteryloop.circular.returns.types import LifeCurve, ReturnsRow, Sale
from batteryloop.errors import ValueOutOfRange
from batteryloop.quantities import Estimate

Array = NDArray[np.float64]
METHOD = "cohorts by Weibull lives v1"
# A 90 % interval of a normal distribution reaches so many standard deviations to each side.
_REACH_90 = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class ReturnsForecast:
    """Returns by year, region, application and chemistry, with bands and the draws behind them.

    `draws_t` has shape (draws, years, regions, applications, chemistries) [t].
    """

    years: tuple[int, ...]
    regions: tuple[str, ...]
    applications: tuple[str, ...]
    chemistries: tuple[str, ...]
    rows: tuple[ReturnsRow, ...]
    curves: dict[tuple[str, str], LifeCurve]
    draws_t: Array
    confidence_frac: float

    def by_chemistry(self, chemistry: str) -> list[Estimate]:
        """Return one chemistry's returns of all regions, year by year."""
        place = self.chemistries.index(chemistry)
        return self._bands(self.draws_t[..., place].sum(axis=(2, 3)))

    def by_region(self, region: str) -> list[Estimate]:
        """Return one region's returns of all chemistries, year by year."""
        return self._bands(self.draws_t[:, :, self.regions.index(region)].sum(axis=(2, 3)))

    def by_application(self, application: str) -> list[Estimate]:
        """Return one application's returns, year by year."""
        place = self.applications.index(application)
        return self._bands(self.draws_t[:, :, :, place].sum(axis=(2, 3)))

    def regional_t(self) -> Array:
        """Return the draws by region alone; shape (draws, years, regions) [t]."""
        summed: Array = self.draws_t.sum(axis=(3, 4))
        return summed

    def total(self) -> list[Estimate]:
        """Return all returns, year by year."""
        return self._bands(self.draws_t.sum(axis=(2, 3, 4)))

    def share(self, chemistry: str) -> list[Estimate]:
        """Return one chemistry's share of all returns, year by year; unknown where none return."""
        place = self.chemistries.index(chemistry)
        everything = self.draws_t.sum(axis=(2, 3, 4))
        part = self.draws_t[..., place].sum(axis=(2, 3))
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = np.where(everything > 0, part / everything, np.nan)
        return [
            _band("share_frac", shares[:, k], self.confidence_frac) for k in range(len(self.years))
        ]

    def _bands(self, draws: Array) -> list[Estimate]:
        return [_band("mass_t", draws[:, k], self.confidence_frac) for k in range(len(self.years))]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for pages."""
        return {
            "years": list(self.years),
            "confidence_frac": self.confidence_frac,
            "n_draws": len(self.draws_t),
            "total": [_plain(year, e) for year, e in zip(self.years, self.total(), strict=True)],
            "by_region": {
                region: [
                    _plain(year, e)
                    for year, e in zip(self.years, self.by_region(region), strict=True)
                ]
                for region in self.regions
            },
            "by_application": {
                application: [
                    _plain(year, e)
                    for year, e in zip(self.years, self.by_application(application), strict=True)
                ]
                for application in self.applications
            },
            "by_chemistry": {
                chemistry: [
                    _plain(year, e)
                    for year, e in zip(self.years, self.by_chemistry(chemistry), strict=True)
                ]
                for chemistry in self.chemistries
            },
            "share_by_chemistry": {
                chemistry: [
                    _plain(year, e)
                    for year, e in zip(self.years, self.share(chemistry), strict=True)
                ]
                for chemistry in self.chemistries
            },
            "rows": [row.as_dict() for row in self.rows],
            "curves": [
                {"application": application, "chemistry": chemistry, **curve.as_dict()}
                for (application, chemistry), curve in self.curves.items()
            ],
        }


def forecast_returns(
    sales: Sequence[Sale],
    curves: Mapping[tuple[str, str], LifeCurve],
    years: Sequence[int],
    rng: np.random.Generator,
    *,
    n_draws: int = 400,
    collected_frac: float = 1.0,
    reused_frac: float = 0.0,
    second_life_years: float | None = None,
    confidence_frac: float = 0.9,
) -> ReturnsForecast:
    """Return what comes back in each year, with a band.

    A cohort sold over a year returns by its life curve. Each draw takes the curve's scale and
    shape from their joint uncertainty, one for a whole curve, and the level of future sales from
    their bounds, one for a whole series of region, application and chemistry: errors of neighbours
    go together, so bands do not shrink by adding up. A reused pack comes back later, by a Weibull
    life of the same shape.

    Parameters
    ----------
    sales : sequence of Sale
        Past and future years.
    curves : mapping of (str, str) to LifeCurve
        From `life_curves`.
    years : sequence of int
        Years wanted.
    rng : numpy.random.Generator
        Chance of the draws.
    n_draws : int, optional
        How many.
    collected_frac : float, optional
        Share of what ends its life that is collected [1].
    reused_frac : float, optional
        Share of it that goes into a second life first [1].
    second_life_years : float, optional
        Scale of that [years]; that of `limits.csv`, if not given.
    confidence_frac : float, optional
        Of the bands [1].

    Raises
    ------
    ValueOutOfRange
        If there are no sales, a mass is negative, a bound is on the wrong side, or a share is not
        between 0 and 1.

    Examples
    --------
    >>> sure = LifeCurve("all", 10.0, 50.0, ((0.0, 0.0), (0.0, 0.0)), 100, 100)
    >>> sale = Sale("EU", "car", "LFP", 2020, 100.0, 100.0, 100.0)
    >>> forecast = forecast_returns([sale], {("car", "LFP"): sure}, range(2025, 2036),
    ...                             np.random.default_rng(1), n_draws=10)
    >>> round(sum(e.value for e in forecast.total()))
    100
    """
    _checked(sales, collected_frac, reused_frac)
    regions = tuple(dict.fromkeys(sale.region for sale in sales))
    applications = tuple(dict.fromkeys(sale.application for sale in sales))
    chemistries = tuple(dict.fromkeys(sale.chemistry for sale in sales))
    wanted = tuple(years)
    second = limit("second_life_years") if second_life_years is None else second_life_years
    draws = np.zeros((n_draws, len(wanted), len(regions), len(applications), len(chemistries)))
    parameters = {curve.group: _draw_parameters(curve, n_draws, rng) for curve in curves.values()}
    for key, series in _series(sales).items():
        region, application, chemistry = key
        curve = curves[application, chemistry]
        scale, shape = parameters[curve.group]
        level = rng.standard_normal(n_draws)
        returns = np.zeros((n_draws, len(wanted)))
        for sale in series:
            mass = _mass(sale, level)
            first = mass[:, None] * _leaving(scale, shape, np.array(wanted) - sale.year)
            returns += first * (1.0 - reused_frac)
            if reused_frac > 0:
                again = _again(scale, shape, second, np.array(wanted) - sale.year)
                returns += mass[:, None] * again * reused_frac
        place = (
            regions.index(region),
            applications.index(application),
            chemistries.index(chemistry),
        )
        draws[:, :, *place] += returns * collected_frac
    rows = tuple(
        ReturnsRow(year, *names, _band("mass_t", draws[:, i, *places], confidence_frac))
        for i, year in enumerate(wanted)
        for places, names in _places(regions, applications, chemistries)
        if draws[:, i, *places].any()
    )
    return ReturnsForecast(
        wanted, regions, applications, chemistries, rows, dict(curves), draws, confidence_frac
    )


def _places(
    regions: Sequence[str], applications: Sequence[str], chemistries: Sequence[str]
) -> list[tuple[tuple[int, int, int], tuple[str, str, str]]]:
    """Return every place of the draws with its names."""
    return [
        ((j, a, k), (region, application, chemistry))
        for j, region in enumerate(regions)
        for a, application in enumerate(applications)
        for k, chemistry in enumerate(chemistries)
    ]


def _checked(sales: Sequence[Sale], collected_frac: float, reused_frac: float) -> None:
    if not sales:
        raise ValueOutOfRange("sales", "none", "at least one year of one chemistry")
    for sale in sales:
        if not 0 <= sale.mass_low_t <= sale.mass_t <= sale.mass_high_t < np.inf:
            raise ValueOutOfRange(
                f"sales of {sale.chemistry} in {sale.region} {sale.year}",
                f"{sale.mass_low_t:g}, {sale.mass_t:g}, {sale.mass_high_t:g} t",
                "0 ≤ low ≤ mass ≤ high",
            )
    for name, value in (("collected share", collected_frac), ("reused share", reused_frac)):
        if not 0 <= value <= 1:
            raise ValueOutOfRange(name, f"{value:g}", "0 to 1")


def _series(sales: Sequence[Sale]) -> dict[tuple[str, str, str], list[Sale]]:
    found: dict[tuple[str, str, str], list[Sale]] = {}
    for sale in sales:
        found.setdefault((sale.region, sale.application, sale.chemistry), []).append(sale)
    return found


def _draw_parameters(
    curve: LifeCurve, n_draws: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    covariance = np.array(curve.log_covariance)
    logs = rng.multivariate_normal(
        np.log([curve.scale_years, curve.shape]), covariance, size=n_draws, method="eigh"
    )
    return np.exp(logs[:, 0]), np.exp(logs[:, 1])


def _mass(sale: Sale, level: Array) -> Array:
    """Mass of a sale in each draw: log-normal between its bounds, each side by its own width."""
    if sale.mass_t <= 0:
        return np.zeros(len(level))
    up = np.log(sale.mass_high_t / sale.mass_t) / _REACH_90
    down = np.log(sale.mass_t / max(sale.mass_low_t, 1e-3 * sale.mass_t)) / _REACH_90
    mass: Array = sale.mass_t * np.exp(np.where(level > 0, up, down) * level)
    return mass


def _ended(scale: Array, shape: Array, ages: Array) -> Array:
    """Share of a cohort that has ended by an age, for a cohort sold evenly over its year."""
    parts = (np.arange(12) + 0.5) / 12
    at = np.clip(ages[:, None] + 0.5 - (parts - 0.5), 0.0, None)
    with np.errstate(over="ignore"):  # lives that all end at one age: a power of inf is an end
        power = (at[None] / scale[:, None, None]) ** shape[:, None, None]
    ended: Array = (1.0 - np.exp(-power)).mean(axis=2)
    return ended


def _leaving(scale: Array, shape: Array, ages: Array) -> Array:
    """Share of a cohort that ends in the year it reaches each age; shape (draws, ages)."""
    return _ended(scale, shape, ages) - _ended(scale, shape, ages - 1)


def _again(scale: Array, shape: Array, second_years: float, ages: Array) -> Array:
    """Share that ends a second life in the year it reaches each age."""
    oldest = int(max(ages.max(), 0))
    first = _leaving(scale, shape, np.arange(0.0, oldest + 1))
    once = _leaving(np.full_like(scale, second_years), shape, np.arange(0.0, oldest + 1))
    both = np.array([np.convolve(a, b)[: oldest + 1] for a, b in zip(first, once, strict=True)])
    shares: Array = np.where(ages >= 0, both[:, np.clip(ages, 0, oldest)], 0.0)
    return shares


def _band(quantity: str, draws: Array, confidence_frac: float) -> Estimate:
    known = draws[np.isfinite(draws)]
    if not known.size:
        return Estimate.unknown(
            quantity, METHOD, "nothing returns in that year", confidence_frac=confidence_frac
        )
    tail = 50.0 * (1.0 - confidence_frac)
    low, middle, high = np.percentile(known, [tail, 50.0, 100.0 - tail])
    return Estimate(
        quantity, float(middle), float(low), float(high), confidence_frac, METHOD, len(known)
    )


def _plain(year: int, estimate: Estimate) -> dict[str, Any]:
    return {"year": year, "value": estimate.value, "low": estimate.low, "high": estimate.high}
