"""`batteryloop circular responsibility`: what producers owe, have done, and can prove."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import JustifyMethod
from rich.markup import escape
from rich.table import Table

from batteryloop.circular.responsibility.fees import fee_rows
from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.cli.recycle import day_of
from batteryloop.usecases.account_responsibility import (
    ResponsibilityReport,
    account_responsibility,
)
from batteryloop.wiring.clock import now
from batteryloop.wiring.sources import read_table

_MARK = {"late": "✗", "open": "○", "met late": "▲", "met": "✓"}
_MOST_DUTIES = 20


def responsibility(
    ledger: Annotated[
        Path,
        typer.Argument(
            help="CSV: entry_id, kind, party_id, country, category, happened_on, mass_kg …",
            show_default=False,
        ),
    ],
    fees: Annotated[
        Path | None,
        typer.Option("--fees", help="CSV: country, category, chemistry, fee_eur_per_kg, from_on."),
    ] = None,
    party: Annotated[str | None, typer.Option("--party", help="Only this producer's.")] = None,
    on: Annotated[
        str | None, typer.Option("--on", help="The day that counts as today; else today.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Account for producer responsibility: mass by country, collection rates, fees, duties, proof.

    Example: `batteryloop circular responsibility ledger.csv --fees fees.csv --on 2029-03-01`
    """
    report = account_responsibility(
        read_table(ledger),
        day_of("--on", on) if on else now().date(),
        fees=fee_rows(read_table(fees).iter_rows(named=True)) if fees else (),
        party_id=party,
    )
    if as_json:
        screen.print_json(report.as_dict())
    else:
        _print(report)
    screen.print_refusals(report.refused)
    if report.refused and not report.n_entries:
        raise typer.Exit(2)


def _table(title: str, *columns: str, n_left: int = 4) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for number, name in enumerate(columns):
        justify: JustifyMethod = "left" if number < n_left else "right"
        table.add_column(escape(name), justify=justify)
    return table


def _print(report: ResponsibilityReport) -> None:
    table = _table(
        "Mass", "party", "country", "category", "year",
        "placed [kg]", "collected [kg]", "treated [kg]", "exported [kg]",
    )  # fmt: skip
    for account in report.accounts:
        masses = (account.mass_kg[k] for k in ("placed", "collected", "treated", "exported"))
        table.add_row(
            escape(account.party_id),
            account.country,
            account.category,
            str(account.year),
            *(f"{mass:,.0f}" for mass in masses),
        )
    screen.out.print(table)
    if report.rates:
        _print_rates(report)
    _print_fees(report)
    _print_duties(report)
    for finding in report.findings:
        screen.out.print(
            f"▲ {escape(finding.subject)}: {escape(finding.found)} "
            f"[dim]→ {escape(finding.next_step)}[/]",
            soft_wrap=True,
        )


def _print_rates(report: ResponsibilityReport) -> None:
    table = _table(
        "\nCollection", "party", "country", "category", "year", "rate [%]", "target [%]", "",
        "missing [kg]",
    )  # fmt: skip
    for rate in report.rates:
        table.add_row(
            escape(rate.party_id),
            rate.country,
            rate.category,
            str(rate.year),
            "–" if rate.rate_frac is None else f"{100 * rate.rate_frac:.1f}",
            "–" if rate.target_frac is None else f"{100 * rate.target_frac:.0f}",
            {True: "✓ passes", False: "✗ fails", None: rate.reason or "no target"}[rate.passes],
            f"{rate.missing_kg:,.0f}" if rate.missing_kg else "",
        )
    screen.out.print(table)


def _print_fees(report: ResponsibilityReport) -> None:
    table = _table(
        "\nFees", "party", "country", "category", "year", "due [EUR]", "paid [EUR]", "open [EUR]"
    )
    for fee in report.fees:
        table.add_row(
            escape(fee.party_id),
            fee.country,
            fee.category,
            str(fee.year),
            escape(fee.reason) if fee.due_eur is None else f"{fee.due_eur:,.2f}",
            f"{fee.paid_eur:,.2f}",
            "–" if fee.open_eur is None else f"{fee.open_eur:,.2f}",
        )
    screen.out.print(table)


def _print_duties(report: ResponsibilityReport) -> None:
    counts = Counter(duty.state for duty in report.duties)
    said = ", ".join(f"{name} {n}" for name, n in counts.items())
    table = _table(
        f"\nDuties on {report.until}: {said or 'none'}",
        *("state", "duty", "party", "where", "of", "due", "proof"),
        n_left=7,
    )
    for duty in report.duties[:_MOST_DUTIES]:
        table.add_row(
            f"{_MARK[duty.state]} {duty.state}",
            duty.name,
            escape(duty.party_id),
            f"{duty.country} {duty.category}",
            escape(duty.subject),
            duty.due_on.isoformat(),
            escape(duty.evidence or "–"),
        )
    screen.out.print(table)
    if len(report.duties) > _MOST_DUTIES:
        screen.out.print(f"[dim]… and {len(report.duties) - _MOST_DUTIES} more; --json has all[/]")
