"""Enter that packs were recycled: masses by element, and passports that cease."""

from collections.abc import Sequence

from batteryloop.circular.recycle.genealogy import TracedReturns
from batteryloop.circular.recycle.pack_shares import PackShare, pack_shares
from batteryloop.record import EventKind, LifeEvent, Party
from batteryloop.usecases.record_passport import recorded_history
from batteryloop.usecases.record_scribe import Scribe
from batteryloop.usecases.retire_passport import retire_passport


def record_recycling(
    scribe: Scribe, traced: TracedReturns, *, party: Party, site: str, country: str
) -> tuple[PackShare, ...]:
    """Enter that a plant has recycled packs: each becomes waste, its life and passport end.

    The event holds what came in, what of it is counted in which lot and what was lost, by element
    in kilograms, from the plant's balance.

    Parameters
    ----------
    scribe : Scribe
        Writes it.
    traced : TracedReturns
        The plant's batches, from `trace_returns`; every pack is on record and was collected.
    party : Party
        The recycler, who answers for the waste.
    site, country : str
        The plant.

    Raises
    ------
    NotKnown
        If a pack is not on record.
    RecordSaysNo
        If a pack's life is over.
    """
    shares = pack_shares(traced)
    events: list[LifeEvent] = []
    for share in shares:
        events += _events(scribe, share, party, site, country)
    scribe.enter(events)
    return shares


def _events(
    scribe: Scribe, share: PackShare, party: Party, site: str, country: str
) -> Sequence[LifeEvent]:
    name = share.battery_id
    events = [
        scribe.event(
            name, EventKind.COLLECTED, party.party_id, is_waste=True, site=site, country=country,
            holder_id=party.party_id,
        ),
        scribe.event(
            name, EventKind.RECYCLED, party.party_id, masses_kg=share.as_dict(),
            batch=share.batch, campaign=share.campaign, plant=site,
        ),
    ]  # fmt: skip
    history = recorded_history(scribe.record, name)
    if history is not None:
        operator = {"name": party.name, "identifier": party.party_id, "country": party.country}
        waste = retire_passport(history, "waste", now=scribe.now, operator={"value": operator})
        ended = retire_passport(waste, "recycled", now=scribe.now)
        events.append(scribe.passport_event(name, ended, party.party_id))
    return events
