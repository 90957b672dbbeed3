"""A passport and what it is made of: attributes with interval, date, originator and method."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from batteryloop.errors import ValueOutOfRange
from batteryloop.passport.catalogue import checked_value, definition


@dataclass(frozen=True, slots=True)
class Attribute:
    """One thing that a passport says, or says that nobody knows.

    Parameters
    ----------
    name : str
        A row of `attributes.csv`; the unit is the row's.
    value : object
        As the row's kind wants it; None where it is not known, and `reason` says why.
    low, high : float, optional
        The interval, in the attribute's unit.
    confidence_frac : float, optional
        How sure the interval is [1].
    determined_at : datetime, optional
        When it was determined, UTC.
    originator : str
        Who says so.
    method : str
        How it was determined.
    provenance : str
        Where it was taken from: a description, an evaluation.
    reason : str
        Why it is not known.

    Raises
    ------
    NotKnown
        If `name` is no attribute.
    ValueOutOfRange
        If the value is of another kind, lies outside its interval, has neither value nor reason,
        or was determined at a moment without a time zone.
    """

    name: str
    value: Any
    low: float | None = None
    high: float | None = None
    confidence_frac: float | None = None
    determined_at: datetime | None = None
    originator: str = ""
    method: str = ""
    provenance: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        subject = f"passport attribute {self.name}"
        if self.value is None:
            definition(self.name)
            if not self.reason:
                raise ValueOutOfRange(subject, "no value and no reason", "one of them", "say why")
            return
        object.__setattr__(self, "value", checked_value(self.name, self.value))
        if self.low is not None and self.high is not None:
            if definition(self.name).kind not in ("number", "integer"):
                raise ValueOutOfRange(subject, "an interval", "only beside a number", "leave it")
            if not self.low <= self.value <= self.high:
                raise ValueOutOfRange(
                    subject,
                    f"{self.value:g} outside {self.low:g} to {self.high:g}",
                    "a value within its interval",
                    "check the unit of each",
                )
        if self.determined_at is not None and self.determined_at.tzinfo is None:
            raise ValueOutOfRange(
                subject, f"{self.determined_at} without time zone", "a moment in UTC", "add +00:00"
            )

    @property
    def is_known(self) -> bool:
        """Whether there is a value."""
        return self.value is not None

    @property
    def unit(self) -> str:
        """The unit, as `attributes.csv` has it."""
        return definition(self.name).unit


@dataclass(frozen=True, slots=True)
class PassportLink:
    """Another passport, and the serials of the parts that went from one battery to the other.

    No serials: the whole battery went.
    """

    passport_id: str
    serials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passport:
    """One version of a battery's passport.

    Parameters
    ----------
    version : int
        Counts from 1.
    issued_at : datetime
        When this version was written, UTC.
    attributes : mapping of str to Attribute
        What it says, by name; `passport_id` and `battery_id` are always among them.
    originals : tuple of PassportLink
        The passports of the batteries that this one was made from.
    successors : tuple of PassportLink
        The passports of the batteries made from this one.
    ceased_at : datetime, optional
        When it ceased to exist, by recycling.
    is_simulated : bool
        Whether the battery exists in a simulation alone.
    shown_to : tuple of str
        For whom this copy was redacted; empty for the passport itself.

    Raises
    ------
    ValueOutOfRange
        If the identity is not there or an attribute stands under another's name.
    """

    version: int
    issued_at: datetime
    attributes: Mapping[str, Attribute]
    originals: tuple[PassportLink, ...] = ()
    successors: tuple[PassportLink, ...] = ()
    ceased_at: datetime | None = None
    is_simulated: bool = False
    shown_to: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("passport_id", "battery_id"):
            if name not in self.attributes or not self.attributes[name].is_known:
                raise ValueOutOfRange("passport", f"no {name}", "a unique name", f"give a {name}")
        for name, attribute in self.attributes.items():
            if name != attribute.name:
                raise ValueOutOfRange("passport", f"{attribute.name} under {name}", "its own name")
        if self.version < 1:
            raise ValueOutOfRange(self.passport_id, f"version {self.version}", "1 or more")

    @property
    def passport_id(self) -> str:
        """The name of the passport."""
        return str(self.attributes["passport_id"].value)

    @property
    def battery_id(self) -> str:
        """The unique identifier of the battery."""
        return str(self.attributes["battery_id"].value)

    def value(self, name: str) -> Any:  # noqa: ANN401
        """Return what it says under `name`, None if nothing."""
        found = self.attributes.get(name)
        return found.value if found else None

    def with_attributes(self, *changed: Attribute) -> "Passport":
        """Return the same version with attributes changed or added."""
        return replace(self, attributes={**self.attributes, **{a.name: a for a in changed}})


def plain_value(value: Any) -> Any:  # noqa: ANN401
    """Return a value as JSON can say it.

    Examples
    --------
    >>> plain_value((date(2013, 2, 1), {"a": ("b",)}))
    ['2013-02-01', {'a': ['b']}]
    """
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: plain_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_value(item) for item in value]
    return value
