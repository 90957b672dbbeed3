"""`batteryloop circular triage`: where each returned pack goes, with the proof and the reasons."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from batteryloop.circular.gates import DEFAULT_PROFILES
from batteryloop.circular.triage.explain import Explanation, explain
from batteryloop.circular.triage.plan import TriagePlan, fates_of, limits_table
from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.errors import OptionWrong
from batteryloop.usecases.simulate_returns import simulate_returns
from batteryloop.usecases.triage_returns import Rows, TriageOptions, triage_returns
from batteryloop.wiring.chance import seeded
from batteryloop.wiring.clock import now
from batteryloop.wiring.sources import read_table

_MOST_LIMITS = 12


def triage(
    returns: Annotated[
        Path | None,
        typer.Argument(help="CSV or Parquet, one row a pack; see the guide.", show_default=False),
    ] = None,
    facilities: Annotated[
        Path | None, typer.Option(help="CSV or Parquet, one row a facility.", show_default=False)
    ] = None,
    limits: Annotated[
        Path | None,
        typer.Option(help="Further limits by facility, fate, chemistry.", show_default=False),
    ] = None,
    values: Annotated[
        Path | None,
        typer.Option(help="Your values and costs, rows as fates.csv.", show_default=False),
    ] = None,
    gates: Annotated[
        Path | None,
        typer.Option(help="Your gates, rows as gates.csv.", show_default=False),
    ] = None,
    profile: Annotated[
        list[str] | None,
        typer.Option("--profile", help="Profile of gates to apply; may be repeated."),
    ] = None,
    carbon_budget_kgco2e: Annotated[
        float | None,
        typer.Option(
            "--carbon-budget-kg", help="Most emissions in kg CO2e, savings counted; may be below 0."
        ),
    ] = None,
    no_tests: Annotated[
        bool, typer.Option("--no-tests", help="Decide every pack now, none is tested first.")
    ] = False,
    why: Annotated[
        list[str] | None,
        typer.Option("--why", help="Explain this pack's decision; may be repeated."),
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(help="Day of the decision; today if not given.", formats=["%Y-%m-%d"]),
    ] = None,
    simulate: Annotated[
        int, typer.Option(help="Triage so many SIMULATED packs in a SIMULATED network.", min=0)
    ] = 0,
    seed: Annotated[int, typer.Option(help="Seed of what is simulated.", min=0)] = 1,
    as_json: AsJson = False,
) -> None:
    """Decide where returned packs go: fate and facility of each, the bound, prices of room.

    Example: `batteryloop circular triage returns.csv --facilities network.csv --why BAT-0042`
    """
    if simulate:
        batch = simulate_returns(simulate, rng=seeded(seed))
        packs, network = batch.returns, batch.facilities
    elif returns is None or facilities is None:
        raise OptionWrong(
            "triage", "no returns or no facilities", "RETURNS and --facilities, or --simulate N"
        )
    else:
        packs, network = read_table(returns), read_table(facilities)
    day = (on or now()).date()
    options = TriageOptions(
        day,
        fate_rows=_rows(values),
        gate_rows=_rows(gates),
        carbon_most_kgco2e=carbon_budget_kgco2e,
        has_tests=not no_tests,
        profiles=tuple(profile or DEFAULT_PROFILES),
    )
    found = triage_returns(
        packs, network, options, limits=None if limits is None else read_table(limits)
    )
    reasons = [explain(found.plan, name) for name in why or ()]
    if as_json:
        document: dict[str, Any] = found.as_dict()
        document["is_simulated"] = bool(simulate)
        document["why"] = [reason.as_dict() for reason in reasons]
        screen.print_json(document)
        return
    _print(found.plan, is_simulated=bool(simulate))
    for reason in reasons:
        _print_reason(reason)
    screen.print_refusals(found.refusals)


def _rows(path: Path | None) -> Rows | None:
    if path is None:
        return None
    return [
        {name: "" if value is None else str(value) for name, value in row.items()}
        for row in read_table(path).iter_rows(named=True)
    ]


def _print(plan: TriagePlan, *, is_simulated: bool) -> None:
    mark = "SIMULATED: " if is_simulated else ""
    table = Table(
        title=f"{mark}{plan.problem.n_packs:,} packs", title_justify="left", box=None,
        pad_edge=False,
    )  # fmt: skip
    table.add_column("fate", no_wrap=True)
    for name in ("packs", r"mass \[t]", r"value \[EUR]"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in fates_of(plan):
        if row["n_packs"]:
            table.add_row(
                row["fate"],
                f"{row['n_packs']:,}",
                f"{row['mass_kg'] / 1000:,.1f}",
                f"{row['value_eur']:,.0f}",
            )
    screen.out.print(table)
    solved = plan.solved
    kind = "exact" if solved.is_exact else "by prices"
    screen.out.print(
        f"worth {solved.value_eur:,.0f} EUR ({plan.value_low_eur:,.0f} to "
        f"{plan.value_high_eur:,.0f} over the range of prices); no plan is worth more than "
        f"{solved.bound_eur:,.0f} EUR: at most {plan.gap_frac:.4%} short ({kind})",
        soft_wrap=True,
    )
    scarce = sorted(
        (row for row in limits_table(plan) if row["price_eur_per_unit"] > 1e-6),
        key=lambda row: -row["price_eur_per_unit"] * row["most"],
    )
    if scarce:
        limits = Table(title="Scarce room", title_justify="left", box=None, pad_edge=False)
        limits.add_column("limit", no_wrap=True)
        for name in ("used", "most", r"one more is worth \[EUR]"):
            limits.add_column(name, justify="right", no_wrap=True)
        for row in scarce[:_MOST_LIMITS]:
            limits.add_row(
                escape(row["limit"]),
                f"{row['used']:,.0f}",
                f"{row['most']:,.0f}",
                f"{row['price_eur_per_unit']:,.3f}",
            )
        screen.out.print(limits)


def _print_reason(reason: Explanation) -> None:
    screen.out.print(f"\n{escape(reason.sentence)}", soft_wrap=True)
    for flip in reason.flips:
        is_share = flip.unit == "1"
        found, needed = (
            f"{v:.2%}" if is_share else f"{v:,.2f} {flip.unit}" for v in (flip.found, flip.needed)
        )
        screen.out.print(
            escape(f"  {flip.quantity} {found}: at {needed} it would be {flip.leads_to}"),
            soft_wrap=True,
        )
