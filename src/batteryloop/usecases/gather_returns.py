"""Gather from the record what was placed, how long it lived, and what was recycled of it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from batteryloop.circular.returns.lifetimes import BEGINS, ENDS, lives_of
from batteryloop.circular.returns.types import Life, Sale
from batteryloop.record import Battery, Entry, EventKind
from batteryloop.usecases.record_port import Record

_TOLD = frozenset({*BEGINS, *ENDS})
# A page reads so many entries at most; the newest count.
_N_MOST = 20_000


@dataclass(frozen=True, slots=True)
class GatheredReturns:
    """Sales by country and year, lives ended and not, and what was recycled by chemistry [t]."""

    sales: tuple[Sale, ...]
    lives: tuple[Life, ...]
    recycled_t: dict[str, float]
    is_simulated: bool

    @property
    def n_ended(self) -> int:
        """How many lives have ended."""
        return sum(life.is_ended for life in self.lives)


def gather_returns(
    record: Record, organisation_ids: frozenset[str] | None, now: datetime
) -> GatheredReturns:
    """Return what the record knows of sales, lives and recycling.

    A sale counts in the year in which the battery was placed on the market, or made if that is not
    known; lives are those of `circular.returns.lives_of`. Batteries without mass or chemistry are
    left out.

    Parameters
    ----------
    record : Record
        Where their lives are kept.
    organisation_ids : frozenset of str, optional
        Only batteries that one of them holds or answers for; None means any.
    now : datetime
        Until when lives are counted, UTC.
    """
    entries = record.latest(
        organisation_ids, n_most=_N_MOST, kinds=frozenset(BEGINS) | frozenset(ENDS)
    )
    begun, countries = _begun(entries)
    gone = {e.event.battery_id for e in entries if e.event.kind is EventKind.RECYCLED}
    masses: dict[tuple[str, str, str, int], float] = defaultdict(float)
    recycled: dict[str, float] = defaultdict(float)
    known: dict[str, Battery] = {}
    for battery_id, begun_at in begun.items():
        battery = record.battery(battery_id).battery
        chemistry, mass_t = battery.chemistry, _mass_t(battery)
        if chemistry is None or mass_t is None:
            continue
        known[battery_id] = battery
        application = battery.application.value
        country = countries.get(battery_id, "")
        masses[country, application, chemistry, begun_at.year] += mass_t
        if battery_id in gone:
            recycled[chemistry] += mass_t
    sales = [Sale(*key, mass, mass, mass) for key, mass in sorted(masses.items())]
    of_known = (entry.event for entry in entries if entry.event.battery_id in known)
    lives = lives_of(known, of_known, now)
    is_simulated = any(battery.is_simulated for battery in known.values())
    return GatheredReturns(tuple(sales), tuple(lives), dict(recycled), is_simulated)


def _begun(entries: Iterable[Entry]) -> tuple[dict[str, datetime], dict[str, str]]:
    """Return when and where each battery's first life began."""
    rows = list(entries)
    made = _first(rows, frozenset({EventKind.MADE}))
    placed = _first(rows, frozenset({EventKind.PLACED_ON_MARKET}))
    countries: dict[str, str] = {}
    for entry in rows:  # the newest first, so that the first placing is what stays
        country = entry.event.details.get("country")
        if entry.event.kind is EventKind.PLACED_ON_MARKET and country:
            countries[entry.event.battery_id] = str(country)
    return made | placed, countries


def _first(entries: Iterable[Entry], kinds: frozenset[EventKind]) -> dict[str, datetime]:
    """Return for each battery when the first event of some kinds happened."""
    found: dict[str, datetime] = {}
    for entry in entries:
        event = entry.event
        if event.kind in kinds:
            known = found.get(event.battery_id, event.happened_at)
            found[event.battery_id] = min(known, event.happened_at)
    return found


def _mass_t(battery: Battery) -> float | None:
    return None if battery.mass_kg is None else battery.mass_kg / 1000.0
