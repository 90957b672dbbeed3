"""Which duties a party has, which are met, open or late, and by which proof."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from batteryloop.circular.responsibility.types import DutyState, LedgerEntry
from batteryloop.reference.countries import is_under
from batteryloop.reference.rows import rows


def duty_states(entries: Sequence[LedgerEntry], until: date) -> tuple[DutyState, ...]:
    """Return every duty that follows from the ledger by a day, the late ones first.

    Placing batteries on a country's market brings registration, and for each year a report and a
    fee; a take-back order brings the taking back. A duty that began before its law is none.

    Parameters
    ----------
    entries : sequence of LedgerEntry
        All of them.
    until : datetime.date
        The day that counts as today.

    Examples
    --------
    >>> placed = LedgerEntry("E1", "placed", "P", "FR", "portable", date(2026, 3, 1), 5.0)
    >>> [(d.name, d.state) for d in duty_states([placed], date(2027, 3, 1))]
    [('register', 'late'), ('report', 'open'), ('finance', 'open')]
    """
    known = [entry for entry in entries if entry.happened_on <= until]
    states: list[DutyState] = []
    for row in rows(__package__, "duties.csv"):
        places = sorted(
            {
                (e.party_id, e.country, e.category)
                for e in known
                if is_under(e.country, row["bloc"]) and e.category in row["categories"].split("|")
            }
        )
        for place in places:
            here = [e for e in known if (e.party_id, e.country, e.category) == place]
            states += _states(row, place, here, until)
    order = ("late", "open", "met late", "met")
    return tuple(sorted(states, key=lambda s: (order.index(s.state), s.due_on)))


def _states(
    row: dict[str, str], place: tuple[str, str, str], here: list[LedgerEntry], until: date
) -> Iterable[DutyState]:
    since = date.fromisoformat(row["from_on"])
    done = [e for e in here if e.kind == row["fulfilled_by"]]
    placed = [e for e in here if e.kind == "placed" and e.happened_on >= since]
    if row["name"] == "take-back":
        for order in (e for e in here if e.kind == "take_back_ordered" and e.happened_on >= since):
            due_on = order.happened_on + timedelta(days=int(row["due_days"]))
            by = [e for e in done if e.order_id == order.order_id]
            yield _state(row, place, f"order {order.order_id}", due_on, by, until)
    elif row["name"] == "register":
        if placed:
            due_on = min(e.happened_on for e in placed)
            yield _state(row, place, "first placing", due_on, done, until)
    else:
        for year in sorted({e.happened_on.year for e in placed}):
            due_on = _months_after_year(year, int(row["due_months_after_year"]))
            by = [e for e in done if (e.for_year or e.happened_on.year - 1) == year]
            yield _state(row, place, f"year {year}", due_on, by, until)


def _state(
    row: dict[str, str],
    place: tuple[str, str, str],
    subject: str,
    due_on: date,
    by: list[LedgerEntry],
    until: date,
) -> DutyState:
    first = min(by, key=lambda e: e.happened_on, default=None)
    if first is not None:
        state = "met" if first.happened_on <= due_on else "met late"
    else:
        state = "open" if until <= due_on else "late"
    return DutyState(
        row["name"], *place, subject, due_on, state, row["what"], row["article"],
        first.evidence if first else "",
    )  # fmt: skip


def _months_after_year(year: int, months: int) -> date:
    month = months % 12 + 1
    return date(year + 1 + months // 12, month, 1) - timedelta(days=1)
