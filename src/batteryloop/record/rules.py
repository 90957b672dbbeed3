"""Which event may follow which, and what each brings about: the rows of `life_rules.csv`."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from batteryloop.record.events import EventKind, Stage
from batteryloop.record.fleet import LifeStatus


@dataclass(frozen=True, slots=True)
class DetailRule:
    """One detail that a kind of event may or must carry."""

    name: str
    form: str
    is_needed: bool


@dataclass(frozen=True, slots=True)
class LifeRule:
    """One row: when an event of this kind is allowed, and what it changes.

    It holds for events whose detail `where_name` is one of `where_values`, or for all. It may
    begin a life (`is_beginning`), or follow in one of `stages`; `is_always` allows it even after
    the end. Stage and status stay as they are where the row names none.
    """

    kind: EventKind
    where_name: str
    where_values: frozenset[str]
    is_beginning: bool
    is_always: bool
    stages: frozenset[Stage]
    stage_after: Stage | None
    status_after: LifeStatus | None
    ends_life: bool
    details: tuple[DetailRule, ...]
    meaning: str

    @property
    def allowed(self) -> str:
        """Where in a life it may happen, in words."""
        if self.is_always:
            return "at any time once the battery is known"
        places = ["a new battery"] if self.is_beginning else []
        if self.stages:
            places.append(f"a battery in {', '.join(s for s in Stage if s in self.stages)}")
        return " or ".join(places)


@cache
def life_rules() -> dict[EventKind, tuple[LifeRule, ...]]:
    """Return the rows of each kind of event, the more particular first.

    Examples
    --------
    >>> life_rules()[EventKind.RECYCLED][0].stage_after
    <Stage.RECOVER: 'recover'>
    """
    text = files("batteryloop.record").joinpath("life_rules.csv").read_text(encoding="utf-8")
    found: dict[EventKind, tuple[LifeRule, ...]] = {}
    for row in csv.DictReader(text.splitlines()):
        rule = _rule(row)
        found[rule.kind] = (*found.get(rule.kind, ()), rule)
    return found


def rule_for(kind: EventKind, details: Mapping[str, Any]) -> LifeRule | None:
    """Return the first row that holds for an event, None where its details fit no row."""
    for rule in life_rules()[kind]:
        if not rule.where_name or _written(details.get(rule.where_name)) in rule.where_values:
            return rule
    return None


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _rule(row: dict[str, str]) -> LifeRule:
    name, _, values = row["where"].partition("=")
    allowed = row["allowed"].split()
    return LifeRule(
        EventKind(row["kind"]),
        name,
        frozenset(values.split("|")),
        "new" in allowed,
        "any" in allowed,
        frozenset(Stage(word) for word in allowed if word not in {"new", "any"}),
        Stage(row["stage_after"]) if row["stage_after"] else None,
        LifeStatus(row["status_after"]) if row["status_after"] else None,
        row["ends_life"] == "yes",
        tuple(_detail(text) for text in row["details"].split()),
        row["meaning"],
    )


def _detail(text: str) -> DetailRule:
    name, _, form = text.partition(":")
    return DetailRule(name, form.rstrip("?"), not form.endswith("?"))
