"""The traction battery code of GB/T 34014-2017: 24 characters, or 19 for a reused product.

X1–3 maker, X4 product, X5 chemistry, X6–7 specification, X8–14 traceability, X15–17 year, month
and day, X18–24 number of that day. A reused product has no X8–14 and ends in R and its product's
letter. The standard's tables were not open to us; `traction_letters.csv` and
`traction_disputes.csv` say from where each reading is and who reads otherwise.
"""

import csv
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from batteryloop.errors import InputWrong, NotKnown

KIND = "GB/T 34014 traction battery code"
# 31 signs: the days of a month, and the years from 2011 on. Month uses the first twelve.
SIGNS = "123456789ABCDEFGHJKLMNPRSTUVWXY"
FIRST_YEAR = 2011
_FORM = re.compile(
    r"(?P<maker>[A-Z0-9]{3})(?P<product>[A-Z0-9])(?P<chemistry>[A-Z0-9])(?P<specification>[A-Z0-9]{2})"
    r"(?P<trace>[A-Z0-9]{7})?(?P<made>[A-Z0-9]{3})(?P<number>[0-9]{7})(?P<reuse>R[PMC])?"
)


class Letter(NamedTuple):
    """What a letter stands for, and how sure that is."""

    meaning: str
    title: str
    source: str
    confidence: str


class Dispute(NamedTuple):
    """A sign that public decoders read in different ways."""

    position: str
    letters: str
    ours: str
    theirs: str
    who: str
    why_ours: str


def _rows(name: str) -> list[dict[str, str]]:
    text = files("batteryloop.record.codes").joinpath(name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def letters(position: str) -> dict[str, Letter]:
    """Return what the letters of a position (`product`, `chemistry`) stand for."""
    return {
        row["letter"]: Letter(row["meaning"], row["title"], row["source"], row["confidence"])
        for row in _rows("traction_letters.csv")
        if row["position"] == position
    }


@cache
def disputes() -> tuple[Dispute, ...]:
    """Return where public decoders disagree, with why it is read here as it is."""
    return tuple(
        Dispute(r["position"], r["letters"], r["ours"], r["theirs"], r["who"], r["why_ours"])
        for r in _rows("traction_disputes.csv")
    )


@dataclass(frozen=True, slots=True)
class TractionCode:
    """What a traction battery code says; `text` is the code in capitals."""

    text: str
    maker: str
    product: str
    chemistry: str
    specification: str
    traceability: str
    made_on: date
    number: int
    is_reuse: bool
    notes: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """Its kind."""
        return KIND

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "kind": self.kind,
            "text": self.text,
            "maker": self.maker,
            "product": self.product,
            "chemistry": self.chemistry,
            "specification": self.specification,
            "traceability": self.traceability,
            "made_on": self.made_on.isoformat(),
            "number": self.number,
            "is_reuse": self.is_reuse,
            "notes": list(self.notes),
        }


def looks_like_traction_code(text: str) -> bool:
    """Return whether length and product's letter are those of a traction battery code."""
    body = text.upper()
    return len(body) in {19, 24} and body.isascii() and body.isalnum() and body[3] in "PMC"


def read_traction_code(text: str, *, today: date | None = None) -> TractionCode:
    """Return what a traction battery code says, with a note on each sign that is in dispute.

    Parameters
    ----------
    text : str
        19 or 24 characters; small letters are read as capitals.
    today : datetime.date, optional
        If given, a code from after it gets a note.

    Raises
    ------
    InputWrong
        If length, a letter or the date cannot be; the position is named.

    Examples
    --------
    >>> code = read_traction_code("04QCB76836300JBC40000903")
    >>> code.product, code.chemistry, code.made_on.isoformat(), code.number
    ('cell', 'LFP', '2021-12-04', 903)
    """
    body = text.strip().upper()
    if len(body) not in {19, 24}:
        raise InputWrong(
            KIND,
            f"{len(body)} characters",
            "24, or 19 for a reused product",
            "join both lines of the label, and leave out what is printed beside the code",
        )
    match = _FORM.fullmatch(body)
    if not match:
        raise InputWrong(
            KIND,
            repr(body),
            "letters and digits; seven digits end it, or come before R",
        )
    product = _letter("product", match["product"], 4)
    chemistry = _letter("chemistry", match["chemistry"], 5)
    if match["reuse"] and match["reuse"][1] not in letters("product"):
        raise InputWrong(KIND, f"ends in {match['reuse']}", "RP, RM or RC")
    made_on = _date(match["made"], 15 if len(body) == 24 else 8)
    notes = _notes(match["made"], is_reuse=bool(match["reuse"]))
    if chemistry.confidence == "one source":
        notes.append(f"chemistry {match['chemistry']}: {chemistry.source}")
    if today is not None and made_on > today:
        notes.append(f"made after {today.isoformat()}: the year may be read wrongly")
    if match["reuse"] and match["reuse"][1] != match["product"]:
        notes.append("the product's letter differs between X4 and the end")
    return TractionCode(
        body,
        match["maker"],
        product.meaning,
        chemistry.meaning,
        match["specification"],
        match["trace"] or "",
        made_on,
        int(match["number"]),
        bool(match["reuse"]),
        tuple(notes),
    )


def make_traction_code(
    *,
    maker: str,
    product: str,
    chemistry: str,
    specification: str,
    made_on: date,
    number: int,
    traceability: str = "",
    is_reuse: bool = False,
) -> TractionCode:
    """Return the code of a product; a reused one has no traceability.

    Raises
    ------
    InputWrong
        If a part cannot be written so.
    NotKnown
        If product or chemistry has no letter.

    Examples
    --------
    >>> make_traction_code(maker="04Q", product="cell", chemistry="LFP", specification="76",
    ...                    traceability="836300J", made_on=date(2021, 12, 4), number=903).text
    '04QCB76836300JBC40000903'
    >>> make_traction_code(maker="04Q", product="pack", chemistry="LFP", specification="76",
    ...                    made_on=date(2031, 1, 31), number=1, is_reuse=True).text
    '04QPB76M1Y0000001RP'
    """
    if not 0 <= made_on.year - FIRST_YEAR < len(SIGNS):
        last = FIRST_YEAR + len(SIGNS) - 1
        raise InputWrong(KIND, f"made in {made_on.year}", f"{FIRST_YEAR} to {last}")
    if not 1 <= number <= 9_999_999:
        raise InputWrong(KIND, f"number {number}", "1 to 9999999")
    if bool(traceability) == is_reuse:
        raise InputWrong(
            KIND,
            "traceability given" if is_reuse else "no traceability given",
            "seven characters on a new product, none on a reused one",
        )
    letter = _letter_of("product", product)
    made = SIGNS[made_on.year - FIRST_YEAR] + SIGNS[made_on.month - 1] + SIGNS[made_on.day - 1]
    end = f"R{letter}" if is_reuse else ""
    text = (
        f"{maker}{letter}{_letter_of('chemistry', chemistry)}{specification}{traceability}"
        f"{made}{number:07d}{end}"
    )
    return read_traction_code(text)


def _letter(position: str, sign: str, place: int) -> Letter:
    known = letters(position)
    if sign not in known:
        raise InputWrong(KIND, f"{sign} at X{place} is no {position}", ", ".join(sorted(known)))
    return known[sign]


def _letter_of(position: str, meaning: str) -> str:
    by_meaning = {row.meaning.casefold(): sign for sign, row in letters(position).items()}
    if meaning.casefold() not in by_meaning:
        raise NotKnown.among(position, meaning, [row.meaning for row in letters(position).values()])
    return by_meaning[meaning.casefold()]


def _date(signs: str, place: int) -> date:
    for offset, sign in enumerate(signs):
        allowed = SIGNS[:12] if offset == 1 else SIGNS
        if sign not in allowed:
            what = ("year", "month", "day")[offset]
            raise InputWrong(
                KIND,
                f"{sign} at X{place + offset} is no {what}",
                "1–9 and A–C" if offset == 1 else "1–9 and A–Y without I, O, Q",
            )
    year, month, day = (SIGNS.index(sign) for sign in signs)
    try:
        return date(FIRST_YEAR + year, month + 1, day + 1)
    except ValueError:
        raise InputWrong(
            KIND,
            f"{FIRST_YEAR + year}-{month + 1:02d}-{day + 1:02d} is no day",
            "a day of the calendar",
            "read X15–17 again",
        ) from None


def _notes(made: str, *, is_reuse: bool) -> list[str]:
    at = dict(zip(("year", "month", "day"), made, strict=True))
    notes = []
    for dispute in disputes():
        sign = at.get(dispute.position, "R" if dispute.position == "length" and is_reuse else "")
        if sign and sign in dispute.letters:
            notes.append(
                f"{dispute.position} {sign}: {dispute.ours}; {dispute.who} reads {dispute.theirs}; "
                f"ours because {dispute.why_ours}"
            )
    return notes
