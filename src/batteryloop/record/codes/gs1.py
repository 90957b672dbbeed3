"""GS1 identity of one item: a GS1 Digital Link, or the same as an element string.

Sources: GS1 Digital Link Standard: URI Syntax 1.4, section 4.9; GS1 General Specifications,
section 7.9 (check digit) and figure 7.11-1 (character set 82).
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from batteryloop.errors import InputWrong
from batteryloop.record.codes.percent import decoded, encoded
from batteryloop.record.codes.url import Url, url_of

KIND = "GS1 Digital Link"
_CHARSETS = {
    "digits": re.compile(r"[0-9]+"),
    "82": re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+"),
}
_ELEMENT = re.compile(r"\(([0-9]{2,4})\)")
DEFAULT_HOST = "id.gs1.org"


class _Identifier(NamedTuple):
    name: str
    path: str
    place: int
    length_min: int
    length_max: int
    charset: str
    title: str


@cache
def _identifiers() -> dict[str, _Identifier]:
    text = files("batteryloop.record.codes").joinpath("gs1_identifiers.csv").read_text("utf-8")
    return {
        row["identifier"]: _Identifier(
            row["name"],
            row["path"],
            int(row["place"]),
            int(row["length_min"]),
            int(row["length_max"]),
            row["charset"],
            row["title"],
        )
        for row in csv.DictReader(text.splitlines())
    }


def gtin_check_digit(body: str) -> str:
    """Return the check digit that belongs behind the digits of a trade item number.

    Weights 3, 1, 3 … from the right; the digit fills the sum up to the next ten.

    Examples
    --------
    >>> gtin_check_digit("0952123454321")
    '3'
    """
    total = sum(int(d) * (3 if place % 2 == 0 else 1) for place, d in enumerate(reversed(body)))
    return str(-total % 10)


@dataclass(frozen=True, slots=True)
class Gs1Identity:
    """A trade item number and what tells one item from the other.

    Parameters
    ----------
    gtin : str
        14 digits.
    serial, lot, variant : str, default ""
        Identifiers 21, 10 and 22.
    extension : str, default ""
        Identifier 235, which stands instead of the three.
    host : str
        Where the link leads.
    stem : str, default ""
        A path before the identity.
    query : str, default ""
        Attributes behind the question mark, as written.
    notes : tuple of str

    Raises
    ------
    InputWrong
        If the host is none, the check digit is wrong, a value too long, a character not of GS1's
        set 82, or 235 stands beside 22, 10 or 21.
    """

    gtin: str
    serial: str = ""
    lot: str = ""
    variant: str = ""
    extension: str = ""
    host: str = DEFAULT_HOST
    stem: str = ""
    query: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for code, identifier in _identifiers().items():
            value = getattr(self, identifier.name)
            if value or identifier.path == "key":
                _check(code, identifier, value)
        if self.gtin[-1] != gtin_check_digit(self.gtin[:-1]):
            raise InputWrong(
                f"GTIN {self.gtin}",
                f"check digit {self.gtin[-1]}",
                gtin_check_digit(self.gtin[:-1]),
                "read the label again; one digit is wrong or two are swapped",
            )
        if url_of(f"https://{self.host}{self.stem}/?{self.query}").host != self.host.casefold():
            raise InputWrong("GS1 Digital Link", f"host {self.host!r}", "a host alone")
        if self.extension and (self.serial or self.lot or self.variant):
            raise InputWrong(
                "GS1 Digital Link", "235 beside 22, 10 or 21", "either 235 or the others"
            )

    @property
    def kind(self) -> str:
        """Its kind."""
        return KIND

    @property
    def is_of_one_item(self) -> bool:
        """Whether it names one battery and not a model or a batch."""
        return bool(self.serial or self.extension)

    @property
    def path(self) -> str:
        """The identity alone, in the order the standard wants.

        Examples
        --------
        >>> Gs1Identity("09521234543213", serial="A/7", lot="L1").path
        '/01/09521234543213/10/L1/21/A%2F7'
        """
        return "".join(
            f"/{code}/{encoded(getattr(self, identifier.name))}"
            for code, identifier in _identifiers().items()
            if getattr(self, identifier.name)
        )

    @property
    def text(self) -> str:
        """The link."""
        query = f"?{self.query}" if self.query else ""
        return f"https://{self.host}{self.stem}{self.path}{query}"

    @property
    def element_string(self) -> str:
        """The same as an element string, as people read it.

        Examples
        --------
        >>> Gs1Identity("09521234543213", serial="A7").element_string
        '(01)09521234543213(21)A7'
        """
        return "".join(
            f"({code}){getattr(self, identifier.name)}"
            for code, identifier in _identifiers().items()
            if getattr(self, identifier.name)
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "kind": self.kind,
            "text": self.text,
            "gtin": self.gtin,
            **{n: getattr(self, n) for n in ("variant", "lot", "serial", "extension")},
            "host": self.host,
            "query": self.query,
            "element_string": self.element_string,
            "is_of_one_item": self.is_of_one_item,
            "notes": list(self.notes),
        }


def _check(code: str, identifier: _Identifier, value: str) -> None:
    subject = f"({code}) {identifier.title}"
    if identifier.path == "key":
        if len(value) != identifier.length_max or not _CHARSETS["digits"].fullmatch(value):
            raise InputWrong(subject, repr(value[:40]), "14 digits")
        return
    if not identifier.length_min <= len(value) <= identifier.length_max:
        raise InputWrong(
            subject, f"{len(value)} characters", f"1 to {identifier.length_max} characters"
        )
    if not _CHARSETS[identifier.charset].fullmatch(value):
        raise InputWrong(subject, repr(value), "the 82 characters of GS1's set")


def read_gs1(text: str) -> Gs1Identity:
    """Return the identity in a GS1 Digital Link or a bracketed element string.

    Raises
    ------
    InputWrong
        If there is none in it, or it breaks a rule; the rule is named.

    Examples
    --------
    >>> read_gs1("https://example.com/01/09521234543213/21/A%2F7").serial
    'A/7'
    >>> read_gs1("(01)09521234543213(21)A7").text
    'https://id.gs1.org/01/09521234543213/21/A7'
    """
    return _from_elements(text) if text.startswith("(") else _from_link(url_of(text))


def _from_link(url: Url) -> Gs1Identity:
    parts = url.path.split("/")
    if url.path.endswith("/"):
        raise InputWrong("GS1 Digital Link", "ends with /", "an identifier and its value")
    places = [i for i, part in enumerate(parts) if part == "01"]
    starts = [i for i in places if i + 1 < len(parts) and (len(parts) - i) % 2 == 0]
    if not starts:
        raise InputWrong("GS1 Digital Link", f"no /01/ in {url.path[:60]!r}", "/01/{GTIN}/21/{…}")
    start = starts[0]
    pairs = [(parts[i], decoded(parts[i + 1])) for i in range(start, len(parts) - 1, 2)]
    notes = []
    if url.scheme == "http":
        notes.append("the link is http; https is written instead")
    if url.fragment:
        notes.append("what follows # is no part of the identity and is left out")
    return _identity(pairs, notes, host=url.host, stem="/".join(parts[:start]), query=url.query)


def _from_elements(text: str) -> Gs1Identity:
    parts = _ELEMENT.split(text)
    if parts[0]:
        raise InputWrong("GS1 element string", repr(text[:60]), "(01)…(21)…")
    pairs = list(zip(parts[1::2], parts[2::2], strict=True))
    return _identity(pairs, [], host=DEFAULT_HOST, stem="", query=None)


def _identity(
    pairs: list[tuple[str, str]], notes: list[str], *, host: str, stem: str, query: str | None
) -> Gs1Identity:
    known = _identifiers()
    values: dict[str, str] = {}
    last = -1
    for code, value in pairs:
        if code not in known:
            raise InputWrong(
                f"identifier {code}",
                "does not qualify a trade item",
                "01, then 22, 10, 21 or 235",
                "write dates and other attributes behind the question mark",
            )
        identifier = known[code]
        if identifier.name in values or identifier.place < last:
            raise InputWrong(
                "GS1 Digital Link", f"{code} stands out of order", "01, 22, 10, 21 in this order"
            )
        last = identifier.place
        if not value:
            raise InputWrong(f"({code}) {identifier.title}", "empty", "a value")
        values[identifier.name] = value
    gtin = values.pop("gtin", "")
    if len(gtin) in {8, 12, 13} and gtin.isascii() and gtin.isdigit():
        notes.append(f"GTIN-{len(gtin)} filled up with zeros to 14 digits")
        gtin = gtin.zfill(14)
    found = Gs1Identity(gtin, host=host, stem=stem, query=query or "", notes=tuple(notes), **values)
    if found.is_of_one_item:
        return found
    note = "names a model or a batch: a passport needs a serial number (21)"
    return Gs1Identity(
        gtin, host=host, stem=stem, query=query or "", notes=(*notes, note), **values
    )
