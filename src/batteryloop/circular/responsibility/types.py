"""Frozen records of the ledger of producer responsibility."""

from dataclasses import dataclass
from datetime import date
from typing import Any

KINDS = (
    "registered",
    "placed",
    "collected",
    "treated",
    "exported",
    "fee_paid",
    "take_back_ordered",
    "take_back_done",
    "report_filed",
)
# Kinds of which an authority asks for a document.
EVIDENCED = ("registered", "treated", "exported", "take_back_done", "report_filed")


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One line of the ledger: what a party did, where, of which batteries, and the proof.

    Parameters
    ----------
    entry_id : str
        Unique; a second one of the same name is refused.
    kind : str
        One of `KINDS`.
    party_id : str
        The producer responsible.
    country : str
        ISO 3166 code of two letters.
    category : str
        A legal category, such as `electric-vehicle`.
    happened_on : datetime.date
        When; a report or a fee counts for the year of `for_year`.
    mass_kg : float
        Mass of batteries; 0 where there is none.
    chemistry : str
        Where it is known.
    amount_eur : float
        Of a fee paid.
    for_year : int, optional
        The year that a report or a fee is for; the year before, if not given.
    order_id : str
        Joins a take-back order and what was done.
    criteria : tuple of str
        What modulates the fee of batteries placed: names of `fee_modulation.csv`.
    evidence : str
        Name or SHA-256 of the document.
    """

    entry_id: str
    kind: str
    party_id: str
    country: str
    category: str
    happened_on: date
    mass_kg: float = 0.0
    chemistry: str = ""
    amount_eur: float = 0.0
    for_year: int | None = None
    order_id: str = ""
    criteria: tuple[str, ...] = ()
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class YearAccount:
    """Mass by kind and chemistry of one party, country, category and year [kg]."""

    party_id: str
    country: str
    category: str
    year: int
    mass_kg: dict[str, float]
    placed_by_chemistry_kg: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for tables."""
        return {
            "party_id": self.party_id,
            "country": self.country,
            "category": self.category,
            "year": self.year,
            "mass_kg": dict(self.mass_kg),
            "placed_by_chemistry_kg": dict(self.placed_by_chemistry_kg),
        }


@dataclass(frozen=True, slots=True)
class CollectionRate:
    """Collected over what was placed on the market, against the target; or why not known."""

    party_id: str
    country: str
    category: str
    year: int
    rate_frac: float | None
    target_frac: float | None
    missing_kg: float
    reason: str

    @property
    def passes(self) -> bool | None:
        """Whether the target is reached; None where rate or target is not there."""
        if self.rate_frac is None or self.target_frac is None:
            return None
        return self.rate_frac >= self.target_frac - 1e-9

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for tables."""
        return {
            "party_id": self.party_id,
            "country": self.country,
            "category": self.category,
            "year": self.year,
            "rate_frac": self.rate_frac,
            "target_frac": self.target_frac,
            "passes": self.passes,
            "missing_kg": self.missing_kg,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class FeeAccount:
    """Fees due and paid of one party, country, category and year [EUR]."""

    party_id: str
    country: str
    category: str
    year: int
    due_eur: float | None
    paid_eur: float
    reason: str = ""

    @property
    def open_eur(self) -> float | None:
        """What is still to be paid [EUR]; below zero it was too much."""
        return None if self.due_eur is None else self.due_eur - self.paid_eur

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for tables."""
        return {
            "party_id": self.party_id,
            "country": self.country,
            "category": self.category,
            "year": self.year,
            "due_eur": self.due_eur,
            "paid_eur": self.paid_eur,
            "open_eur": self.open_eur,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class DutyState:
    """One duty of a party: `met`, `open` until its day, `late` or `met late`, and the proof."""

    name: str
    party_id: str
    country: str
    category: str
    subject: str
    due_on: date
    state: str
    what: str
    article: str
    evidence: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for tables."""
        return {
            "name": self.name,
            "party_id": self.party_id,
            "country": self.country,
            "category": self.category,
            "subject": self.subject,
            "due_on": self.due_on.isoformat(),
            "state": self.state,
            "what": self.what,
            "article": self.article,
            "evidence": self.evidence,
        }


@dataclass(frozen=True, slots=True)
class LedgerFinding:
    """Something in the ledger that an auditor would ask about."""

    subject: str
    found: str
    next_step: str

    def as_dict(self) -> dict[str, str]:
        """Return it as plain data, for JSON and for tables."""
        return {"subject": self.subject, "found": self.found, "next_step": self.next_step}
