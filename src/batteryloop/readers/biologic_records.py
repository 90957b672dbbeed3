"""The records in a BioLogic `VMP data` module, by the table `biologic_columns.csv`.

The module names its columns by number only. The numbers, their types and units are facts of the
format, found out by those who took such files apart; in `biologic_columns.csv`, `measured` marks
the rows that were held against physics on real files here, `reported` those that were not.
Columns whose type is `bits` share one byte, and each has a mask in it.
"""

import csv
import struct
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from batteryloop.errors import FileDamaged, FormatUnknown
from batteryloop.readers.biologic_modules import Module

# where the records begin in the module's body, by the module's version
_BEGIN_OF_VERSION = {0: 100, 2: 405, 3: 406, 11: 1007}
# how the list of columns is written, by version: their count, then each number
_LIST_OF_VERSION = {0: ("<B", "B"), 2: ("<B", "H"), 3: ("<B", "H"), 11: ("<H", "H")}
_BITS = "bits"
_AGAIN = "copy the file again from the tester's computer"


@dataclass(frozen=True, slots=True)
class Column:
    """One row of `biologic_columns.csv`; `quantity` is empty where the frame has no place for it.

    `factor` turns the file's unit into that of the quantity; `mask` picks bits of a shared byte.
    """

    name: str
    dtype: str
    mask: int
    quantity: str
    factor: float


@dataclass(frozen=True, slots=True)
class Records:
    """The columns of a data module by their EC-Lab names, and the numbers that are not known."""

    columns: dict[str, NDArray[np.generic]]
    n_rows: int
    unknown: tuple[int, ...]


def _read_table() -> dict[int, Column]:
    text = files("batteryloop.readers").joinpath("biologic_columns.csv").read_text(encoding="utf-8")
    return {
        int(row["id"]): Column(
            row["name"],
            row["dtype"],
            int(row["mask"] or "0", 16),
            row["quantity"],
            float(row["factor"] or 1),
        )
        for row in csv.DictReader(text.splitlines())
    }


COLUMNS: dict[int, Column] = _read_table()


def records(module: Module, *, subject: str) -> Records:
    """Return the columns of a `VMP data` module.

    The width of a record is known twice: from the columns' types, and from the bytes there are.
    One unknown column is stepped over by the difference; of several, the columns before the first
    unknown one are read.

    Parameters
    ----------
    module : Module
        A module called `VMP data`.
    subject : str
        What to call the file in an error.

    Returns
    -------
    Records
        Each column as an array of `n_rows` values in the file's unit.

    Raises
    ------
    FileDamaged
        If the bytes do not hold the number of records that the module names.
    FormatUnknown
        If it is not known where a module of this version keeps its records.
    """
    n_rows, numbers = _named(module, subject)
    begin = _BEGIN_OF_VERSION[module.version]
    n_bytes = len(module.body) - begin
    width, left_over = divmod(max(n_bytes, 0), max(n_rows, 1))
    if left_over or (n_rows > 0 and width == 0):
        raise FileDamaged(
            subject, f"{n_bytes:,} bytes cannot hold {n_rows:,} records of one width", "", _AGAIN
        )
    if n_rows == 0:
        raise FileDamaged(subject, "holds no samples", "at least one record", _AGAIN)
    layout = _layout(numbers, width, subject)
    table = np.frombuffer(module.body, dtype=np.dtype(layout), count=n_rows, offset=begin)
    return Records(
        {
            COLUMNS[n].name: _column(table, n)
            for n in numbers
            if n in COLUMNS and _field(n) in (table.dtype.names or ())
        },
        n_rows,
        tuple(n for n in numbers if n not in COLUMNS),
    )


def _named(module: Module, subject: str) -> tuple[int, tuple[int, ...]]:
    """Return how many records the module says it holds, and the numbers of its columns."""
    if module.version not in _LIST_OF_VERSION:
        raise FormatUnknown(
            subject,
            f"its data module is of version {module.version}",
            f"versions {', '.join(map(str, _LIST_OF_VERSION))}",
            "export it as text (.mpt) in EC-Lab",
        )
    count, number = _LIST_OF_VERSION[module.version]
    try:
        (n_rows,) = struct.unpack_from("<I", module.body, 0)
        (n_columns,) = struct.unpack_from(count, module.body, 4)
        at = 4 + struct.calcsize(count)
        numbers = struct.unpack_from(f"<{n_columns}{number}", module.body, at)
    except struct.error as exc:
        raise FileDamaged(
            subject, "its data module ends before the list of its columns does", "", _AGAIN
        ) from exc
    return n_rows, numbers


def _field(number: int) -> str:
    """Return the name of the record's field that holds column `number`."""
    is_bits = number in COLUMNS and COLUMNS[number].dtype == _BITS
    return _BITS if is_bits else str(number)


def _layout(numbers: tuple[int, ...], width: int, subject: str) -> list[tuple[str, str]]:
    """Return the fields of a record of `width` bytes, as far as its columns are known."""
    fields = {_field(n): COLUMNS[n].dtype if n in COLUMNS else "" for n in numbers}
    if _BITS in fields:
        fields[_BITS] = "<u1"
    unknown = [name for name, dtype in fields.items() if not dtype]
    spare = width - sum(np.dtype(dtype).itemsize for dtype in fields.values() if dtype)
    if spare < len(unknown) or (spare and not unknown):
        raise FileDamaged(
            subject,
            f"its records are {width} bytes wide, its columns take {width - spare}",
            "as many bytes as the columns take",
            _AGAIN,
        )
    layout = list(fields.items())
    if not unknown:
        return layout
    first = list(fields).index(unknown[0])
    if len(unknown) == 1:
        layout[first] = (unknown[0], f"V{spare}")
        return layout
    taken = sum(np.dtype(dtype).itemsize for _, dtype in layout[:first])
    return [*layout[:first], (unknown[0], f"V{width - taken}")]


def _column(table: NDArray[np.void], number: int) -> NDArray[np.generic]:
    values: NDArray[np.generic] = np.ascontiguousarray(table[_field(number)])
    mask = COLUMNS[number].mask
    if not mask:
        return values
    shift = (mask & -mask).bit_length() - 1
    bits: NDArray[np.generic] = (values.astype(np.uint8) & np.uint8(mask)) >> np.uint8(shift)
    return bits
