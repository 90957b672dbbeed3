"""How many hours of hands a batch takes, from `work_content.csv` or the user's own rows."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

_APART = ("take the pack out", "open the pack to its modules")


@dataclass(frozen=True, slots=True)
class WorkContent:
    """Hours of hands by deed, and in all [h]."""

    by_deed_h: dict[str, float]

    @property
    def hours_h(self) -> float:
        """All of it."""
        return sum(self.by_deed_h.values())

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"hours_h": self.hours_h, "by_deed_h": dict(self.by_deed_h)}


def work_content(
    n_opened: int,
    n_modules: int,
    n_built: int,
    rows: Iterable[Mapping[str, str]] | None = None,
) -> WorkContent:
    """Return the hours of taking packs apart, testing modules and building packs.

    Parameters
    ----------
    n_opened : int
        Packs taken apart.
    n_modules : int
        Modules tested.
    n_built : int
        Packs built.
    rows : iterable of mapping, optional
        Rows as `work_content.csv` has them, in its place.

    Examples
    --------
    >>> work_content(2, 20, 1).hours_h
    13.5
    """
    if rows is None:
        text = files("batteryloop.circular.remanufacture").joinpath("work_content.csv")
        rows = csv.DictReader(text.read_text("utf-8").splitlines())
    hours = {}
    for row in rows:
        n = n_modules if row["per"] == "module" else n_built
        if row["deed"] in _APART:
            n = n_opened
        hours[row["deed"]] = n * float(row["hours_h"])
    return WorkContent(hours)
