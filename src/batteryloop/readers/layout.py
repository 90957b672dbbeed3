"""Where the table in a text begins: its header, its separator, its decimal sign."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from batteryloop.readers.encoding import guess_encoding
from batteryloop.readers.headers import Column, understand
from batteryloop.readers.types import Head
from batteryloop.readers.units import find_conversion

SEPARATORS = ("\t", ";", ",", "|")
_COMMA_NUMBER = re.compile(r"^\s*\"?[+-]?\d+,\d+(?:[eE][+-]?\d+)?\"?\s*$")
_POINT_NUMBER = re.compile(r"^\s*\"?[+-]?\d*\.\d+(?:[eE][+-]?\d+)?\"?\s*$")
_N_HEADER_LINES = 400
_UNITS = ("A", "V", "Ah", "Wh", "W", "s", "degC", "ohm", "1", "Hz")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a delimited text is laid out.

    `first_row` is the line, counted from 0, on which the samples begin; `n_fields` how many
    fields a line of samples has, `n_said` up to which one it says something.
    """

    encoding: str
    separator: str
    labels: tuple[str, ...]
    columns: tuple[Column, ...]
    first_row: int
    n_fields: int
    n_said: int = 0
    is_decimal_comma: bool = False

    @property
    def names(self) -> frozenset[str]:
        """The names of the columns that are understood."""
        return frozenset(c.name for c in self.columns)

    @property
    def is_time_series(self) -> bool:
        """Whether time, current and voltage are among the columns."""
        has_time = not self.names.isdisjoint(("time", "elapsed_s", "step_time_s"))
        has_voltage = any(n.endswith("voltage_v") or "_voltage_" in n for n in self.names)
        return has_time and has_voltage and "current_a" in self.names


@lru_cache(maxsize=16)
def find_layout(head: Head, dialect: str = "") -> Layout | None:
    """Return the layout of the table whose header says most, or None if none says anything.

    Of equally telling lines the first is the header; at least two columns must be understood.
    """
    best: tuple[int, int, str, tuple[str, ...], tuple[Column, ...]] | None = None
    for number, line in enumerate(head.lines[:_N_HEADER_LINES]):
        if not _may_be_header(line):
            continue
        for separator in SEPARATORS:
            if line.count(separator) == 0:
                continue
            labels = split_line(line, separator)
            columns = understand(labels, dialect)
            if len(columns) >= 2 and (best is None or len(columns) > best[0]):
                best = (len(columns), number, separator, labels, columns)
    if best is None:
        return None
    _, number, separator, labels, _ = best
    return layout_at(head.lines, number, separator, labels, head.start, dialect)


def layout_at(
    lines: Sequence[str],
    number: int,
    separator: str,
    labels: Sequence[str],
    start: bytes,
    dialect: str = "",
) -> Layout:
    """Return the layout of the table whose header is line `number` of `lines`."""
    first_row = number + 1
    below = lines[first_row] if first_row < len(lines) else ""
    units = split_line(below, separator)
    if _is_row_of_units(units):
        first_row += 1
        labels = [
            f"{label} [{unit.strip(' []()')}]" if unit.strip() else label
            for label, unit in zip(labels, [*units, *[""] * len(labels)], strict=False)
        ]
    sample = [split_line(line, separator) for line in lines[first_row : first_row + 200] if line]
    n_commas = sum(bool(_COMMA_NUMBER.match(f)) for row in sample for f in row)
    n_points = sum(bool(_POINT_NUMBER.match(f)) for row in sample for f in row)
    n_said = sorted(_n_said(row) for row in sample)
    n_usual = sorted(len(row) for row in sample)
    return Layout(
        encoding=guess_encoding(start),
        separator=separator,
        labels=tuple(labels),
        columns=understand(labels, dialect),
        first_row=first_row,
        n_fields=max(len(labels), n_usual[len(n_usual) // 2] if n_usual else 0),
        n_said=n_said[len(n_said) // 2] if n_said else 0,
        is_decimal_comma=separator != "," and n_commas > n_points,
    )


def split_line(line: str, separator: str) -> tuple[str, ...]:
    """Return the fields of `line`; a separator between quotes does not part.

    Examples
    --------
    >>> split_line('1,"a,b",2', ",")
    ('1', 'a,b', '2')
    """
    if '"' not in line:
        return tuple(line.split(separator))
    fields, field, is_quoted = [], "", False
    for char in line:
        if char == '"':
            is_quoted = not is_quoted
        elif char == separator and not is_quoted:
            fields.append(field)
            field = ""
        else:
            field += char
    return (*fields, field)


def _n_said(fields: Sequence[str]) -> int:
    return max((i + 1 for i, field in enumerate(fields) if field.strip()), default=0)


def _may_be_header(line: str) -> bool:
    if not 3 <= len(line) <= 20_000:
        return False
    n_letters = sum(c.isalpha() for c in line)
    return n_letters >= 0.3 * len(line.replace(" ", "").strip("\t,;|"))


def _is_row_of_units(fields: Sequence[str]) -> bool:
    said = [f.strip(" []()") for f in fields if f.strip()]
    if len(said) < 2 or any(f[0].isdigit() for f in said if f):
        return False
    known = sum(any(find_conversion(f, unit) is not None for unit in _UNITS) for f in said)
    return known >= 0.5 * len(said)
