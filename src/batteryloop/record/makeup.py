"""What is a battery made up of after an event? Parts come with it, are exchanged, move on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from batteryloop.errors import InputWrong, RecordSaysNo
from batteryloop.record.battery import Component, ComponentKind
from batteryloop.record.description import components_of
from batteryloop.record.details import subject_of
from batteryloop.record.events import EventKind, LifeEvent
from batteryloop.record.lineage import Descent

_MAKING = frozenset({EventKind.MADE, EventKind.REMANUFACTURED, EventKind.REPURPOSED})
CHANGING = _MAKING | {EventKind.PART_REPLACED}
Parts = Mapping[str, Component]


@dataclass(frozen=True, slots=True)
class MakeUp:
    """The parts of a battery and of those it came from, after an event; by battery, by serial."""

    parts: dict[str, dict[str, Component]]


def descents_of(event: LifeEvent) -> tuple[Descent, ...]:
    """Return which batteries, or parts of them, went into the event's battery.

    Raises
    ------
    InputWrong
        If a parent has no name, is named twice, or is the battery itself.
    """
    if event.kind not in _MAKING:
        return ()
    found: dict[str, Descent] = {}
    for item in event.details.get("parents") or ():
        parent_id = item.get("battery_id") if isinstance(item, Mapping) else None
        if not isinstance(parent_id, str) or not parent_id or parent_id == event.battery_id:
            raise InputWrong(
                subject_of(event),
                f"parent {item!r} names no other battery",
                "battery_id and serials",
                "name the battery that the parts came from",
            )
        if parent_id in found:
            raise InputWrong(
                subject_of(event), f"parent {parent_id} is named twice", "each parent once"
            )
        serials = tuple(str(serial) for serial in item.get("serials") or ())
        found[parent_id] = Descent(parent_id, event.battery_id, event.happened_at, serials)
    return tuple(found.values())


def changed_parts(event: LifeEvent, before: Mapping[str, Parts]) -> MakeUp:
    """Return the parts of every battery that an event touches.

    Parameters
    ----------
    event : LifeEvent
        One of the kinds in `CHANGING`.
    before : mapping
        The parts of the battery and of each parent before it, by battery and serial.

    Raises
    ------
    RecordSaysNo
        If a serial that went out or moved on is not in its battery, or one that came in is.
    """
    own = dict(before.get(event.battery_id, {}))
    after = {name: dict(parts) for name, parts in before.items()}
    after[event.battery_id] = own
    if event.kind is EventKind.PART_REPLACED:
        _replace(event, own)
        return MakeUp(after)
    for descent in descents_of(event):
        _move(event, descent, after[descent.parent_id], own)
    listed = components_of(event.details.get("components") or (), subject=subject_of(event))
    own.update({part.serial: part for part in listed})
    _check_parents(event, own)
    return MakeUp(after)


def _replace(event: LifeEvent, own: dict[str, Component]) -> None:
    details = event.details
    out, new = details["serial_out"], details["serial_in"]
    if own and out not in own:
        raise RecordSaysNo(
            subject_of(event),
            f"serial {out!r} is not in the battery",
            "the serial of a part that it has",
            f"see `batteryloop record show {event.battery_id}`",
        )
    gone = own.get(out)
    for serial in _subtree(own, [out]):
        del own[serial]
    if new in own:
        raise RecordSaysNo(subject_of(event), f"serial {new!r} is in the battery already")
    kind = gone.kind if gone else ComponentKind(details.get("part_kind") or "other")
    place = (gone.parent_serial, gone.position) if gone else (None, None)
    own[new] = Component(new, kind, *place, details.get("model") or (gone.model if gone else ""))
    listed = components_of(details.get("components") or (), subject=subject_of(event))
    own.update({part.serial: part for part in listed})
    _check_parents(event, own)


def _move(
    event: LifeEvent, descent: Descent, theirs: dict[str, Component], own: dict[str, Component]
) -> None:
    wanted = descent.serials or tuple(theirs)
    missing = [serial for serial in wanted if serial not in theirs]
    if missing:
        raise RecordSaysNo(
            subject_of(event),
            f"serial {missing[0]!r} is not in {descent.parent_id}"
            + (f", nor are {len(missing) - 1} more" if len(missing) > 1 else ""),
            "parts that the parent has today",
            f"see `batteryloop record show {descent.parent_id}`",
        )
    moved = _subtree(theirs, wanted)
    for serial in moved:
        if serial in own:
            raise RecordSaysNo(subject_of(event), f"serial {serial!r} came from two batteries")
        part = theirs.pop(serial)
        own[serial] = part if part.parent_serial in moved else replace(part, parent_serial=None)


def _subtree(parts: Parts, serials: Iterable[str]) -> dict[str, None]:
    """Return the serials and all that sits in them, in order."""
    inside: dict[str | None, list[str]] = {}
    for part in parts.values():
        inside.setdefault(part.parent_serial, []).append(part.serial)
    found: dict[str, None] = {}
    waiting = [serial for serial in serials if serial in parts]
    while waiting:
        serial = waiting.pop(0)
        if serial not in found:
            found[serial] = None
            waiting += inside.get(serial, [])
    return found


def _check_parents(event: LifeEvent, own: Parts) -> None:
    for part in own.values():
        above, n_up = part.parent_serial, 0
        while above is not None:
            if above not in own or n_up > len(own):
                raise InputWrong(
                    subject_of(event),
                    f"part {part.serial} sits in {part.parent_serial}, which is not in the battery"
                    if above not in own
                    else f"part {part.serial} sits in itself",
                    "parent_serial of a listed part, or none",
                    "list the part above it too",
                )
            above, n_up = own[above].parent_serial, n_up + 1
