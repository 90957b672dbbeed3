"""Who may see what: a lattice of the points of Annex XIII, never a ladder.

Authorities see points 2 and 3 and not 4; those with a legitimate interest 2 and 4 and not 3.
Neither sees all that the other sees, so no order of roles can say it. Whoever comes in several
capacities sees the union.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from functools import cache
from importlib.resources import files

from batteryloop.errors import NotKnown, RecordSaysNo
from batteryloop.passport.catalogue import definition
from batteryloop.passport.types import Passport, PassportLink


class Viewer(StrEnum):
    """In which capacity someone looks at a passport."""

    PUBLIC = "public"
    LEGITIMATE_INTEREST = "legitimate-interest"
    AUTHORITY = "authority"
    HOLDER = "holder"
    ISSUER = "issuer"


def viewer_called(name: str) -> Viewer:
    """Return the viewer of that name.

    Raises
    ------
    NotKnown
        If there is none; the nearest three are offered.
    """
    try:
        return Viewer(name)
    except ValueError:
        raise NotKnown.among("viewer", name, [v.value for v in Viewer]) from None


@cache
def points_of() -> Mapping[Viewer, frozenset[int]]:
    """Return the points of Annex XIII that each viewer may see, from `viewers.csv`."""
    text = files("batteryloop.passport").joinpath("viewers.csv").read_text(encoding="utf-8")
    return {
        Viewer(row["viewer"]): frozenset(map(int, row["points"].split()))
        for row in csv.DictReader(text.splitlines())
    }


def visible_points(viewers: Iterable[Viewer]) -> frozenset[int]:
    """Return the points that someone in all these capacities may see: their union.

    Examples
    --------
    >>> sorted(visible_points([Viewer.AUTHORITY]))
    [1, 2, 3]
    >>> sorted(visible_points([Viewer.AUTHORITY, Viewer.HOLDER]))
    [1, 2, 3, 4]
    >>> sorted(visible_points([]))
    []
    """
    table = points_of()
    return frozenset(point for viewer in viewers for point in table[viewer])


def may_see(name: str, viewers: Iterable[Viewer]) -> bool:
    """Return whether someone in these capacities may see the attribute called `name`.

    Examples
    --------
    >>> may_see("test_reports", [Viewer.AUTHORITY]), may_see("soce_frac", [Viewer.AUTHORITY])
    (True, False)
    """
    return definition(name).point in visible_points(viewers)


def redact(passport: Passport, viewers: Iterable[Viewer]) -> Passport:
    """Return the passport with only what someone in these capacities may see.

    What may not be seen is gone, name and all: an empty place would tell that something is there.
    Someone in no capacity is the public.

    Raises
    ------
    RecordSaysNo
        If the passport is itself a redacted copy that lacks what these capacities may see.
    """
    asked = frozenset(viewers) or frozenset({Viewer.PUBLIC})
    points = visible_points(asked)
    if passport.shown_to:
        had = visible_points(map(Viewer, passport.shown_to))
        if not points <= had:
            raise RecordSaysNo(
                f"passport {passport.passport_id}",
                f"a copy for {', '.join(passport.shown_to)}",
                "the passport itself, to be shown to others",
                "ask whoever answers for the passport",
            )
    kept = {
        name: attribute
        for name, attribute in passport.attributes.items()
        if definition(name).point in points
    }
    return replace(
        passport,
        attributes=kept,
        originals=_links(passport.originals, points),
        successors=_links(passport.successors, points),
        shown_to=() if Viewer.ISSUER in asked else tuple(sorted(v.value for v in asked)),
    )


def _links(links: tuple[PassportLink, ...], points: frozenset[int]) -> tuple[PassportLink, ...]:
    """Keep that a passport follows another; which parts went there is of point 2, dismantling."""
    return links if 2 in points else tuple(PassportLink(link.passport_id) for link in links)
