"""Enter a second life: parts move, responsibility too, a passport links to its originals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from batteryloop.errors import RecordSaysNo
from batteryloop.passport.eu.remanufacture import RemanufactureTest, Verdict
from batteryloop.passport.history import History
from batteryloop.record import Component, EventKind, Party
from batteryloop.usecases.begin_second_life import BegunLife, begin_battery_again
from batteryloop.usecases.judge_remanufacture import judge_remanufacture_of
from batteryloop.usecases.record_passport import recorded_history
from batteryloop.usecases.record_scribe import Scribe

# What passport attributes say of a battery, by the record's own names.
_TOLD = {
    "chemistry": "chemistry",
    "mass_kg": "mass_kg",
    "rated_capacity_ah": "rated_capacity_ah",
    "voltage_nominal_v": "rated_voltage_v",
    "model_name": "model",
}


@dataclass(frozen=True, slots=True)
class NewLife:
    """A battery to be made from others.

    Attributes
    ----------
    description : mapping
        What it is, as the event `made` carries it.
    parents : mapping of str to tuple of str
        Serials taken from each battery; none, and the whole battery goes.
    parts_mass_kg : mapping of str to float
        Mass of each part that goes in [kg].
    facts : mapping, optional
        What `judge_remanufacture_of` asks for; without them it is repurposed.
    site, country : str
        Where it is made.
    """

    battery_id: str
    description: Mapping[str, Any]
    parents: Mapping[str, Sequence[str]]
    parts_mass_kg: Mapping[str, float] = field(default_factory=dict)
    facts: Mapping[str, Any] | None = None
    site: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class EnteredLife:
    """What was entered: as what, why not as remanufactured, and the passports."""

    battery_id: str
    status: str
    test: RemanufactureTest | None
    begun: BegunLife


def record_remanufacture(scribe: Scribe, life: NewLife, *, party: Party) -> EnteredLife:
    """Enter a battery that was put together from parts of others.

    Where the law's test of remanufacturing is met it is remanufactured, else it is repurposed as a
    stationary store and the reasons stand in its life. All of it is one event: parts leave their
    batteries, and `party` answers for the new one.

    Parameters
    ----------
    scribe : Scribe
        Writes it.
    life : NewLife
        What is made of what; the parents were taken back and have passports.
    party : Party
        Who places it on the market.

    Raises
    ------
    RecordSaysNo
        If a part is not there, a parent is still in use or its life is over, or has no passport.
    """
    test = judge_remanufacture_of(life.facts, on=scribe.now.date()) if life.facts else None
    is_met = test is not None and test.verdict is Verdict.MET
    kind = EventKind.REMANUFACTURED if is_met else EventKind.REPURPOSED
    description = dict(life.description)
    if not is_met:
        description["application"] = "stationary-storage"
    attributes: dict[str, Any] = {
        name: description[known] for name, known in _TOLD.items() if description.get(known)
    }
    attributes |= {"battery_id": life.battery_id, "operator": _operator(party)}
    begun = begin_battery_again(
        {
            "status": kind.value,
            "originator": party.party_id,
            "attributes": attributes,
            **({"remanufacture": life.facts} if is_met else {}),
        },
        [(_history(scribe, name), tuple(serials)) for name, serials in life.parents.items()],
        passport_id=scribe.new_passport_id(),
        now=scribe.now,
        provenance="record",
    )
    reasons = "; ".join(test.reasons) if test and not is_met else None
    made = scribe.event(
        life.battery_id, kind, party.party_id, battery=description,
        parents=[
            {"battery_id": name, "serials": list(serials)} for name, serials in life.parents.items()
        ],
        responsible_id=party.party_id, parts_mass_kg=dict(life.parts_mass_kg) or None,
        site=life.site or None, country=life.country or None,
        words=f"not remanufactured: {reasons}" if reasons else None,
        gate=test.as_dict() if test else None,
    )  # fmt: skip
    passports = [scribe.passport_event(life.battery_id, begun.passport, party.party_id)]
    passports += [
        scribe.passport_event(name, history, party.party_id)
        for name, history in zip(life.parents, begun.originals, strict=True)
    ]
    placed = scribe.event(
        life.battery_id, EventKind.PLACED_ON_MARKET, party.party_id, country=life.country or None
    )
    scribe.enter([made, *passports, placed])
    return EnteredLife(life.battery_id, kind.value, test, begun)


def record_reuse(
    scribe: Scribe, battery_id: str, *, party: Party, site: str, country: str
) -> EnteredLife:
    """Enter that a pack is used again as it is: a new passport, and `party` answers for it.

    Raises
    ------
    RecordSaysNo
        If the pack was not taken back, or has no passport.
    """
    attributes = {"battery_id": battery_id, "operator": _operator(party)}
    begun = begin_battery_again(
        {"status": "re-used", "originator": party.party_id, "attributes": attributes},
        [(_history(scribe, battery_id), ())],
        passport_id=scribe.new_passport_id(),
        now=scribe.now,
        provenance="record",
    )
    (original,) = begun.originals
    scribe.enter(
        [
            scribe.event(
                battery_id, EventKind.REPAIRED, party.party_id, is_reuse=True, site=site,
                country=country,
            ),
            scribe.event(battery_id, EventKind.PLACED_ON_MARKET, party.party_id, country=country),
            scribe.passport_event(battery_id, original, party.party_id),
            scribe.passport_event(battery_id, begun.passport, party.party_id),
            scribe.event(battery_id, EventKind.IN_SERVICE, party.party_id, country=country),
        ]
    )  # fmt: skip
    return EnteredLife(battery_id, "re-used", None, begun)


def record_repair(
    scribe: Scribe, battery_id: str, *, party: Party, site: str, country: str
) -> None:
    """Enter that a pack was repaired and is in use again: the same battery, the same passport."""
    scribe.enter(
        [
            scribe.event(
                battery_id, EventKind.REPAIRED, party.party_id, site=site, country=country
            ),
            scribe.event(battery_id, EventKind.IN_SERVICE, party.party_id, country=country),
        ]
    )


def serials_of(components: Sequence[Component]) -> tuple[str, ...]:
    """Return the serials of the parts that sit in no other."""
    return tuple(part.serial for part in components if part.parent_serial is None)


def _operator(party: Party) -> dict[str, str]:
    return {"name": party.name, "identifier": party.party_id, "country": party.country}


def _history(scribe: Scribe, battery_id: str) -> History:
    history = recorded_history(scribe.record, battery_id)
    if history is None:
        raise RecordSaysNo(
            f"battery {battery_id}",
            "has no passport",
            "originals that have one",
            "issue it first with `batteryloop record passport`",
        )
    return history
