"""What will come back, and what producers owe for it, over HTTP."""

from typing import Any

from pydantic import Field, JsonValue

from batteryloop.api.answers import answer, router
from batteryloop.api.house import TheHouse
from batteryloop.api.problems import documented
from batteryloop.api.routes.circular.bodies import Body, Day, Name, Share, Tonnes, Words, table_of
from batteryloop.circular.responsibility.fees import fee_rows
from batteryloop.circular.returns.capacity import Site
from batteryloop.errors import ValueOutOfRange
from batteryloop.usecases.account_responsibility import account_responsibility
from batteryloop.usecases.forecast_returns import lives_from, report_returns, sales_of
from batteryloop.wiring.chance import seeded

ROUTER = router("/circular", "circular")
_N_YEARS_MOST = 30


class SaleIn(Body):
    """What was, or will be, placed on the market in a year."""

    region: Name
    application: Name
    chemistry: Name
    year: int = Field(ge=1990, le=2100)
    mass_t: Tonnes = Field(description="[t]")
    mass_low_t: Tonnes | None = Field(None, description="Lower bound, 90 %. [t]")
    mass_high_t: Tonnes | None = Field(None, description="Upper bound, 90 %. [t]")


class LifeIn(Body):
    """One battery's time in service so far."""

    application: Name
    chemistry: Name
    age_years: float = Field(ge=1e-6, lt=100.0, description="[year]")
    is_ended: bool = Field(description="Whether it has come back.")


class SiteIn(Body):
    """A plant, open or possible."""

    name: Name
    capacity_t: float = Field(ge=1e-6, le=1e8, description="[t/year]")
    opening_usd: float = Field(ge=0.0, le=1e12, description="[USD]")
    fixed_usd: float = Field(ge=0.0, le=1e12, description="[USD/year]")
    treatment_usd_per_t: float = Field(ge=0.0, le=1e6, description="[USD/t]")
    earliest_year: int = Field(ge=1990, le=2100)
    transport_usd_per_t: dict[Name, float] = Field(
        max_length=10, description="From each region. [USD/t]"
    )
    is_open: bool = False


class ReturnsIn(Body):
    """Sales, lives, and the plants that could be opened."""

    sales: list[SaleIn] = Field(min_length=1, max_length=3000)
    lives: list[LifeIn] = Field(min_length=1, max_length=20_000)
    sites: list[SiteIn] = Field([], max_length=8)
    first_year: int | None = Field(None, ge=1990, le=2100, description="This one if not given.")
    last_year: int = Field(2040, ge=1990, le=2100)
    collected_frac: Share = Field(1.0, description="Share of ended ones that is collected. [1]")
    reused_frac: Share = Field(0.0, description="Share of it that lives twice. [1]")
    unserved_usd_per_t: float = Field(2500.0, ge=0.0, le=1e6, description="Unplaced. [USD/t]")
    n_draws: int = Field(400, ge=20, le=1000)
    confidence_frac: float = Field(0.9, ge=0.5, le=0.999, description="[1]")
    seed: int = Field(1, ge=0, le=2**31)


class EntryIn(Body):
    """One entry of a producer's ledger."""

    entry_id: Name
    kind: Name
    party_id: Name
    country: str = Field(pattern="^[A-Z]{2}$")
    category: Name
    happened_on: Day
    mass_kg: float | None = Field(None, ge=0.0, le=1e12, description="[kg]")
    chemistry: Words | None = None
    amount_eur: float | None = Field(None, ge=-1e12, le=1e12, description="[EUR]")
    for_year: int | None = Field(None, ge=1990, le=2100)
    order_id: Words | None = None
    criteria: Words | None = Field(None, description="Criteria of modulation, joined by `|`.")
    evidence: Words | None = None


class FeeIn(Body):
    """A fee of a country's scheme from a day on; chemistry `*` is any other."""

    country: str = Field(pattern="^[A-Z]{2}$")
    category: Name
    chemistry: Name
    fee_eur_per_kg: float = Field(ge=0.0, le=1e4, description="[EUR/kg]")
    from_on: Day


class LedgerIn(Body):
    """A ledger, the fees, and the day that counts as today."""

    entries: list[EntryIn] = Field(min_length=1, max_length=20_000)
    fees: list[FeeIn] = Field([], max_length=1000)
    party_id: Name | None = Field(None, description="Only this party's.")
    on: Day | None = Field(None, description="Today if not given.")


@ROUTER.post(
    "/returns", summary="Forecast returns", response_model=dict[str, JsonValue],
    responses=documented(400, 404),
)  # fmt: skip
def returns(given: ReturnsIn, house: TheHouse) -> Any:  # noqa: ANN401
    """Return what comes back by year, region and chemistry with bands, and when to open what."""
    now = house.now()
    first = given.first_year or now.year
    if not 0 <= given.last_year - first < _N_YEARS_MOST:
        raise ValueOutOfRange(
            "last_year", f"{first} to {given.last_year}", f"1 to {_N_YEARS_MOST} years"
        )
    sales, wrong_sales = sales_of(table_of(given.sales), now)
    lives, wrong_lives = lives_from(table_of(given.lives))
    with house.turns.take("returns"):
        report = report_returns(
            sales,
            lives,
            range(first, given.last_year + 1),
            seeded(given.seed),
            sites=[Site(**site.model_dump()) for site in given.sites],
            unserved_usd_per_t=given.unserved_usd_per_t,
            n_draws=given.n_draws,
            collected_frac=given.collected_frac,
            reused_frac=given.reused_frac,
            confidence_frac=given.confidence_frac,
            refused=[*wrong_sales, *wrong_lives],
            time_limit_s=10.0,
        )
    return answer(report.as_dict())


@ROUTER.post(
    "/responsibility", summary="Account for producer responsibility",
    response_model=dict[str, JsonValue], responses=documented(400, 404),
)  # fmt: skip
def responsibility(given: LedgerIn, house: TheHouse) -> Any:  # noqa: ANN401
    """Return mass by country, collection rates, fees, duties, and what an auditor would ask."""
    with house.turns.take("responsibility"):
        report = account_responsibility(
            table_of(given.entries),
            given.on or house.now().date(),
            fees=fee_rows([fee.model_dump() for fee in given.fees]),
            party_id=given.party_id,
        )
    return answer(report.as_dict())
