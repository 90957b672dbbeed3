"""Fees by country, category and chemistry, modulated by what the batteries are like."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from batteryloop.circular.responsibility.types import FeeAccount, LedgerEntry
from batteryloop.errors import InputWrong, NotKnown
from batteryloop.reference.rows import rows


@dataclass(frozen=True, slots=True)
class FeeRow:
    """A fee of a country's scheme [EUR/kg] from a day on; chemistry `*` is any other."""

    country: str
    category: str
    chemistry: str
    fee_eur_per_kg: float
    from_on: date


@cache
def modulations() -> dict[str, float]:
    """Return the factor of each criterion: project defaults, since no law sets figures.

    Examples
    --------
    >>> modulations()["reusable"]
    0.9
    """
    return {r["criterion"]: float(r["factor"]) for r in rows(__package__, "fee_modulation.csv")}


def fee_rows(table: Iterable[Mapping[str, object]]) -> list[FeeRow]:
    """Return a scheme's fees from rows of `country, category, chemistry, fee_eur_per_kg, from_on`.

    Raises
    ------
    InputWrong
        If a row lacks a column or a cell cannot be read.
    """
    found = []
    for number, row in enumerate(table, start=2):
        try:
            found.append(
                FeeRow(
                    str(row["country"]),
                    str(row["category"]),
                    str(row["chemistry"]),
                    float(str(row["fee_eur_per_kg"])),
                    date.fromisoformat(str(row["from_on"])[:10]),
                )
            )
        except (KeyError, ValueError) as error:
            raise InputWrong(
                f"fees, row {number}",
                f"{type(error).__name__}: {error}",
                "country, category, chemistry, fee_eur_per_kg, from_on",
            ) from None
    return found


def fee_due_eur(entry: LedgerEntry, fees: Sequence[FeeRow]) -> float | None:
    """Return the modulated fee of batteries placed on the market [EUR]; None without a row.

    The latest row in force counts, that of the chemistry before that of any.

    Raises
    ------
    NotKnown
        If a criterion is not known.

    Examples
    --------
    >>> row = FeeRow("FR", "portable", "*", 0.5, date(2025, 1, 1))
    >>> placed = LedgerEntry("E1", "placed", "P", "FR", "portable", date(2026, 1, 1), 100.0,
    ...                      criteria=("reusable",))
    >>> fee_due_eur(placed, [row])
    45.0
    """
    fitting = [
        row
        for row in fees
        if (row.country, row.category) == (entry.country, entry.category)
        and row.chemistry in (entry.chemistry, "*")
        and row.from_on <= entry.happened_on
    ]
    if not fitting:
        return None
    row = max(fitting, key=lambda r: (r.chemistry != "*", r.from_on))
    factor = 1.0
    for criterion in entry.criteria:
        if criterion not in modulations():
            raise NotKnown.among("criterion of a fee", criterion, modulations())
        factor *= modulations()[criterion]
    return entry.mass_kg * row.fee_eur_per_kg * factor


def fee_accounts(entries: Sequence[LedgerEntry], fees: Sequence[FeeRow]) -> tuple[FeeAccount, ...]:
    """Return fees due and paid by party, country, category and year.

    Where a battery placed has no fee row, what is due is not known, and the reason says for what.
    """
    due: dict[tuple[str, str, str, int], float] = {}
    paid: dict[tuple[str, str, str, int], float] = {}
    unknown: dict[tuple[str, str, str, int], str] = {}
    for entry in entries:
        place = (entry.party_id, entry.country, entry.category)
        if entry.kind == "placed":
            key = (*place, entry.happened_on.year)
            fee = fee_due_eur(entry, fees)
            due.setdefault(key, 0.0)
            if fee is None:
                chemistry = entry.chemistry or "chemistry not stated"
                unknown[key] = f"no fee for {entry.category}, {chemistry}, in {entry.country}"
            else:
                due[key] += fee
        elif entry.kind == "fee_paid":
            key = (*place, entry.for_year or entry.happened_on.year - 1)
            paid[key] = paid.get(key, 0.0) + entry.amount_eur
    return tuple(
        FeeAccount(
            *key,
            None if key in unknown else due.get(key, 0.0),
            paid.get(key, 0.0),
            unknown.get(key, ""),
        )
        for key in sorted({*due, *paid})
    )
