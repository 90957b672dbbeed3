"""What does a column's header mean? `synonyms.csv` lists the words, the header names the unit."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from batteryloop.quantities import QUANTITIES
from batteryloop.readers.units import find_conversion
from batteryloop.telemetry.frame import COLUMNS

# Columns that help to read a table and are not kept: name and unit, or "" for text.
ROLES: dict[str, str] = {
    "half_cycle_capacity_ah": "Ah",
    "half_cycle_energy_wh": "Wh",
    "frequency_hz": "Hz",
    "impedance_ohm": "ohm",
    "state": "",
    "step_type": "",
    "step_position": "",
    "record": "",
    "test_name": "",
    "cell_name": "",
    "cell_id": "",
}
_BRACKETED = re.compile(r"^(?P<name>.+?)\s*[(\[{]\s*(?P<unit>[^()\[\]{}]*)\s*[)\]}]$")
_SLASHED = re.compile(r"^(?P<name>.+)\s*/\s*(?P<unit>[^/]+)$")
_UNDERSCORED = re.compile(r"^(?P<name>.+)[_ ,.](?P<unit>[^_ ,.]+)$")
_FORMS = (_BRACKETED, _SLASHED, _UNDERSCORED)


@dataclass(frozen=True, slots=True)
class Word:
    """What a header stands for: a quantity or a role, and the unit where none is given."""

    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file whose header is understood."""

    index: int
    label: str
    name: str
    unit: str

    @property
    def is_text(self) -> bool:
        """Whether its values are words, not numbers."""
        return ROLES.get(self.name) == "" or self.name in ("time", "battery_id")


def slug(label: str) -> str:
    """Return the letters and digits of `label`, small.

    Examples
    --------
    >>> slug("Chg. Cap.")
    'chgcap'
    """
    return "".join(c for c in label.casefold() if c.isalnum())


@cache
def vocabulary(dialect: str = "") -> Mapping[str, Word]:
    """Return every header word of a dialect, its own before those that hold everywhere.

    Examples
    --------
    >>> vocabulary("neware")["time"].name, vocabulary()["time"].name
    ('step_time_s', 'elapsed_s')
    """
    ours = [QUANTITIES[name] for name in (*COLUMNS, "elapsed_s", "step_time_s")]
    words = {slug(q.name): Word(q.name, q.unit) for q in ours}
    words |= {slug(q.bdf_name): Word(q.name, q.unit) for q in ours if q.bdf_name}
    words[slug("unix_time_second")] = Word("time", "s")
    text = files("batteryloop.readers").joinpath("synonyms.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    for wanted in ("", dialect):
        for row in rows:
            if row["dialect"] == wanted:
                words[slug(row["header"])] = Word(row["name"], row["unit"])
    return words


def unit_of(name: str) -> str:
    """Return our unit of a quantity or a role."""
    return QUANTITIES[name].unit if name in QUANTITIES else ROLES[name]


def meaning(label: str, words: Mapping[str, Word]) -> Word | None:
    """Return what `label` means and its unit as written, or None if it is not understood.

    Examples
    --------
    >>> meaning("Current(mA)", vocabulary())
    Word(name='current_a', unit='mA')
    >>> meaning("Test Time / s", vocabulary())
    Word(name='elapsed_s', unit='s')
    >>> meaning("Voltage_V", vocabulary()).name
    'voltage_v'
    >>> meaning("dV/dt(V/s)", vocabulary()) is None
    True
    """
    text = label.strip().strip("\"'").strip()
    whole = words.get(slug(text))
    if whole is not None:
        return whole
    for form in _FORMS:
        match = form.match(text)
        if not match:
            continue
        word = words.get(slug(match["name"]))
        if word is None:
            continue
        unit = match["unit"].strip()
        if _fits(word.name, unit):
            return Word(word.name, unit)
        if not unit or form is _BRACKETED:
            return word if not unit else None
    return None


def _fits(name: str, unit: str) -> bool:
    if name == "time":
        return unit in ("s", "ms", "us", "ns", "datenum") or ":" in unit
    if name in ("elapsed_s", "step_time_s") and ":" in unit:
        return True
    ours = unit_of(name)
    return bool(ours) and find_conversion(unit, ours) is not None


def understand(labels: Sequence[str], dialect: str = "") -> tuple[Column, ...]:
    """Return the columns that are understood, one a name; of two with one name the first.

    Examples
    --------
    >>> [c.name for c in understand(["t", "I/mA", "Ewe/V", "mystery", "Voltage"])]
    ['elapsed_s', 'current_a', 'voltage_v']
    """
    words = vocabulary(dialect)
    found: dict[str, Column] = {}
    for index, label in enumerate(labels):
        word = meaning(label, words)
        if word is not None and word.name not in found:
            found[word.name] = Column(index, label.strip(), word.name, word.unit)
    return tuple(found.values())
