"""Account for producer responsibility: mass, rates, fees, duties, and what an auditor asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from batteryloop.circular.responsibility.duties import duty_states
from batteryloop.circular.responsibility.fees import FeeRow, fee_accounts
from batteryloop.circular.responsibility.ledger import (
    checked_entry,
    collection_rates,
    ledger_findings,
    year_accounts,
)
from batteryloop.circular.responsibility.types import (
    CollectionRate,
    DutyState,
    FeeAccount,
    LedgerEntry,
    LedgerFinding,
    YearAccount,
)
from batteryloop.errors import BatteryloopError, ColumnMissing, InputWrong
from batteryloop.usecases.ports import Refusal

_NEEDED = ("entry_id", "kind", "party_id", "country", "category", "happened_on")


@dataclass(frozen=True, slots=True)
class ResponsibilityReport:
    """The state of a ledger on a day."""

    until: date
    n_entries: int
    accounts: tuple[YearAccount, ...]
    rates: tuple[CollectionRate, ...]
    fees: tuple[FeeAccount, ...]
    duties: tuple[DutyState, ...]
    findings: tuple[LedgerFinding, ...]
    refused: tuple[Refusal, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for pages."""
        return {
            "until": self.until.isoformat(),
            "n_entries": self.n_entries,
            "accounts": [account.as_dict() for account in self.accounts],
            "rates": [rate.as_dict() for rate in self.rates],
            "fees": [fee.as_dict() for fee in self.fees],
            "duties": [duty.as_dict() for duty in self.duties],
            "findings": [finding.as_dict() for finding in self.findings],
            "refused": [refusal.as_dict() for refusal in self.refused],
        }


def account_responsibility(
    table: pl.DataFrame, until: date, *, fees: Sequence[FeeRow] = (), party_id: str | None = None
) -> ResponsibilityReport:
    """Return the state of a ledger on a day; a bad entry is refused, not fatal.

    Parameters
    ----------
    table : polars.DataFrame
        Columns `entry_id`, `kind`, `party_id`, `country`, `category`, `happened_on`, and where
        they matter `mass_kg`, `chemistry`, `amount_eur`, `for_year`, `order_id`, `criteria` (joined
        by `|`), `evidence`.
    until : datetime.date
        The day that counts as today.
    fees : sequence of FeeRow, optional
        Of the countries' schemes.
    party_id : str, optional
        Only this party's.

    Raises
    ------
    ColumnMissing
        If a needed column is not there.
    """
    for name in _NEEDED:
        if name not in table.columns:
            raise ColumnMissing("ledger", f"no column {name}", ", ".join(_NEEDED))
    entries: list[LedgerEntry] = []
    refused: list[Refusal] = []
    seen: set[str] = set()
    for row in table.iter_rows(named=True):
        subject = f"entry {row['entry_id']}"
        try:
            entry = checked_entry(_entry(subject, row))
            if entry.entry_id in seen:
                raise InputWrong(subject, "comes twice", "each entry once", "drop one of them")
        except BatteryloopError as error:
            found = error.found if error.subject == subject else f"{error.subject}: {error.found}"
            wrong = InputWrong(subject, found, error.allowed, error.next_step)
            refused.append(Refusal(subject, wrong))
            continue
        seen.add(entry.entry_id)
        if party_id is None or entry.party_id == party_id:
            entries.append(entry)
    accounts = year_accounts(entries)
    return ResponsibilityReport(
        until,
        len(entries),
        accounts,
        collection_rates(accounts, until),
        fee_accounts(entries, fees),
        duty_states(entries, until),
        ledger_findings(entries, until),
        tuple(refused),
    )


def _entry(subject: str, row: Mapping[str, Any]) -> LedgerEntry:
    year = _number(subject, row, "for_year")
    return LedgerEntry(
        str(row["entry_id"]),
        str(row["kind"]),
        str(row["party_id"]),
        str(row["country"]),
        str(row["category"]),
        _day(subject, row["happened_on"]),
        _number(subject, row, "mass_kg") or 0.0,
        _text(row, "chemistry"),
        _number(subject, row, "amount_eur") or 0.0,
        None if year is None else int(year),
        _text(row, "order_id"),
        tuple(part for part in _text(row, "criteria").split("|") if part),
        _text(row, "evidence"),
    )


def _text(row: Mapping[str, Any], name: str) -> str:
    cell = row.get(name)
    return "" if cell is None else str(cell)


def _number(subject: str, row: Mapping[str, Any], name: str) -> float | None:
    text = _text(row, name)
    try:
        return float(text) if text else None
    except ValueError:
        raise InputWrong(subject, f"{name} {text!r}", "a number") from None


def _day(subject: str, cell: object) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    try:
        return date.fromisoformat(str(cell))
    except ValueError:
        raise InputWrong(subject, f"happened_on {cell!r}", "a day such as 2026-12-31") from None
