"""Pages of the fleet: one index for each order, so that a page costs the same wherever it is.

A page ends with a cursor, not a number: the next begins behind the last battery seen. Batteries
of an organisation that has few are looked up by it; where it has many, the order is followed and
the others are passed over. Counts are kept by holder, responsible party, stage and status; all
other counts walk one index and are kept until the next entry.
"""

import base64
import json
from dataclasses import dataclass
from typing import Any

from batteryloop.errors import ValueOutOfRange
from batteryloop.record import FleetOrder, FleetPage, FleetQuery, Stage
from batteryloop.record.fleet_rows import FleetRow, FleetRows
from batteryloop.storage.records.database import Database
from batteryloop.storage.records.rows import NO_SOH, STATE, state_of

_ROW = FleetRow.__struct_fields__
_MADE: Any = FleetRow
_KEY = {FleetOrder.SOH: "soh_key"}
# Up to so many batteries are looked up by their holder or a word, and sorted.
FEW = 2_000
N_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """The conditions of a query as SQL with `?` marks."""

    conditions: tuple[str, ...]
    parameters: tuple[object, ...]

    @property
    def where(self) -> str:
        """The conditions after WHERE, or nothing."""
        return f" WHERE {' AND '.join(self.conditions)}" if self.conditions else ""

    def also(self, condition: str, *parameters: object) -> "Wanted":
        """Return it with one more condition."""
        return Wanted((*self.conditions, condition), (*self.parameters, *parameters))


class Fleet:
    """Reads pages and counts of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counted: dict[FleetQuery, tuple[int, int]] = {}

    def page(self, query: FleetQuery) -> FleetPage:
        """Return one page as states."""
        rows, n_total, after = self._read(query, STATE)
        return FleetPage(tuple(state_of(row) for row in rows), n_total, after)

    def rows(self, query: FleetQuery) -> FleetRows:
        """Return one page as lean rows."""
        rows, n_total, after = self._read(query, _ROW)
        lean = [_lean(row) for row in rows]
        return FleetRows(lean, n_total, after)

    def _read(self, query: FleetQuery, names: tuple[str, ...]) -> tuple[list[Any], int, str | None]:
        n_most = query.n_most
        if not 1 <= n_most <= N_MOST:
            raise ValueOutOfRange(
                "n_most", str(n_most), f"1 to {N_MOST}", "ask for the rest page by page"
            )
        n_total = self.n_total(query)
        if n_total == 0:
            return [], 0, None
        wanted, source = self._wanted(query)
        page = _after(query, wanted)
        key = _KEY.get(query.order, query.order.value)
        turn = "DESC" if query.is_descending else "ASC"
        order = f"s.battery_id {turn}"
        if key != "battery_id":
            order = f"s.{key} {turn}, {order}"
        chosen = ", ".join(f"s.{name}" for name in (*names, key))
        found = self._database.rows(
            f"SELECT {chosen} FROM {source}{page.where} ORDER BY {order} LIMIT ?",
            (*page.parameters, n_most + 1),
        )
        after = None
        if len(found) > n_most:
            found.pop()
            after = _cursor(found[-1][-1], found[-1][0])
        return found, n_total, after

    def n_total(self, query: FleetQuery) -> int:
        """Return how many batteries fit a query."""
        bare = FleetQuery(**{name: getattr(query, name) for name in _FILTERS})
        sequence = self.sequence()
        known = self._counted.get(bare)
        if known is None or known[0] != sequence:
            n = self._kept_count(query) if _is_counted(query) else self._count(query)
            if len(self._counted) > 1_000:
                self._counted.clear()
            known = self._counted[bare] = (sequence, n)
        return known[1]

    def _count(self, query: FleetQuery) -> int:
        wanted, source = self._wanted(query)
        statement = f"SELECT count(*) FROM {source}{wanted.where}"
        return int(self._database.rows(statement, wanted.parameters)[0][0])

    def sequence(self) -> int:
        """Return the number of the last entry."""
        found = self._database.rows("SELECT sequence FROM head WHERE name = 'ledger'")
        return int(found[0][0]) if found else 0

    def stage_counts(self, organisation_ids: frozenset[str] | None) -> dict[Stage, int]:
        """Return how many batteries are in each stage; every stage has a number."""
        wanted = _of_organisations(Wanted((), ()), organisation_ids)
        statement = f"SELECT stage, sum(n) FROM fleet_count s{wanted.where} GROUP BY stage"
        found = {row[0]: int(row[1]) for row in self._database.rows(statement, wanted.parameters)}
        return {stage: found.get(stage.value, 0) for stage in Stage}

    def _kept_count(self, query: FleetQuery) -> int:
        wanted = _of_organisations(Wanted((), ()), query.organisation_ids)
        if query.stage is not None:
            wanted = wanted.also("s.stage = ?", query.stage.value)
        if query.status is not None:
            wanted = wanted.also("s.status = ?", query.status.value)
        statement = f"SELECT sum(n) FROM fleet_count s{wanted.where}"
        return int(self._database.rows(statement, wanted.parameters)[0][0] or 0)

    def _wanted(self, query: FleetQuery) -> tuple[Wanted, str]:
        """Return the conditions of a query, and where to read from."""
        wanted = Wanted((), ())
        for name in ("stage", "status", "application", "chemistry", "country"):
            value = getattr(query, name)
            if value is not None:
                wanted = wanted.also(f"s.{name} = ?", str(value))
        if query.severity_min is not None:
            wanted = wanted.also("s.severity >= ?", query.severity_min)
        if query.soh_below_frac is not None:
            wanted = wanted.also("s.soh_key < ?", min(query.soh_below_frac, NO_SOH))
        if query.has_passport is not None:
            wanted = wanted.also(f"s.passport_id {'<>' if query.has_passport else '='} ''")
        source = "battery_state s"
        if query.organisation_ids is not None:
            if self._are_few(query):
                source = self._source_of_few(sorted(query.organisation_ids))
                names = sorted(query.organisation_ids)
                wanted = Wanted(wanted.conditions, (*names, *names, *wanted.parameters))
            else:
                # The order is to be followed; the plus keeps SQLite from looking up and sorting.
                plus = "+" if self._database.is_sqlite else ""
                wanted = _of_organisations(wanted, query.organisation_ids, plus)
        for word in query.words.casefold().split():
            wanted = self._with_word(wanted, word)
        return wanted, source

    def _are_few(self, query: FleetQuery) -> bool:
        """Return whether sorting what an organisation has is less than passing over the others."""
        n_own = self._kept_count(FleetQuery(organisation_ids=query.organisation_ids))
        if n_own > FEW:
            return False
        return n_own**2 <= query.n_most * self._kept_count(FleetQuery())

    def _source_of_few(self, names: list[str]) -> str:
        marks = ", ".join("?" * len(names))
        return (
            "(SELECT * FROM battery_state WHERE battery_id IN ("
            f"SELECT battery_id FROM battery_state WHERE holder_id IN ({marks}) UNION "
            f"SELECT battery_id FROM battery_state WHERE responsible_id IN ({marks}))) s"
        )

    def _with_word(self, wanted: Wanted, word: str) -> Wanted:
        span = (word, word + chr(0x10FFFF))
        inside = "word >= ? AND word < ?"
        found = self._database.rows(
            f"SELECT battery_id FROM battery_word WHERE {inside} LIMIT ?", (*span, FEW + 1)
        )
        if len(found) <= FEW:
            return wanted.also(
                f"s.battery_id IN (SELECT battery_id FROM battery_word WHERE {inside})", *span
            )
        return wanted.also(
            "EXISTS (SELECT 1 FROM battery_word w WHERE w.battery_id = s.battery_id "
            f"AND w.{inside.replace('AND ', 'AND w.')})",
            *span,
        )


_FILTERS = (
    "organisation_ids", "stage", "status", "application", "chemistry", "country", "severity_min",
    "soh_below_frac", "words", "has_passport",
)  # fmt: skip


def _lean(row: tuple[Any, ...]) -> FleetRow:
    # SQLite has no truths, and says 0 and 1; the last is the key of the order.
    return _MADE(*row[:-3], row[-3] == 1, row[-2] == 1)  # type: ignore[no-any-return]


def _is_counted(query: FleetQuery) -> bool:
    others = (
        query.application, query.chemistry, query.country, query.severity_min, query.has_passport,
    )  # fmt: skip
    return all(v is None for v in (*others, query.soh_below_frac)) and not query.words.strip()


def _of_organisations(
    wanted: Wanted, organisation_ids: frozenset[str] | None, plus: str = ""
) -> Wanted:
    if organisation_ids is None:
        return wanted
    names = sorted(organisation_ids)
    if not names:
        return wanted.also("1 = 0")
    marks = ", ".join("?" * len(names))
    return wanted.also(
        f"({plus}s.holder_id IN ({marks}) OR {plus}s.responsible_id IN ({marks}))", *names, *names
    )


def _after(query: FleetQuery, wanted: Wanted) -> Wanted:
    if query.after is None:
        return wanted
    value, battery_id = _place(query.after, query.order)
    sign = "<" if query.is_descending else ">"
    key = _KEY.get(query.order, query.order.value)
    if key == "battery_id":
        return wanted.also(f"s.battery_id {sign} ?", battery_id)
    return wanted.also(f"(s.{key}, s.battery_id) {sign} (?, ?)", value, battery_id)


def _cursor(value: object, battery_id: str) -> str:
    text = json.dumps([value, battery_id], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(cursor: str, order: FleetOrder) -> tuple[object, str]:
    kind = {FleetOrder.SOH: (int, float), FleetOrder.SEVERITY: (int,)}.get(order, (str,))
    try:
        value, battery_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if isinstance(value, bool) or not isinstance(value, kind):
            raise ValueError
        if not isinstance(battery_id, str) or "\0" in battery_id or "\0" in str(value):
            raise ValueError
    except (ValueError, TypeError):
        raise ValueOutOfRange(
            "the place to go on from",
            f"{cursor[:40]!r} is none of this order",
            "next_after of the page before, under the same order",
            "begin again without it",
        ) from None
    return value, battery_id
