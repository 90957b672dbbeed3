"""Issue a recorded battery's passport, or its next version, from all that the record holds."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from batteryloop.errors import NotKnown
from batteryloop.evaluation import EvaluationReport, passport_values, report_from_dict
from batteryloop.passport.history import History, history_document, history_from
from batteryloop.passport.types import PassportLink
from batteryloop.record import BatteryState, Entry, EventKind, LifeEvent, Party
from batteryloop.record.canonical import canonical
from batteryloop.usecases.issue_passport import issue_passport
from batteryloop.usecases.record_port import Record

KIND = "passport"


@dataclass(frozen=True, slots=True)
class RecordedPassport:
    """A passport with all its versions, the hash it is kept under, and the entry that says so."""

    history: History
    document: str
    entry: Entry


def record_passport(
    record: Record,
    battery_id: str,
    *,
    description: Mapping[str, Any] | None = None,
    party_id: str,
    recorded_by: str,
    now: datetime,
    new_passport_id: Callable[[], str],
    new_event_id: Callable[[], str],
) -> RecordedPassport:
    """Issue the version of a battery's passport that holds from now on, and keep it.

    Parameters
    ----------
    record : Record
        Where the battery is; its description, parties and last evaluation are read from there.
    battery_id : str
        The battery.
    description : mapping, optional
        Further attributes by name, as `issue_passport` takes them; they count over the record's.
    party_id : str
        Who answers for the passport.
    recorded_by : str
        Who enters it.
    now : datetime
        The moment, UTC.
    new_passport_id, new_event_id : callable
        Give names that nothing else has.

    Raises
    ------
    NotKnown
        If the battery is not on record, or an attribute is none.
    ValueOutOfRange, UnitUnknown
        If an attribute cannot have its value.
    RecordSaysNo
        If the passport has ceased.
    """
    history = next_history(
        record, battery_id, description, party_id=party_id, now=now, new_passport_id=new_passport_id
    )
    history = _linked(record, battery_id, history)
    document = record.keep_document(battery_id, KIND, canonical(history_document(history)))
    event = LifeEvent(
        new_event_id(),
        battery_id,
        EventKind.PASSPORT_ISSUED,
        now,
        party_id,
        {
            "passport_id": history.latest.passport_id,
            "document": document,
            "version": history.latest.version,
        },
    )
    (entry,) = record.append([event], recorded_by=recorded_by, recorded_at=now)
    return RecordedPassport(history, document, entry)


def next_history(
    record: Record,
    battery_id: str,
    description: Mapping[str, Any] | None,
    *,
    party_id: str,
    now: datetime,
    new_passport_id: Callable[[], str],
) -> History:
    """Return the passport with the version that holds from now on, not yet kept.

    Raises and parameters as `record_passport`.
    """
    state = record.battery(battery_id)
    previous = recorded_history(record, battery_id)
    extra = dict(description or {})
    attributes = {**_recorded(record, state, party_id), **extra.pop("attributes", {})}
    return issue_passport(
        {
            "originator": party_id,
            "is_simulated": state.battery.is_simulated,
            **extra,
            "attributes": attributes,
        },
        passport_id=previous.latest.passport_id if previous else new_passport_id(),
        now=now,
        evaluation=_evaluation(record, battery_id),
        previous=previous,
        provenance="record",
    )


def recorded_history(record: Record, battery_id: str) -> History | None:
    """Return the passport that the ledger names last, with all its versions, or None."""
    document = _last_document(record, battery_id, EventKind.PASSPORT_ISSUED)
    return None if document is None else history_from(document, subject=f"battery {battery_id}")


def recorded_report(record: Record, battery_id: str) -> EvaluationReport | None:
    """Return the evaluation that the ledger names last, or None."""
    document = _last_document(record, battery_id, EventKind.EVALUATED)
    return None if document is None else report_from_dict(document)


def _linked(record: Record, battery_id: str, history: History) -> History:
    """Return the history whose last version names the passports the record's lineage leads to."""
    passport = history.latest
    originals, successors = list(passport.originals), list(passport.successors)
    for descent in record.lineage(battery_id).descents:
        for is_here, other_id, links in (
            (descent.child_id == battery_id, descent.parent_id, originals),
            (descent.parent_id == battery_id, descent.child_id, successors),
        ):
            name = record.battery(other_id).passport_id if is_here else ""
            if name and all(link.passport_id != name for link in links):
                links.append(PassportLink(name, descent.serials))
    linked = replace(passport, originals=tuple(originals), successors=tuple(successors))
    return History((*history.versions[:-1], linked))


def _last_document(record: Record, battery_id: str, kind: EventKind) -> Any | None:  # noqa: ANN401
    """Return the document that the last event of a kind names: what the chain holds, counts."""
    entry = record.last_entry(battery_id, kind)
    sha256 = entry.event.details.get("document") if entry else None
    return json.loads(record.document(sha256)) if sha256 else None


def _evaluation(record: Record, battery_id: str) -> dict[str, Any] | None:
    report = recorded_report(record, battery_id)
    if report is None:
        return None
    values = passport_values(report)
    return {"passport_values": {name: value.as_dict() for name, value in values.items()}}


def _recorded(record: Record, state: BatteryState, party_id: str) -> dict[str, Any]:
    """Return the attributes that the record itself knows."""
    battery = state.battery
    events = record.history(battery.battery_id, n_most=1_000)
    at = {entry.event.kind: entry.event.happened_at for entry in events}
    known: dict[str, Any] = {
        "battery_id": _identifier(battery.codes, battery.battery_id),
        "operator": _party(record, party_id),
        "manufacturer": _party(record, battery.producer_id),
        "category": battery.category.value,
        "status": {"value": state.status.value, "determined_at": state.last_event_at},
        "mass_kg": battery.mass_kg,
        "chemistry": battery.chemistry,
        "rated_capacity_ah": battery.rated_capacity_ah,
        "certified_energy_kwh": battery.rated_energy_wh and battery.rated_energy_wh / 1000,
        "voltage_nominal_v": battery.rated_voltage_v,
        "serial_number": battery.battery_id,
        "model_name": battery.model,
        "gbt_34014_code": battery.codes.get("gbt-34014"),
        "manufactured_on": _day(battery.manufactured_at or at.get(EventKind.MADE)),
        "placed_on_market_on": _day(at.get(EventKind.PLACED_ON_MARKET)),
        "in_service_on": _day(at.get(EventKind.IN_SERVICE)),
    }
    return {name: value for name, value in known.items() if value}


def _identifier(codes: Mapping[str, str], battery_id: str) -> str:
    for scheme in ("gs1-digital-link", "iec-61406", "iso-15459"):
        if scheme in codes:
            return codes[scheme]
    return battery_id


def _party(record: Record, party_id: str) -> dict[str, str] | None:
    if not party_id:
        return None
    try:
        party: Party = record.party(party_id)
    except NotKnown:
        return {"name": party_id}
    return {"name": party.name, "identifier": party.party_id, "country": party.country}


def _day(at: datetime | None) -> str | None:
    return None if at is None else at.date().isoformat()
