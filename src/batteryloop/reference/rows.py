"""Rows of a package's CSV tables, as text."""

import csv
from importlib.resources import files

from batteryloop.errors import FileDamaged


def rows(package: str, name: str) -> list[dict[str, str]]:
    """Return the rows of the table `name` that ships with `package`.

    Raises
    ------
    FileDamaged
        If a row has more or fewer cells than the header.

    Examples
    --------
    >>> rows("batteryloop.reference", "elements.csv")[0]["symbol"]
    'H'
    """
    text = files(package).joinpath(name).read_text(encoding="utf-8")
    found = list(csv.DictReader(text.splitlines()))
    for number, row in enumerate(found, start=2):
        if None in row or None in row.values():
            raise FileDamaged(name, f"row {number} has not as many cells as the header")
    return found
