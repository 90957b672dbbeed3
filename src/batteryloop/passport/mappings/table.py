"""Reads a mapping table: which place of the model is which place of the passport, and how.

Columns: `path` in the model, `source` in the passport (none: a matter of form), `conversion`,
`time_path` for the moment of determination, `how` a place is filled that the passport leaves
empty, and `blank` with what. `how` is

- nothing: leave it;
- `form`: write `blank` if what it belongs to is there, no fact is claimed by it;
- `drop`: the model takes no element of a list without it, so the element goes, and that is said;
- `empty`: write `blank`, an empty list, and say so;
- `invent`: the model insists. Write the placeholder `blank` if asked to, and say so. Without
  `blank` nothing can stand for it: it is left out, and that is said.
- `within`: as `invent`, but only if what it belongs to is there.

A `blank` is known again on reading and taken for no value, but a bare yes or no.
"""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from batteryloop.passport.mappings.paths import Path, path_of

How = Literal["", "form", "drop", "empty", "invent", "within"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a mapping table."""

    path: Path
    source: Path
    conversion: str
    time_path: Path
    how: How
    blank: Any


@cache
def mapping_rows(model: str) -> Sequence[Row]:
    """Return the mapping table of a model.

    Examples
    --------
    >>> rows = mapping_rows("batterypass")
    >>> [row.conversion for row in rows if row.source == ("soce_frac",)]
    ['percent']
    """
    text = files("batteryloop.passport.mappings").joinpath(f"{model}.csv").read_text("utf-8")
    return tuple(
        Row(
            path_of(row["path"]),
            path_of(row["source"]),
            row["conversion"],
            path_of(row["time_path"]),
            row["how"],  # type: ignore[arg-type]
            json.loads(row["blank"]) if row["blank"] else None,
        )
        for row in csv.DictReader(text.splitlines())
    )
