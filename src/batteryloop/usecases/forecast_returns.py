"""Forecast what comes back and, where sites are given, plan which to open when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from batteryloop.circular.returns.capacity import CapacityPlan, Site, plan_capacity
from batteryloop.circular.returns.forecast import ReturnsForecast, forecast_returns
from batteryloop.circular.returns.lifetimes import life_curves, limit
from batteryloop.circular.returns.types import Life, Sale
from batteryloop.errors import ColumnMissing, InputWrong, ValueOutOfRange
from batteryloop.usecases.ports import Refusal

_REACH_90 = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class ReturnsReport:
    """A forecast of returns, the plan of capacity where one was asked for, what was refused."""

    forecast: ReturnsForecast
    plan: CapacityPlan | None
    refused: tuple[Refusal, ...]
    is_simulated: bool

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for pages."""
        return {
            "is_simulated": self.is_simulated,
            "forecast": self.forecast.as_dict(),
            "plan": self.plan.as_dict() if self.plan else None,
            "refused": [refusal.as_dict() for refusal in self.refused],
        }


def report_returns(
    sales: Sequence[Sale],
    lives: Sequence[Life],
    years: Sequence[int],
    rng: np.random.Generator,
    *,
    sites: Sequence[Site] = (),
    unserved_usd_per_t: float = 2500.0,
    n_draws: int = 400,
    collected_frac: float = 1.0,
    reused_frac: float = 0.0,
    confidence_frac: float = 0.9,
    refused: Sequence[Refusal] = (),
    is_simulated: bool = False,
    time_limit_s: float = 60.0,
) -> ReturnsReport:
    """Return the forecast of returns and, where sites are given, the plan of capacity.

    Parameters
    ----------
    sales, years, rng, n_draws, collected_frac, reused_frac, confidence_frac
        As the room's `forecast_returns` takes them.
    lives : sequence of Life
        Lives so far, from which the life curves are fitted.
    sites : sequence of Site, optional
        Open and possible plants.
    unserved_usd_per_t : float, optional
        What a tonne costs that no plant takes [USD/t].
    refused : sequence of Refusal, optional
        What the tables held that could not be used.
    is_simulated : bool, optional
        Whether sales and lives are simulated.
    time_limit_s : float, optional
        When each programme of the plan stops at the latest [s].

    Raises
    ------
    InputWrong
        If there are too few ended lives, or sales or sites cannot be.
    """
    curves = life_curves(lives, [(sale.application, sale.chemistry) for sale in sales])
    forecast = forecast_returns(
        sales,
        curves,
        years,
        rng,
        n_draws=n_draws,
        collected_frac=collected_frac,
        reused_frac=reused_frac,
        confidence_frac=confidence_frac,
    )
    plan = None
    if sites:
        plan = plan_capacity(
            sites,
            forecast.years,
            forecast.regions,
            forecast.regional_t(),
            unserved_usd_per_t=unserved_usd_per_t,
            time_limit_s=time_limit_s,
        )
    return ReturnsReport(forecast, plan, tuple(refused), is_simulated)


def sales_of(table: pl.DataFrame, now: datetime) -> tuple[list[Sale], list[Refusal]]:
    """Return sales from a table, and the rows that cannot be used.

    Columns `region`, `application`, `chemistry`, `year`, `mass_t`; `mass_low_t` and `mass_high_t`
    are the bounds. Where they are not given, past years are taken as known and years ahead get the
    spread of `limits.csv`, growing with the root of the years ahead.

    Raises
    ------
    ColumnMissing
        If a column is not there.
    """
    _want(table, "sales", ("region", "application", "chemistry", "year", "mass_t"))
    sales, refused = [], []
    for number, row in enumerate(table.iter_rows(named=True), start=2):
        subject = f"sales, row {number}"
        try:
            sales.append(_sale(subject, row, now.year))
        except InputWrong as error:
            refused.append(Refusal(subject, error))
    return sales, refused


def lives_from(table: pl.DataFrame) -> tuple[list[Life], list[Refusal]]:
    """Return lives from a table with `application`, `chemistry`, `age_years`, `is_ended`.

    Raises
    ------
    ColumnMissing
        If a column is not there.
    """
    _want(table, "lives", ("application", "chemistry", "age_years", "is_ended"))
    lives, refused = [], []
    for number, row in enumerate(table.iter_rows(named=True), start=2):
        subject = f"lives, row {number}"
        age = _number(row["age_years"])
        ended = str(row["is_ended"]).strip().lower()
        if age is None or not 0 < age < 100:
            error = ValueOutOfRange(subject, f"age {row['age_years']} years", "above 0, below 100")
            refused.append(Refusal(subject, error))
        elif ended not in ("true", "false", "1", "0"):
            error = ValueOutOfRange(subject, f"is_ended {row['is_ended']!r}", "true or false")
            refused.append(Refusal(subject, error))
        else:
            is_ended = ended in ("true", "1")
            lives.append(Life(str(row["application"]), str(row["chemistry"]), age, is_ended))
    return lives, refused


def sites_of(table: pl.DataFrame) -> list[Site]:
    """Return sites from a table; columns `from_<region>` say what transport costs [USD/t].

    Raises
    ------
    ColumnMissing
        If a column is not there.
    ValueOutOfRange
        If a cell is no number.
    """
    wanted = (
        "name",
        "capacity_t",
        "opening_usd",
        "fixed_usd",
        "treatment_usd_per_t",
        "earliest_year",
        "is_open",
    )
    _want(table, "sites", wanted)
    return [
        Site(
            str(row["name"]),
            _certain(row, "capacity_t"),
            _certain(row, "opening_usd"),
            _certain(row, "fixed_usd"),
            _certain(row, "treatment_usd_per_t"),
            int(_certain(row, "earliest_year")),
            {
                name.removeprefix("from_"): _certain(row, name)
                for name in table.columns
                if name.startswith("from_")
            },
            str(row["is_open"]).strip().lower() in ("true", "1"),
        )
        for row in table.iter_rows(named=True)
    ]


def _want(table: pl.DataFrame, subject: str, names: Sequence[str]) -> None:
    for name in names:
        if name not in table.columns:
            raise ColumnMissing(subject, f"no column {name}", ", ".join(names))


def _number(cell: object) -> float | None:
    try:
        value = float(str(cell))
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _certain(row: Mapping[str, Any], name: str) -> float:
    value = _number(row[name])
    if value is None:
        raise ValueOutOfRange(f"site {row['name']}", f"{name} {row[name]!r}", "a number")
    return value


def _sale(subject: str, row: Mapping[str, Any], now_year: int) -> Sale:
    mass, year = _number(row["mass_t"]), _number(row["year"])
    if mass is None or mass < 0 or year is None or not 1990 <= year <= 2100:
        raise ValueOutOfRange(
            subject, f"{row['mass_t']} t in {row['year']}", "0 t or more in 1990 to 2100"
        )
    low, high = _number(row.get("mass_low_t")), _number(row.get("mass_high_t"))
    ahead = max(int(year) - now_year, 0)
    reach = float(np.exp(_REACH_90 * limit("spread_future_frac") * np.sqrt(ahead)))
    low = mass / reach if low is None else low
    high = mass * reach if high is None else high
    if not 0 <= low <= mass <= high:
        raise ValueOutOfRange(subject, f"{low:g}, {mass:g}, {high:g} t", "low ≤ mass ≤ high")
    region, application, chemistry = (
        str(row[name]) for name in ("region", "application", "chemistry")
    )
    return Sale(region, application, chemistry, int(year), mass, low, high)
