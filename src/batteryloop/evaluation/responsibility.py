"""Who must take care that the battery comes back: producer, holder, and what law asks of each."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

from batteryloop.evaluation.inputs import InvolvedParty
from batteryloop.evaluation.types import Duty, RecyclingResponsibility
from batteryloop.record.categories import Category
from batteryloop.reference.countries import is_under

_HOLDERS = ("holder", "operator")


@dataclass(frozen=True, slots=True)
class Obligation:
    """One row of `obligations.csv`: what a law asks of whom, from when until when, and its source.

    `trust` says whether the source was read, seen in excerpt, or is from memory.
    """

    name: str
    jurisdiction: str
    categories: tuple[str, ...]
    addressee: str
    kind: str
    what: str
    from_on: date
    until_on: date | None
    days: int | None
    article: str
    source: str
    trust: str

    def concerns(self, category: Category, country: str) -> bool:
        """Whether it holds for a battery of that category in that country."""
        is_place = is_under(country, self.jurisdiction)
        return is_place and ("*" in self.categories or category.value in self.categories)

    def state(self, on: date) -> Literal["in force", "ahead", "ended"]:
        """Return how it stands on a day."""
        if on < self.from_on:
            return "ahead"
        return "ended" if self.until_on is not None and on > self.until_on else "in force"


@cache
def obligations() -> tuple[Obligation, ...]:
    """Return every obligation, in the table's order.

    Examples
    --------
    >>> found = {o.name: o for o in obligations()}
    >>> found["eu-passport"].state(date(2026, 11, 25))
    'ahead'
    """
    text = files("batteryloop.evaluation").joinpath("obligations.csv").read_text("utf-8")
    return tuple(
        Obligation(
            name=row["name"],
            jurisdiction=row["jurisdiction"],
            categories=tuple(row["categories"].split("|")),
            addressee=row["addressee"],
            kind=row["kind"],
            what=row["what"],
            from_on=date.fromisoformat(row["from_on"]),
            until_on=date.fromisoformat(row["until_on"]) if row["until_on"] else None,
            days=int(row["days"]) if row["days"] else None,
            article=row["article"],
            source=row["source"],
            trust=row["trust"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def responsibility(
    parties: Sequence[InvolvedParty], category: Category | None, country: str | None, on: date
) -> RecyclingResponsibility:
    """Return who is responsible, and what is asked of whom, on a day.

    Parameters
    ----------
    parties : sequence of InvolvedParty
        Who has to do with the battery; of several in one role the latest counts.
    category : Category, optional
        Without it no obligation can be told.
    country : str, optional
        Where the battery is; else the holder's country.
    on : date
        The day.

    Examples
    --------
    >>> maker = InvolvedParty("producer", "Cell Works", "DE")
    >>> told = responsibility([maker], Category.ELECTRIC_VEHICLE, "DE", date(2026, 11, 25))
    >>> told.take_back
    'Cell Works (DE) takes it back free of charge, as Regulation (EU) 2023/1542, Article 61 asks'
    """
    producer = _latest(parties, ("producer",))
    holder = _latest(parties, _HOLDERS)
    place = country or (holder.country if holder else None)
    notes = []
    if producer is None:
        notes.append("no producer is named: who placed it on the market must be found")
    if holder is None:
        notes.append("no holder or operator is named")
    if category is None:
        notes.append("the category is not given, so no obligation can be told")
    if place is None:
        notes.append("no country is given, so no obligation can be told")
    if category is None or place is None:
        return RecyclingResponsibility(producer, holder, place, (), "", tuple(notes))
    duties = tuple(
        _duty(row, parties, on) for row in obligations() if row.concerns(category, place)
    )
    if not duties:
        notes.append(f"no obligation of {place} for category {category} is in the table")
    return RecyclingResponsibility(
        producer, holder, place, duties, _take_back(duties, producer), tuple(notes)
    )


def _latest(parties: Sequence[InvolvedParty], roles: tuple[str, ...]) -> InvolvedParty | None:
    for role in roles:
        held = [party for party in parties if party.role == role]
        if held:
            dated = [party for party in held if party.since_at is not None]
            return max(dated, key=lambda p: p.since_at) if dated else held[-1]  # type: ignore[arg-type,return-value]
    return None


def _duty(row: Obligation, parties: Sequence[InvolvedParty], on: date) -> Duty:
    roles = _HOLDERS if row.addressee == "holder" else (row.addressee,)
    named = _latest(parties, roles)
    return Duty(
        name=row.name,
        jurisdiction=row.jurisdiction,
        addressee=row.addressee,
        kind=row.kind,
        what=row.what,
        state=row.state(on),
        from_on=row.from_on,
        until_on=row.until_on,
        days=row.days,
        rests_on=() if named is None else (f"{named.name} ({named.country})",),
        article=row.article,
        source=row.source,
        trust=row.trust,
    )


def _take_back(duties: Sequence[Duty], producer: InvolvedParty | None) -> str:
    asked = [
        duty
        for duty in duties
        if duty.kind == "take-back" and duty.addressee == "producer" and duty.state == "in force"
    ]
    if not asked:
        return ""
    who = (
        "its producer, who is not named,"
        if producer is None
        else f"{producer.name} ({producer.country})"
    )
    return f"{who} takes it back free of charge, as {asked[0].article} asks"
