"""The unique identifier of ISO/IEC 15459: issuing agency, company, serial number.

Point 3 of DIN DKE SPEC 99100 clause 6.1.2.2 asks for it or an equivalent. The standard's text was
not open to us: the rules are those that public guides state, and each agency's row says so.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from batteryloop.errors import InputWrong, NotKnown

KIND = "ISO/IEC 15459 unique identifier"
LONGEST = 50
_DATA_IDENTIFIER = "25S"
_SERIAL = re.compile(r"[A-Z0-9*+\-./()!]+")


class Agency(NamedTuple):
    """Who gives out company numbers, and how these look."""

    code: str
    agency: str
    company_pattern: str
    source: str
    confidence: str


@cache
def issuing_agencies() -> dict[str, Agency]:
    """Return the known issuing agencies by code."""
    text = files("batteryloop.record.codes").joinpath("issuing_agencies.csv").read_text("utf-8")
    return {
        row["code"]: Agency(
            row["code"], row["agency"], row["company_pattern"], row["source"], row["confidence"]
        )
        for row in csv.DictReader(text.splitlines())
    }


@dataclass(frozen=True, slots=True)
class UniqueIdentifier:
    """An issuing agency's code, a company's number, a serial number.

    Raises
    ------
    NotKnown
        If the agency is not in the table.
    InputWrong
        If the company's number has not the agency's form, a character may not stand, or the
        whole is longer than 50 characters.

    Examples
    --------
    >>> UniqueIdentifier("UN", "123456789", "BAT0042").text
    'UN123456789BAT0042'
    """

    agency: str
    company: str
    serial: str
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.agency not in issuing_agencies():
            raise NotKnown.among("issuing agency", self.agency, issuing_agencies())
        known = issuing_agencies()[self.agency]
        if not re.fullmatch(known.company_pattern, self.company, re.ASCII):
            raise InputWrong(
                f"company {self.company!r}",
                f"has not the form of {known.agency}",
                known.company_pattern,
            )
        if not _SERIAL.fullmatch(self.serial):
            raise InputWrong(
                f"serial {self.serial!r}",
                "has a character that may not stand, or is empty",
                "A–Z, 0–9 and * + - . / ( ) !",
            )
        if len(self.text) > LONGEST:
            raise InputWrong(KIND, f"{len(self.text)} characters", f"at most {LONGEST}")

    @property
    def kind(self) -> str:
        """Its kind."""
        return KIND

    @property
    def text(self) -> str:
        """All three in one."""
        return f"{self.agency}{self.company}{self.serial}"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        known = issuing_agencies()[self.agency]
        return {
            "kind": self.kind,
            "text": self.text,
            "issuing_agency": self.agency,
            "issuing_agency_name": known.agency,
            "company": self.company,
            "serial": self.serial,
            "notes": list(self.notes),
        }


def read_unique_identifier(text: str) -> UniqueIdentifier:
    """Return the identifier in a text, with or without the data identifier 25S before it.

    Raises
    ------
    InputWrong
        If no known agency and company begin it.

    Examples
    --------
    >>> read_unique_identifier("25SUN123456789BAT0042").company
    '123456789'
    """
    body = text.removeprefix(_DATA_IDENTIFIER)
    for agency in sorted(issuing_agencies().values(), key=lambda a: -len(a.code)):
        pattern = rf"({agency.code})({agency.company_pattern})(.+)"
        match = re.fullmatch(pattern, body, re.ASCII)
        if match:
            note = f"the form of {agency.agency}'s company numbers is from {agency.confidence}"
            return UniqueIdentifier(match[1], match[2], match[3], (note,))
    raise InputWrong(
        KIND,
        f"{text[:60]!r} begins with no agency's code and company's number known here",
        ", ".join(sorted(issuing_agencies())),
        "give agency, company and serial apart, or add the agency to issuing_agencies.csv",
    )
