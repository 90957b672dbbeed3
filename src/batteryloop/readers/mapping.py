"""A mapping file: which column of a table is which quantity, in which unit, with which sign."""

import json
import re
import tomllib
from collections.abc import Iterable
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self, cast

from batteryloop.errors import NotKnown, OptionWrong
from batteryloop.quantities import QUANTITIES
from batteryloop.readers.types import cannot_open
from batteryloop.readers.units import conversion
from batteryloop.telemetry.frame import COLUMNS

_TAKEN = (*(c for c in COLUMNS if c != "battery_id"), "elapsed_s", "step_time_s", "start_at")
_KEYS = (
    "name",
    "battery_id",
    "battery_id_column",
    "positive_is",
    "restarts",
    "time_zone",
    "separator",
    "decimal",
    "header_line",
    "encoding",
    "columns",
)
_COLUMN_KEYS = ("column", "columns", "pattern", "first", "last", "unit", "scale", "format")
_MOMENTS = ("time", "start_at")
_PLACE = re.compile(r"\{(?::0(\d)d)?\}")


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """One quantity and the columns of the file that hold it (several for a list of cells).

    Ours = theirs x `scale`, then from `unit` to the unit of the quantity. `format` is a
    `strftime` pattern for moments; without it the usual ways to write one are tried.
    """

    name: str
    labels: tuple[str, ...]
    unit: str = ""
    scale: float = 1.0
    format: str = ""

    @property
    def is_list(self) -> bool:
        """Whether the quantity is a list, one column an element."""
        return self.name in QUANTITIES and QUANTITIES[self.name].dtype == "list"


@dataclass(frozen=True, slots=True)
class Mapping:
    """What the columns of a csv, Parquet or other delimited file mean.

    `restarts` names a column, for instance the file a row came from: for each of its values
    elapsed time, cycle count and counters begin anew; they are made to run on, in the order of
    time. `start_at` among the columns is the moment at which elapsed time was zero.

    Examples
    --------
    >>> mapping = Mapping.of({"positive_is": "discharge", "columns": {
    ...     "elapsed_s": {"column": "t", "unit": "min"}, "current_a": "I", "voltage_v": "U"}})
    >>> mapping.columns[0].unit, mapping.positive_is
    ('min', 'discharge')
    """

    columns: tuple[MappedColumn, ...]
    name: str = "mapping"
    battery_id: str = ""
    battery_id_column: str = ""
    positive_is: Literal["charge", "discharge"] = "charge"
    restarts: str = ""
    time_zone: str = "UTC"
    separator: str = ""
    decimal: str = ""
    header_line: int = 0
    encoding: str = ""
    labels: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Return the mapping written in a TOML or JSON file.

        Raises
        ------
        OutsideFailed
            If the file cannot be read.
        OptionWrong
            If it is neither TOML nor JSON, or a value cannot be what it is.
        NotKnown
            If a key or a quantity is not known; the nearest are offered.
        UnitUnknown
            If a unit cannot become the quantity's.
        """
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except OSError as exc:
            raise cannot_open(path, exc) from exc
        except UnicodeDecodeError as exc:
            raise _wrong(path.name, "is not UTF-8 text", "TOML or JSON in UTF-8") from exc
        try:
            data = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
        except (ValueError, RecursionError) as exc:
            raise _wrong(path.name, f"is neither TOML nor JSON ({exc})", "TOML or JSON") from exc
        return cls.of(data, subject=path.name)

    @classmethod
    def of(cls, data: MappingOf[str, Any], *, subject: str = "mapping") -> Self:
        """Return the mapping that plain data describe.

        Raises
        ------
        OptionWrong, NotKnown, UnitUnknown
            As `load`.
        """
        _known(f"key of {subject}", data, _KEYS)
        given = data.get("columns")
        if not isinstance(given, dict) or not given:
            raise _wrong(f"{subject}: columns", "no column is mapped", "a table of quantities")
        positive_is = data.get("positive_is", "charge")
        if positive_is not in ("charge", "discharge"):
            raise _wrong(
                f"{subject}: positive_is", f"is {positive_is!r}", '"charge" or "discharge"'
            )
        header_line = data.get("header_line", 0)
        if not isinstance(header_line, int) or header_line < 0:
            raise _wrong(f"{subject}: header_line", f"is {header_line!r}", "a line number from 1")
        columns = tuple(_column(name, said, subject) for name, said in given.items())
        texts = {
            key: _text(data.get(key, ""), f"{subject}: {key}")
            for key in (
                "battery_id",
                "battery_id_column",
                "restarts",
                "separator",
                "decimal",
                "encoding",
            )
        }
        extra = (texts["battery_id_column"], texts["restarts"])
        labels = [label for column in columns for label in column.labels] + [e for e in extra if e]
        return cls(
            columns=columns,
            name=_text(data.get("name", subject), f"{subject}: name"),
            positive_is=cast(Literal["charge", "discharge"], positive_is),
            time_zone=_text(data.get("time_zone", "UTC"), f"{subject}: time_zone"),
            header_line=header_line,
            labels=tuple(dict.fromkeys(labels)),
            **texts,
        )


def _column(name: str, said: object, subject: str) -> MappedColumn:
    where = f"{subject}: columns.{name}"
    if name not in _TAKEN:
        raise NotKnown.among(f"{subject}: quantity", name, _TAKEN)
    spec = {"column": said} if isinstance(said, str) else said
    if not isinstance(spec, dict):
        raise _wrong(where, f"is {said!r}", "a column's name, or a table with column and unit")
    _known(f"key of {where}", spec, _COLUMN_KEYS)
    scale = spec.get("scale", 1.0)
    if not isinstance(scale, int | float) or isinstance(scale, bool):
        raise _wrong(f"{where}.scale", f"is {scale!r}", "a number")
    unit = _text(spec.get("unit", ""), f"{where}.unit")
    if unit and name not in _MOMENTS:
        conversion(unit, QUANTITIES[name].unit, subject=where)
    column = MappedColumn(
        name,
        _labels(spec, where),
        unit,
        float(scale),
        _text(spec.get("format", ""), f"{where}.format"),
    )
    if len(column.labels) > 1 and not column.is_list:
        raise _wrong(where, f"has {len(column.labels)} columns", "one column; lists are for cells")
    return column


def _labels(spec: dict[str, Any], where: str) -> tuple[str, ...]:
    if "column" in spec:
        return (_text(spec["column"], f"{where}.column"),)
    if "columns" in spec:
        several = spec["columns"]
        if not isinstance(several, list) or not several:
            raise _wrong(f"{where}.columns", f"is {several!r}", "a list of column names")
        return tuple(_text(label, f"{where}.columns") for label in several)
    pattern, first, last = spec.get("pattern"), spec.get("first", 1), spec.get("last")
    if (
        isinstance(pattern, str)
        and _PLACE.search(pattern)
        and isinstance(first, int)
        and isinstance(last, int)
        and 0 <= last - first < 10_000
    ):
        return tuple(_placed(pattern, i) for i in range(first, last + 1))
    raise _wrong(where, f"is {spec!r}", 'column = "…", columns = […], or pattern = "CP{}" and last')


def _placed(pattern: str, number: int) -> str:
    """Return `pattern` with `number` at its `{}` or `{:02d}`."""
    return _PLACE.sub(lambda match: str(number).zfill(int(match[1] or 0)), pattern)


def _known(kind: str, given: Iterable[str], allowed: tuple[str, ...]) -> None:
    for key in given:
        if key not in allowed:
            raise NotKnown.among(kind, str(key), allowed)


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise _wrong(where, f"is {value!r}", "a text in quotes")
    return value


def _wrong(subject: str, found: str, allowed: str) -> OptionWrong:
    return OptionWrong(subject, found, allowed, "see docs/concepts/reading.md, mapping files")
