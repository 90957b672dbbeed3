"""The fleet page: which batteries differ? Filtered, sorted, a page at a time."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from batteryloop.record import (
    Application,
    BatteryState,
    FleetOrder,
    FleetPage,
    FleetQuery,
    LifeStatus,
    Stage,
)

_FILTERS = ("words", "stage", "status", "application", "chemistry", "severity", "soh_below")
_SEVERITIES = ("watch", "soon", "urgent", "now")
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a filter."""

    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One filter with its choices."""

    key: str
    name: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class FleetView:
    """What the template draws: the batteries, the filters, and the links that keep them."""

    page: FleetPage
    query: FleetQuery
    asked: Mapping[str, str]
    fields: tuple[Field, ...]

    @property
    def batteries(self) -> tuple[BatteryState, ...]:
        """The batteries of this page."""
        return self.page.batteries

    @property
    def n_total(self) -> int:
        """How many fit the filters."""
        return self.page.n_total

    @property
    def soh_below(self) -> str:
        """What was typed for the state of health, in percent."""
        return self.asked.get("soh_below", "")

    @property
    def first_href(self) -> str:
        """The first page, where this is a later one."""
        return self._href(after=None) if self.query.after else ""

    @property
    def next_href(self) -> str:
        """The page after this one, where there is one."""
        return self._href(after=self.page.next_after) if self.page.next_after else ""

    def sorted(self, key: str) -> str:
        """Return how the table is sorted by a column, as ARIA says it."""
        if self.query.order != key:
            return "none"
        return "descending" if self.query.is_descending else "ascending"

    def sort_href(self, key: str) -> str:
        """Return the link that sorts by a column, or turns the order round."""
        is_same = self.query.order == key
        is_descending = not self.query.is_descending if is_same else key != FleetOrder.BATTERY_ID
        return self._href(order=key, down="1" if is_descending else None, after=None)

    def _href(self, **changes: str | None) -> str:
        kept = {name: self.asked[name] for name in _FILTERS if self.asked.get(name)}
        kept["order"] = self.query.order.value
        if self.query.is_descending:
            kept["down"] = "1"
        wanted = {**kept, **changes}
        return "/fleet?" + urlencode({k: v for k, v in wanted.items() if v is not None})


def fleet_query(
    asked: Mapping[str, str], organisation_ids: frozenset[str] | None, *, n_most: int = 50
) -> FleetQuery:
    """Return the query that an address asks for; what it says wrongly is left out.

    Parameters
    ----------
    asked : mapping of str to str
        The address's parameters, as typed.
    organisation_ids : frozenset of str or None
        Whose batteries the viewer may see; None for any.
    n_most : int, default 50
        Batteries on a page.

    Examples
    --------
    >>> query = fleet_query({"soh_below": "80", "stage": "use", "order": "nonsense"}, None)
    >>> query.soh_below_frac, query.stage.value, query.order.value
    (0.8, 'use', 'battery_id')
    """
    severity = _number(asked.get("severity"))
    below = _number(asked.get("soh_below"))
    return FleetQuery(
        organisation_ids=organisation_ids,
        stage=_one_of(Stage, asked.get("stage")),
        status=_one_of(LifeStatus, asked.get("status")),
        application=_one_of(Application, asked.get("application")),
        chemistry=asked.get("chemistry") or None,
        severity_min=None if severity is None else int(severity),
        soh_below_frac=None if below is None else below / 100,
        words=asked.get("words", "").strip(),
        order=_one_of(FleetOrder, asked.get("order")) or FleetOrder.BATTERY_ID,
        is_descending=asked.get("down") == "1",
        n_most=n_most,
        after=asked.get("after") or None,
    )


def fleet_view(page: FleetPage, query: FleetQuery, asked: Mapping[str, str]) -> FleetView:
    """Return what the template draws of one page of the fleet."""
    chosen = {name: asked.get(name, "") for name in _FILTERS}
    fields = (
        _field("stage", "Stage", [(s.value, f"stage-{s.value}") for s in Stage], chosen),
        _field("status", "Status", [(s.value, f"status-{s.value}") for s in LifeStatus], chosen),
        _field(
            "application", "Used in", [(a.value, f"use-{a.value}") for a in Application], chosen
        ),
        _field(
            "severity",
            "Severity from",
            [(str(k + 1), w) for k, w in enumerate(_SEVERITIES)],
            chosen,
        ),
    )
    return FleetView(page, query, asked, fields)


def _field(key: str, name: str, pairs: list[tuple[str, str]], chosen: Mapping[str, str]) -> Field:
    return Field(key, name, tuple(Option(v, words, chosen[key] == v) for v, words in pairs))


def _one_of(kind: type[E], text: str | None) -> E | None:
    try:
        return kind(text) if text else None
    except ValueError:
        return None


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None
