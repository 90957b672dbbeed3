"""What counts as an event, a fast charge, a rest: dated assumptions, read from `limits.csv`."""

import csv
from functools import cache
from importlib.resources import files

from batteryloop.errors import NotKnown


@cache
def _limits() -> dict[str, float]:
    text = files("batteryloop.evaluation").joinpath("limits.csv").read_text("utf-8")
    return {row["name"]: float(row["value"]) for row in csv.DictReader(text.splitlines())}


def limit(name: str) -> float:
    """Return the limit called `name`; its unit is the end of the name.

    Raises
    ------
    NotKnown
        If no row of `limits.csv` has that name; the nearest three are offered.

    Examples
    --------
    >>> limit("event_hold_s")
    10.0
    """
    if name not in _limits():
        raise NotKnown.among("limit", name, _limits())
    return _limits()[name]
