"""A recorded passport as its viewer may see it, and what else the passport routes share."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field, JsonValue

from batteryloop.api.access import (
    OWN_NAME,
    admit_organisation,
    unknown_passport,
    viewers_of,
)
from batteryloop.api.house import House
from batteryloop.errors import NotKnown
from batteryloop.passport.access import redact
from batteryloop.passport.history import History
from batteryloop.passport.types import Passport
from batteryloop.record import BatteryState
from batteryloop.record.accounts import Caller
from batteryloop.usecases.record_passport import (
    RecordedPassport,
    record_passport,
    recorded_history,
)
from batteryloop.wiring.passports import new_passport_id
from batteryloop.wiring.records import new_event_id


class LinkOut(BaseModel):
    """Another passport, and the parts that went there, where they may be seen."""

    passport_id: str
    serials: list[str]


class AttributeOut(BaseModel):
    """One thing that a passport says, with interval, date, originator and method."""

    value: JsonValue
    unit: str = ""
    low: float | None = None
    high: float | None = None
    confidence_frac: float | None = None
    determined_at: datetime | None = None
    originator: str = ""
    method: str = ""
    provenance: str = ""
    reason: str = ""


class PassportOut(BaseModel):
    """One version of a passport, as far as whoever asks may see it."""

    format: str
    version: int
    issued_at: datetime
    is_simulated: bool
    originals: list[LinkOut]
    successors: list[LinkOut]
    ceased_at: datetime | None
    shown_to: list[str] = Field(description="For whom it was redacted; empty if it is whole.")
    attributes: dict[str, AttributeOut]


def history_of(house: House, battery: BatteryState) -> History:
    """Return all versions of a battery's passport.

    Raises
    ------
    NotKnown
        If it has none.
    """
    history = recorded_history(house.record, battery.battery.battery_id)
    if history is None:
        raise unknown_passport(battery.passport_id)
    return history


def shown(
    house: House, caller: Caller, battery: BatteryState, at: datetime | None = None
) -> Passport:
    """Return the version that holds now, or held then, as the caller may see it.

    Raises
    ------
    NotKnown
        If there is no passport.
    RecordSaysNo
        If it was not issued then.
    """
    history = history_of(house, battery)
    passport = history.latest if at is None else history.at(at)
    return redact(passport, viewers_of(caller, battery))


def admit_issuer(caller: Caller, battery: BatteryState) -> None:
    """Let pass who answers for a battery's passport: its responsible party, or an admin.

    Raises
    ------
    AccessRefused
        If that is another.
    """
    admit_organisation(OWN_NAME, caller, battery.responsible_id)


def next_version(
    house: House, caller: Caller, battery: BatteryState, attributes: dict[str, Any]
) -> RecordedPassport:
    """Issue the next version of a battery's passport in the name of whoever answers for it.

    Raises
    ------
    AccessRefused
        If the caller does not answer for it.
    """
    admit_issuer(caller, battery)
    return record_passport(
        house.record,
        battery.battery.battery_id,
        description={"attributes": attributes},
        party_id=battery.responsible_id,
        recorded_by=caller.account_id,
        now=house.now(),
        new_passport_id=new_passport_id,
        new_event_id=new_event_id,
    )


def battery_of_product(house: House, product_id: str) -> BatteryState:
    """Return the battery that a product's unique identifier names, a code or its own name.

    Raises
    ------
    NotKnown
        If there is none.
    """
    if "\x00" in product_id:
        raise unknown_product(product_id)
    try:
        return house.record.battery(house.record.battery_with_code(product_id))
    except NotKnown:
        raise unknown_product(product_id) from None


def unknown_product(product_id: str) -> NotKnown:
    """Return the one answer for a product that is not there, or not the caller's to change."""
    return NotKnown(f"product {product_id[:64]!r}", "not known", next_step="check its code")


def carrier_link(house: House, passport: Passport) -> str:
    """Return what a battery's code leads to: its own link, or the passport here."""
    if passport.battery_id.startswith(("https://", "http://")):
        return passport.battery_id
    return f"{house.settings.address}/passport/{passport.passport_id}"
