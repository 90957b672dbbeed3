"""What will come back, as a page shows it: bands by chemistry and region, and plants to open."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Any

from batteryloop.circular.returns.forecast import ReturnsForecast
from batteryloop.circular.returns.lifetimes import limit
from batteryloop.circular.returns.market import simulated_market
from batteryloop.circular.returns.types import Life, Sale
from batteryloop.quantities import Estimate
from batteryloop.usecases.forecast_returns import ReturnsReport, report_returns, sites_of
from batteryloop.usecases.gather_returns import GatheredReturns
from batteryloop.web.drawings.band_chart import Band, BandPoint
from batteryloop.wiring.chance import seeded
from batteryloop.wiring.sources import read_table

_HUES = ("use", "renew", "recover", "swap", "care", "make", "decide")
_N_PAST, _N_AHEAD = 6, 14
_N_DRAWS = 120
_N_NAMES_MOST = 6


@dataclass(frozen=True, slots=True)
class ReturnsQuestion:
    """What is forecast, from what; hashable, so that an answer is computed once."""

    now_year: int
    sales: tuple[Sale, ...] = ()
    lives: tuple[Life, ...] = ()
    is_simulated: bool = True

    @property
    def is_from_record(self) -> bool:
        """Whether the record had enough of its own."""
        return bool(self.sales)


def returns_question(gathered: GatheredReturns, now_year: int) -> ReturnsQuestion:
    """Return the question: of the record if enough lives have ended there, else a simulated one.

    Examples
    --------
    >>> returns_question(GatheredReturns((), (), {}, False), 2026).is_from_record
    False
    """
    if gathered.n_ended < limit("events_least"):
        return ReturnsQuestion(now_year)
    return ReturnsQuestion(now_year, gathered.sales, gathered.lives, gathered.is_simulated)


@lru_cache(maxsize=16)
def forecast(question: ReturnsQuestion, *, has_sites: bool) -> ReturnsReport:
    """Return the forecast, with the plan of plants if asked for; what was asked before is known."""
    rng = seeded(1)
    sales, lives = question.sales, question.lives
    first, last = question.now_year - _N_PAST, question.now_year + _N_AHEAD
    if not question.is_from_record:
        market = simulated_market(rng, now_year=question.now_year, last_year=last)
        sales, lives = market.sales, market.lives
    sites = []
    if has_sites:
        first = question.now_year
        table = files("batteryloop.circular.returns").joinpath("example_sites.csv")
        with as_file(table) as path:
            sites = sites_of(read_table(path))
    return report_returns(
        sales,
        lives,
        range(first, last + 1),
        rng,
        sites=sites,
        n_draws=_N_DRAWS,
        is_simulated=question.is_simulated,
        time_limit_s=10.0,
    )


def by_chemistry(made: ReturnsForecast) -> list[Band]:
    """Return a band for each chemistry."""
    return _bands(made, {name: made.by_chemistry(name) for name in made.chemistries})


def by_region(made: ReturnsForecast) -> list[Band]:
    """Return a band for each region."""
    return _bands(made, {name or "–": made.by_region(name) for name in made.regions})


def _bands(made: ReturnsForecast, rows: dict[str, list[Estimate]]) -> list[Band]:
    largest = sorted(rows, key=lambda name: -sum(e.value or 0.0 for e in rows[name]))
    return [
        Band(name, _HUES[place % len(_HUES)], _points(made, rows[name]))
        for place, name in enumerate(largest[:_N_NAMES_MOST])
    ]


def _points(made: ReturnsForecast, estimates: list[Estimate]) -> tuple[BandPoint, ...]:
    return tuple(
        BandPoint(year, e.value, e.low, e.high)
        for year, e in zip(made.years, estimates, strict=True)
        if e.value is not None and e.low is not None and e.high is not None
    )


def year_rows(made: ReturnsForecast) -> list[dict[str, Any]]:
    """Return a row for each year: all, and each chemistry's share."""
    shares = {name: made.share(name) for name in made.chemistries}
    return [
        {
            "year": year,
            "total": total,
            "shares": [shares[name][place] for name in made.chemistries],
        }
        for place, (year, total) in enumerate(zip(made.years, made.total(), strict=True))
    ]
