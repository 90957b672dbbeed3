"""Tables of an Access (Jet) file: `access-parser` finds them, numpy reads their rows.

The library reads row after row in Python, about ten thousand rows a second, follows chains of
pages that a broken file may close to a ring, and reads long texts that are of no use here. So the
rows of fixed-length columns are taken from its pages by numpy, and its loops are bounded.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from access_parser import AccessParser
from access_parser.access_parser import AccessTable, TableObj
from numpy.typing import NDArray

_IS_DELETED, _IS_ELSEWHERE, _PLACE = 0x8000, 0x4000, 0x1FFF
_BOOLEAN = 1
_DTYPES = {2: "<u1", 3: "<i2", 4: "<i4", 6: "<f4", 7: "<f8", 8: "<f8"}


class Database(AccessParser):  # type: ignore[misc]
    """An Access file whose loops are bounded; long texts are not read."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))

    def table(self, name: str) -> AccessTable | None:
        """Return the table called `name`, or None if there is none."""
        place = self.catalog.get(name, 0) * self.page_size
        if place not in self._table_defs:
            return None
        pages = self._tables_with_data.get(place) or TableObj(place, self._table_defs[place])
        return _Table(pages, self.version, self.page_size, self._data_pages, self._table_defs)

    def _link_tables_to_data(self) -> dict[int, TableObj]:
        linked: dict[int, TableObj] = {}
        for page in self._data_pages.values():
            owner = int.from_bytes(page[4:8], "little") * self.page_size
            if owner in self._table_defs:
                table = linked.setdefault(owner, TableObj(owner, self._table_defs[owner]))
                table.linked_pages.append(page)
        return linked

    def _parse_catalog(self) -> dict[str, int]:
        pages = self._tables_with_data[2 * self.page_size]
        rows = _Table(
            pages, self.version, self.page_size, self._data_pages, self._table_defs
        ).parse()
        of_user = 1
        return {
            name: number
            for name, number, kind in zip(rows["Name"], rows["Id"], rows["Type"], strict=False)
            if kind == of_user
        }

    def parse_msys_table(self) -> dict[str, Any]:
        """Return nothing: the formats in which Access shows its columns are not needed."""
        return {}


class _Table(AccessTable):  # type: ignore[misc]
    def _merge_table_data(self, first_page: int) -> bytes:
        merged, page, seen = b"", first_page, set[int]()
        while page and page not in seen:
            seen.add(page)
            part = self._table_defs[page * self.page_size]
            merged += part[8:]
            page = int.from_bytes(part[4:8], "little")
        return merged

    def _parse_memo(self, relative_obj_data: bytes, return_raw: bool = False) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Rows:
    """Where each row of a table begins and ends in the bytes of its pages."""

    data: NDArray[np.uint8]
    begin: NDArray[np.int64]
    end: NDArray[np.int64]


def rows_of(pages: list[bytes], *, is_jet3: bool = False) -> Rows:
    """Return the places of all rows in a table's data pages; deleted and moved rows are left out.

    Parameters
    ----------
    pages : list of bytes
        Data pages of equal length.
    is_jet3 : bool
        Whether the file is of Access 97 or before.
    """
    data = np.frombuffer(b"".join(pages), np.uint8)
    begins, ends = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    count_at = 8 if is_jet3 else 12
    base = 0
    for page in pages:
        n_rows = int.from_bytes(page[count_at : count_at + 2], "little")
        n_rows = min(n_rows, (len(page) - count_at - 2) // 2)
        place = np.frombuffer(page, "<u2", n_rows, count_at + 2).astype(np.int64)
        begin = place & _PLACE
        end = np.concatenate([[len(page)], begin])[:-1]
        is_here = (place & (_IS_DELETED | _IS_ELSEWHERE)) == 0
        is_here &= (begin > count_at) & (begin < end) & (end <= len(page))
        begins.append(base + begin[is_here])
        ends.append(base + end[is_here])
        base += len(page)
    return Rows(data, np.concatenate(begins), np.concatenate(ends))


def fixed_columns(table: AccessTable, names: tuple[str, ...]) -> pl.DataFrame:
    """Return the fixed-length columns of `table` that are among `names`.

    Returns
    -------
    polars.DataFrame
        One row a record, in the order of the pages; null where the file says so. A record too
        short for its columns is left out.
    """
    is_jet3 = table.version == 3
    head = 1 if is_jet3 else 2
    rows = rows_of(table.table.linked_pages, is_jet3=is_jet3)
    wanted = [
        c
        for c in table.columns.values()
        if c.col_name_str in names and c.column_flags.fixed_length and c.type in _DTYPES
    ]
    n_columns = rows.data[rows.begin].astype(np.int64)
    if not is_jet3:
        n_columns += 256 * rows.data[np.minimum(rows.begin + 1, len(rows.data) - 1)].astype(
            np.int64
        )
    nulls_at = rows.end - (n_columns + 7) // 8
    reach = max((c.fixed_offset + np.dtype(_DTYPES[c.type]).itemsize for c in wanted), default=0)
    is_whole = rows.begin + head + reach <= nulls_at
    begin, nulls_at, n_columns = rows.begin[is_whole], nulls_at[is_whole], n_columns[is_whole]
    columns = {}
    for c in wanted:
        values = _gather(rows.data, begin + head + c.fixed_offset, _DTYPES[c.type])
        bit_at = np.minimum(nulls_at + c.column_id // 8, len(rows.data) - 1)
        is_there = (rows.data[bit_at] >> (c.column_id % 8)) & 1 == 1
        is_there &= c.column_id < n_columns
        columns[c.col_name_str] = pl.select(
            pl.when(pl.Series(is_there)).then(pl.Series(values))
        ).to_series()
    return pl.DataFrame(columns)


def _gather(data: NDArray[np.uint8], at: NDArray[np.int64], dtype: str) -> NDArray[np.generic]:
    width = np.dtype(dtype).itemsize
    values: NDArray[np.generic] = (
        data[at[:, None] + np.arange(width)].view(dtype).astype(np.dtype(dtype).newbyteorder("="))
    ).ravel()
    return values
