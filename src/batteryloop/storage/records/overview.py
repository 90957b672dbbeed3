"""A fleet at a glance, and the last things recorded about it."""

from collections.abc import Collection
from typing import Any

from batteryloop.record import Entry, EventKind, FleetOverview, PassportCount, Stage
from batteryloop.record.ledger import Line, entry_of
from batteryloop.storage.records.database import Database
from batteryloop.storage.records.fleet import FEW, Fleet
from batteryloop.storage.records.rows import LINE

_LOW_FRAC, _HIGH_FRAC, _N_BINS = 0.5, 1.1, 30
_LINES = ", ".join(f"l.{name}" for name in LINE)


class Overview:
    """Counts a fleet, and keeps the counts until the next entry."""

    def __init__(self, database: Database, fleet: Fleet) -> None:
        self._database = database
        self._fleet = fleet
        self._kept: dict[frozenset[str] | None, tuple[int, FleetOverview]] = {}

    def of(self, organisation_ids: frozenset[str] | None) -> FleetOverview:
        """Return the fleet of some organisations at a glance; of all where there is None."""
        sequence = self._fleet.sequence()
        kept = self._kept.get(organisation_ids)
        if kept is not None and kept[0] == sequence:
            return kept[1]
        if len(self._kept) > 1_000:
            self._kept.clear()
        counted = self._counted(organisation_ids)
        self._kept[organisation_ids] = (sequence, counted)
        return counted

    def _counted(self, organisation_ids: frozenset[str] | None) -> FleetOverview:
        stages: dict[Stage, int] = self._fleet.stage_counts(organisation_ids)
        where, names = _of(organisation_ids)
        counted = self._database.rows(
            "SELECT s.application, count(*), "
            "coalesce(sum(CASE WHEN s.passport_id <> '' THEN 1 ELSE 0 END), 0), "
            "coalesce(sum(s.is_simulated), 0) "
            f"FROM battery_state s WHERE {where} GROUP BY s.application",
            names,
        )
        return FleetOverview(
            n_batteries=sum(stages.values()),
            stage_counts=stages,
            soh_counts=self._health(where, names),
            n_with_passport=sum(int(row[2]) for row in counted),
            is_simulated=any(row[3] > 0 for row in counted),
            soh_low_frac=_LOW_FRAC,
            soh_high_frac=_HIGH_FRAC,
            passport_counts={row[0]: PassportCount(int(row[1]), int(row[2])) for row in counted},
        )

    def _health(self, where: str, names: tuple[str, ...]) -> tuple[int, ...]:
        width = (_HIGH_FRAC - _LOW_FRAC) / _N_BINS
        edges = [round(_LOW_FRAC + k * width, 9) for k in range(1, _N_BINS)]
        place = " ".join(f"WHEN s.soh_frac < {edge} THEN {k}" for k, edge in enumerate(edges))
        found = self._database.rows(
            f"SELECT CASE {place} ELSE {_N_BINS - 1} END AS place, count(*) FROM battery_state s "
            f"WHERE s.soh_frac IS NOT NULL AND {where} GROUP BY place",
            names,
        )
        counts = dict.fromkeys(range(_N_BINS), 0) | {int(k): int(n) for k, n in found}
        return tuple(counts[k] for k in range(_N_BINS))

    def latest(
        self,
        organisation_ids: frozenset[str] | None,
        n_most: int,
        kinds: Collection[EventKind] = (),
    ) -> list[Entry]:
        """Return the last entries about a fleet, of some kinds or of all, the newest first."""
        where, names = _of(organisation_ids)
        if organisation_ids is None:
            source = "ledger l"
        elif sum(self._fleet.stage_counts(organisation_ids).values()) <= FEW:
            # Few batteries: their entries are looked up, not sought through the whole ledger.
            own = f"SELECT s.battery_id FROM battery_state s WHERE {where}"
            source, where = "ledger l", f"l.battery_id IN ({own})"
        else:
            source = "ledger l JOIN battery_state s ON s.battery_id = l.battery_id"
        if kinds:
            where += f" AND l.kind IN ({', '.join('?' * len(kinds))})"
        asked = (*names, *sorted(kind.value for kind in kinds), n_most)
        rows: list[Any] = self._database.rows(
            f"SELECT {_LINES} FROM {source} WHERE {where} ORDER BY l.sequence DESC LIMIT ?", asked
        )
        return [entry_of(Line(*row)) for row in rows]


def _of(organisation_ids: frozenset[str] | None) -> tuple[str, tuple[str, ...]]:
    """Return the condition that a battery `s` is one of theirs, and its parameters."""
    if organisation_ids is None:
        return "1 = 1", ()
    names = sorted(organisation_ids)
    if not names:
        return "1 = 0", ()
    marks = ", ".join("?" * len(names))
    return f"(s.holder_id IN ({marks}) OR s.responsible_id IN ({marks}))", (*names, *names)
