"""What a label must say and how large, as dated rows of law."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class LabelItem:
    """One thing that a label says, since when and by which article."""

    name: str
    title: str
    applies_to: str
    applies_from: date
    legal_reference: str


def _rows(name: str) -> list[dict[str, str]]:
    text = files("batteryloop.passport.carrier").joinpath(name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def label_items() -> tuple[LabelItem, ...]:
    """Return what a label says, in order."""
    return tuple(
        LabelItem(
            row["name"],
            row["title"],
            row["applies_to"],
            date.fromisoformat(row["applies_from"]),
            row["legal_reference"],
        )
        for row in _rows("label_items.csv")
    )


@cache
def label_limits() -> dict[str, float]:
    """Return the sizes and shares by name, each in the unit that ends its name."""
    return {row["name"]: float(row["value"]) for row in _rows("label_limits.csv")}
