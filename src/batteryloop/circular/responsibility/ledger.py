"""Mass by country, category and year, collection rates, and what an auditor would ask."""

from collections.abc import Sequence
from datetime import date

from batteryloop.circular.responsibility.types import (
    EVIDENCED,
    KINDS,
    CollectionRate,
    LedgerEntry,
    LedgerFinding,
    YearAccount,
)
from batteryloop.errors import InputWrong, NotKnown, ValueOutOfRange
from batteryloop.record.categories import Category
from batteryloop.reference.countries import countries, is_under
from batteryloop.reference.recycling_targets import targets_on
from batteryloop.reference.rows import rows

_OF_MASS = ("placed", "collected", "treated", "exported")
Key = tuple[str, str, str, int]


def checked_entry(entry: LedgerEntry) -> LedgerEntry:
    """Return the entry, or say what is wrong with it.

    Raises
    ------
    NotKnown
        If kind, category or country is not known.
    ValueOutOfRange
        If a mass or an amount is negative, or missing where the kind needs it.

    Examples
    --------
    >>> entry = LedgerEntry("E1", "placed", "P", "FR", "portable", date(2026, 1, 1), 5.0)
    >>> checked_entry(entry).kind
    'placed'
    """
    if entry.kind not in KINDS:
        raise NotKnown.among("kind of entry", entry.kind, KINDS)
    categories = [category.value for category in Category]
    if entry.category not in categories:
        raise NotKnown.among("category", entry.category, categories)
    if entry.country not in countries():
        raise NotKnown.among("country", entry.country, countries())
    if entry.mass_kg < 0 or (entry.kind in _OF_MASS and not entry.mass_kg > 0):
        raise ValueOutOfRange(f"entry {entry.entry_id}", f"{entry.mass_kg:g} kg", "above 0 kg")
    if entry.kind == "fee_paid" and not entry.amount_eur > 0:
        raise ValueOutOfRange(f"entry {entry.entry_id}", f"{entry.amount_eur:g} EUR", "above 0 EUR")
    if entry.kind.startswith("take_back") and not entry.order_id:
        raise InputWrong(f"entry {entry.entry_id}", "no order", "a take-back names its order")
    return entry


def year_accounts(entries: Sequence[LedgerEntry]) -> tuple[YearAccount, ...]:
    """Return the mass of each kind by party, country, category and year.

    Examples
    --------
    >>> entry = LedgerEntry("E1", "placed", "P", "FR", "portable", date(2026, 1, 1), 5.0, "LFP")
    >>> year_accounts([entry])[0].placed_by_chemistry_kg
    {'LFP': 5.0}
    """
    masses: dict[Key, dict[str, float]] = {}
    placed: dict[Key, dict[str, float]] = {}
    for entry in entries:
        if entry.kind not in _OF_MASS:
            continue
        key = (entry.party_id, entry.country, entry.category, entry.happened_on.year)
        into = masses.setdefault(key, dict.fromkeys(_OF_MASS, 0.0))
        into[entry.kind] += entry.mass_kg
        if entry.kind == "placed":
            by = placed.setdefault(key, {})
            name = entry.chemistry or "not stated"
            by[name] = by.get(name, 0.0) + entry.mass_kg
    return tuple(YearAccount(*key, masses[key], placed.get(key, {})) for key in sorted(masses))


def collection_rates(accounts: Sequence[YearAccount], until: date) -> tuple[CollectionRate, ...]:
    """Return the collection rate of each whole year with its target.

    Collected in the year over the mean mass placed on the market in the years of
    `rate_bases.csv`; the target is the one in force at the end of the year. A year that is not
    over by `until`, or whose years before are not in the ledger, has no rate, and says why.

    Examples
    --------
    >>> def account(year, **kg):
    ...     return YearAccount("P", "FR", "portable", year, kg, {})
    >>> accounts = [account(y, placed=100.0, collected=65.0) for y in (2025, 2026, 2027)]
    >>> rate = collection_rates(accounts, date(2028, 1, 1))[-1]
    >>> rate.rate_frac, rate.target_frac, rate.passes
    (0.65, 0.63, True)
    """
    bases = {row["category"]: row for row in rows(__package__, "rate_bases.csv")}
    known = {(a.party_id, a.country, a.category, a.year): a for a in accounts}
    found = []
    for (party, country, category, year), account in known.items():
        if category not in bases or not is_under(country, "EU"):
            continue
        last = year if bases[category]["is_own_year_in"] == "true" else year - 1
        years = range(last - int(bases[category]["n_years"]) + 1, last + 1)
        absent = [str(y) for y in years if (party, country, category, y) not in known]
        target = targets_on("collection", date(year, 12, 31)).get(category)
        wanted = target.target_frac if target else None
        reason, rate, missing = "", None, 0.0
        if date(year, 12, 31) > until:
            reason = f"{year} is not over"
        elif absent:
            reason = f"nothing is in the ledger for {', '.join(absent)}"
        else:
            basis = sum(
                known[party, country, category, y].mass_kg.get("placed", 0.0) for y in years
            ) / len(years)
            collected = account.mass_kg.get("collected", 0.0)
            if basis > 0:
                rate = collected / basis
                missing = max((wanted or 0.0) * basis - collected, 0.0)
            else:
                reason = "nothing was placed on the market in those years"
        found.append(CollectionRate(party, country, category, year, rate, wanted, missing, reason))
    return tuple(found)


def ledger_findings(entries: Sequence[LedgerEntry], until: date) -> tuple[LedgerFinding, ...]:
    """Return what an auditor would ask: no evidence, more treated than collected, days to come.

    Examples
    --------
    >>> entry = LedgerEntry("E1", "treated", "P", "FR", "portable", date(2026, 1, 1), 5.0)
    >>> [finding.found for finding in ledger_findings([entry], date(2027, 1, 1))]
    ['treated without evidence', '5 kg more treated and exported than collected']
    """
    found = [
        LedgerFinding(entry.entry_id, f"{entry.kind} without evidence", "attach the document")
        for entry in entries
        if entry.kind in EVIDENCED and not entry.evidence
    ]
    found += [
        LedgerFinding(entry.entry_id, f"happens on {entry.happened_on}", "correct the day")
        for entry in entries
        if entry.happened_on > until
    ]
    stock: dict[tuple[str, str, str], float] = {}
    for entry in entries:
        sign = {"collected": 1.0, "treated": -1.0, "exported": -1.0}.get(entry.kind, 0.0)
        key = (entry.party_id, entry.country, entry.category)
        stock[key] = stock.get(key, 0.0) + sign * entry.mass_kg
    found += [
        LedgerFinding(
            ", ".join(key),
            f"{-mass:g} kg more treated and exported than collected",
            "find the collection that is missing or the mass counted twice",
        )
        for key, mass in stock.items()
        if mass < -1e-6
    ]
    return tuple(found)
