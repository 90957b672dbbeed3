"""Make labels of batteries: facts from a passport or a table, the code checked, what is missing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from batteryloop.errors import BatteryloopError, InputWrong
from batteryloop.passport.carrier import LabelFacts, label_facts_of
from batteryloop.record.codes import recognise
from batteryloop.usecases.ports import Refusal
from batteryloop.usecases.sign_passport import signed_part


@dataclass(frozen=True, slots=True)
class BatteryLabel:
    """A label's facts, what its code is, and what the law asks for beyond them."""

    subject: str
    facts: LabelFacts
    code_kind: str
    missing: tuple[str, ...]
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for tables."""
        return {
            "subject": self.subject,
            "battery_id": self.facts.battery_id,
            "link": self.facts.link,
            "code_kind": self.code_kind,
            "says": dict(self.facts.words()),
            "missing": list(self.missing),
            "notes": list(self.notes),
        }


def label_batteries(
    documents: Iterable[tuple[str, object]], *, on: date, link: str = ""
) -> Iterator[BatteryLabel | Refusal]:
    """Yield a label for each document, or why there can be none.

    Parameters
    ----------
    documents : iterable of (name, JSON)
        Passports of batteryloop (of several versions the newest), or tables of a label's facts.
    on : datetime.date
        The day whose law counts.
    link : str, default ""
        What the code leads to, if the document does not say it.
    """
    for name, document in documents:
        try:
            yield _label(name, document, on, link)
        except BatteryloopError as error:
            yield Refusal(name, error)


def _label(name: str, document: object, on: date, link: str) -> BatteryLabel:
    facts = label_facts_of(signed_part(document), subject=name)
    if link:
        facts = replace(facts, link=link)
    if not facts.link.startswith(("https://", "http://")):
        raise InputWrong(
            name,
            "has no link for its code",
            "a GS1 Digital Link or an identification link",
            "give --link, or make one with `batteryloop record code-make gs1 …`",
        )
    code = recognise(facts.link)
    facts = replace(facts, link=code.text)
    missing = tuple(f"{item.title} ({item.legal_reference})" for item in facts.missing(on))
    return BatteryLabel(name, facts, code.kind, missing, code.notes)
