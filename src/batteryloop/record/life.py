"""From a state and an event to the next state, or why the event cannot be."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from batteryloop.errors import RecordSaysNo
from batteryloop.record.description import battery_of
from batteryloop.record.details import checked_details, no_row, subject_of
from batteryloop.record.events import EventKind, LifeEvent, Stage
from batteryloop.record.fleet import BatteryState, LifeStatus
from batteryloop.record.rules import LifeRule, rule_for

# Clocks differ; a deed that lies further ahead has not happened.
_AHEAD_MOST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Transfer:
    """Who hands the responsibility for a battery to whom, with the signature of each."""

    from_id: str
    to_id: str
    signatures: dict[str, dict[str, str]]


def advance(
    state: BatteryState | None, event: LifeEvent, *, recorded_at: datetime | None = None
) -> BatteryState:
    """Return what a battery's events come to once this one is among them.

    Events count in the order in which they are recorded; an evaluation that is older than the
    last one is kept, but does not replace it.

    Parameters
    ----------
    state : BatteryState or None
        What the events before came to, None for a battery of which there are none.
    event : LifeEvent
        The next.
    recorded_at : datetime, optional
        When it is recorded; an event that lies ahead of it has not happened.

    Raises
    ------
    InputWrong
        If the event's details are not what its kind asks for.
    RecordSaysNo
        If the life so far does not allow it.
    """
    rule = rule_for(event.kind, event.details)
    if rule is None:
        raise no_row(event)
    checked_details(event, rule)
    _check_time(state, event, recorded_at)
    if state is None:
        return _begun(event, rule)
    _check_allowed(state, event, rule)
    return _gone_on(state, event, rule)


def transfer_of(event: LifeEvent) -> Transfer:
    """Return who signed a transfer of responsibility.

    Raises
    ------
    RecordSaysNo
        If one of the two sides has not signed.
    """
    found: dict[str, dict[str, str]] = {}
    for item in event.details.get("signatures", ()):
        if isinstance(item, dict) and item.get("signature") and item.get("key_id"):
            found[str(item.get("party_id"))] = {
                "key_id": str(item["key_id"]),
                "signature": str(item["signature"]),
            }
    from_id, to_id = event.details["from_id"], event.details["to_id"]
    for party_id in (from_id, to_id):
        if party_id not in found:
            raise RecordSaysNo(
                subject_of(event),
                f"{party_id} has not signed",
                "a transfer signed by both sides",
                "let both sign it with `batteryloop record transfer`",
            )
    return Transfer(from_id, to_id, found)


def _begun(event: LifeEvent, rule: LifeRule) -> BatteryState:
    details = event.details
    if not rule.is_beginning:
        raise RecordSaysNo(
            subject_of(event),
            "the battery is not known",
            rule.allowed,
            "add it first with `batteryloop record add`",
        )
    if event.kind is not EventKind.MADE and not (details.get("battery") and details.get("parents")):
        raise RecordSaysNo(
            subject_of(event),
            "a battery begins so only out of others",
            "details battery and parents",
            "name the batteries and serials that went into it",
        )
    battery = battery_of(event.battery_id, details["battery"])
    responsible = details.get("responsible_id") or (
        (battery.producer_id or event.party_id) if event.kind is EventKind.MADE else event.party_id
    )
    return BatteryState(
        battery,
        rule.stage_after or Stage.MAKE,
        rule.status_after or LifeStatus.ORIGINAL,
        details.get("holder_id") or event.party_id,
        responsible,
        1,
        event.happened_at,
        event.kind,
        details.get("country") or "",
        details.get("site") or "",
    )


def _check_time(state: BatteryState | None, event: LifeEvent, recorded_at: datetime | None) -> None:
    if recorded_at is not None and event.happened_at > recorded_at + _AHEAD_MOST:
        raise RecordSaysNo(
            subject_of(event),
            f"lies ahead of {recorded_at:%Y-%m-%d %H:%M} UTC",
            "what has happened",
            "check the date",
        )
    made_at = state.battery.manufactured_at if state is not None else None
    if made_at is not None and event.happened_at < made_at:
        raise RecordSaysNo(
            subject_of(event),
            f"lies before {made_at:%Y-%m-%d}, when the battery was made",
            "what happened after",
            "check the date and the battery",
        )


def _check_allowed(state: BatteryState, event: LifeEvent, rule: LifeRule) -> None:
    if rule.is_always:
        return
    if state.is_ended:
        raise RecordSaysNo(
            subject_of(event),
            f"the battery's life ended ({state.last_event_kind.value} on "
            f"{state.last_event_at:%Y-%m-%d})",
            "notes, transfers of responsibility, passports",
            "check the battery's name",
        )
    if state.stage not in rule.stages or (
        event.kind is not EventKind.MADE and event.details.get("parents")
    ):
        what = "is known already" if rule.is_beginning else f"is in {state.stage.value}"
        raise RecordSaysNo(
            subject_of(event),
            f"the battery {what}, after {state.last_event_kind.value} on "
            f"{state.last_event_at:%Y-%m-%d}",
            rule.allowed,
            "record what happened in between, or give the new battery a name of its own",
        )


def _gone_on(state: BatteryState, event: LifeEvent, rule: LifeRule) -> BatteryState:
    details = event.details
    changes: dict[str, Any] = {
        "n_events": state.n_events + 1,
        "last_event_kind": event.kind,
    }
    if event.happened_at > state.last_event_at:
        changes["last_event_at"] = event.happened_at
    if rule.stage_after is not None:
        changes["stage"] = rule.stage_after
    if rule.status_after is not None:
        changes["status"] = rule.status_after
    if rule.ends_life:
        changes["is_ended"] = True
    for asked in rule.details:
        if asked.name in _PLACE and details.get(asked.name) is not None:
            changes[asked.name] = details[asked.name]
    effect = _EFFECTS.get(event.kind)
    if effect is not None:
        changes |= effect(state, event)
    return replace(state, **changes)


_PLACE = frozenset({"site", "country", "holder_id"})


def _evaluation(state: BatteryState, event: LifeEvent) -> dict[str, Any]:
    if state.evaluated_at is not None and event.happened_at < state.evaluated_at:
        return {}
    details = event.details
    changes = {name: details.get(name) for name in _HEALTH}
    changes["evaluated_at"] = event.happened_at
    if details.get("grade"):
        changes["grade"] = details["grade"]
    return changes


_HEALTH = ("soh_frac", "soh_low_frac", "soh_high_frac", "confidence_frac")


def _transferred(state: BatteryState, event: LifeEvent) -> dict[str, Any]:
    transfer = transfer_of(event)
    if transfer.from_id != state.responsible_id:
        raise RecordSaysNo(
            subject_of(event),
            f"{transfer.from_id} does not answer for it, {state.responsible_id} does",
            "a transfer by the party that answers for it",
            "check who hands over",
        )
    return {"responsible_id": transfer.to_id}


def _passport_revoked(state: BatteryState, event: LifeEvent) -> dict[str, Any]:
    is_this = event.details["passport_id"] == state.passport_id
    return {"passport_id": ""} if is_this else {}


def _taken_over(state: BatteryState, event: LifeEvent) -> dict[str, Any]:
    return {"responsible_id": event.details.get("responsible_id") or event.party_id}


def _released(state: BatteryState, event: LifeEvent) -> dict[str, Any]:
    return {"severity": event.details.get("severity", 0)}


def _sorted(state: BatteryState, event: LifeEvent) -> dict[str, Any]:
    grade = event.details.get("grade")
    return {"grade": grade} if grade else {}


# What is particular to a kind, beside what its row says.
_EFFECTS: dict[EventKind, Callable[[BatteryState, LifeEvent], dict[str, Any]]] = {
    EventKind.EVALUATED: _evaluation,
    EventKind.WARNED: lambda _, event: {"severity": event.details["severity"]},
    EventKind.SERVICED: _released,
    EventKind.REPAIRED: _released,
    EventKind.GRADED: _sorted,
    EventKind.TRIAGED: _sorted,
    EventKind.PLACED_ON_MARKET: lambda _, event: {"responsible_id": event.party_id},
    EventKind.REMANUFACTURED: _taken_over,
    EventKind.REPURPOSED: _taken_over,
    EventKind.RECYCLED: lambda _, __: {"severity": 0},
    EventKind.DISPOSED: lambda _, __: {"severity": 0},
    EventKind.RESPONSIBILITY_TRANSFERRED: _transferred,
    EventKind.PASSPORT_ISSUED: lambda _, event: {"passport_id": event.details["passport_id"]},
    EventKind.PASSPORT_REVOKED: _passport_revoked,
}
