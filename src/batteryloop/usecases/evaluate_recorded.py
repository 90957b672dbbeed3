"""Evaluate a battery that is on record from its telemetry, and write the result into its life."""

from dataclasses import replace

from batteryloop.errors import NotKnown
from batteryloop.evaluation import InvolvedParty, Statement
from batteryloop.record import BatteryState, EventKind
from batteryloop.usecases.evaluate_battery import EvaluationOrder
from batteryloop.usecases.record_port import Record


def order_of(record: Record, state: BatteryState, order: EvaluationOrder) -> EvaluationOrder:
    """Return the order with all that the record states of a battery; what is given counts over it.

    Parameters
    ----------
    record : Record
        Where its life and parties are.
    state : BatteryState
        What its events come to.
    order : EvaluationOrder
        What the caller wants, perhaps stating more.
    """
    battery, given = state.battery, order.statement
    events = record.history(battery.battery_id, n_most=1_000)
    at = {entry.event.kind: entry.event.happened_at for entry in events}
    statement = Statement(
        application=battery.application,
        country=state.country or None,
        manufactured_at=battery.manufactured_at or at.get(EventKind.MADE),
        placed_on_market_at=at.get(EventKind.PLACED_ON_MARKET),
        in_service_at=at.get(EventKind.IN_SERVICE),
        certified_energy_wh=battery.rated_energy_wh,
        originator=battery.producer_id,
    )
    stated = {
        name: getattr(given, name)
        for name in Statement.__dataclass_fields__
        if getattr(given, name) not in (None, "")
    }
    roles = (("producer", state.responsible_id), ("holder", state.holder_id))
    parties = order.parties or tuple(
        party for role, party_id in roles if (party := _involved(record, role, party_id))
    )
    return replace(order, statement=replace(statement, **stated), parties=parties)


def _involved(record: Record, role: str, party_id: str) -> InvolvedParty | None:
    try:
        known = record.party(party_id)
    except NotKnown:
        return None
    return InvolvedParty(role, known.name, known.country, party_id, known.registration_number)
