"""Makes the first version of a passport, or the next, from a description and an evaluation."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from batteryloop.passport.catalogue import definition, definitions
from batteryloop.passport.document import attribute_from
from batteryloop.passport.history import next_version
from batteryloop.passport.types import Attribute, Passport


def attributes_from(
    entries: Mapping[str, Any], *, provenance: str, originator: str = ""
) -> tuple[Attribute, ...]:
    """Return the attributes that plain data describes.

    Parameters
    ----------
    entries : mapping of str to object
        By name either the bare value, or a table with `value` (or `reason`) and what else is
        known of it.
    provenance : str
        Where the data was taken from, for what does not say so itself.
    originator : str, default ""
        Who says so, likewise.

    Raises
    ------
    NotKnown, UnitUnknown, ValueOutOfRange
        If an entry cannot be an attribute.

    Examples
    --------
    >>> a, b = attributes_from({"mass_kg": 0.8, "soc_frac": {"reason": "never read"}},
    ...                        provenance="leaf.toml")
    >>> a.value, a.provenance, b.reason
    (0.8, 'leaf.toml', 'never read')
    """
    found = []
    for name, entry in entries.items():
        definition(name)
        is_whole = isinstance(entry, Mapping) and ("value" in entry or "reason" in entry)
        whole: dict[str, Any] = dict(entry) if is_whole else {"value": entry}
        if definition(name).kind == "integer" and isinstance(whole.get("low"), int | float):
            # A count that was rounded may lie outside the interval of what it was rounded from.
            whole["low"] = min(whole["low"], whole["value"])
            whole["high"] = max(whole["high"], whole["value"])
        if whole.get("value") is not None:
            whole.setdefault("provenance", provenance)
            if originator:
                whole.setdefault("originator", originator)
        found.append(attribute_from(name, whole))
    return tuple(found)


def new_passport(
    passport_id: str,
    attributes: Iterable[Attribute],
    *,
    now: datetime,
    is_simulated: bool = False,
) -> Passport:
    """Return the first version of a passport; later attributes overrule earlier ones.

    What neither a description nor an evaluation mentions stands in it as unknown, so that nobody
    takes silence for zero.

    Parameters
    ----------
    passport_id : str
        A name never used before, such as `urn:uuid:…`.
    attributes : iterable of Attribute
        What is known.
    now : datetime
        The moment, UTC.
    is_simulated : bool
        Whether the battery exists in a simulation alone.

    Raises
    ------
    ValueOutOfRange
        If there is no `battery_id`.
    """
    given = {attribute.name: attribute for attribute in attributes}
    given["passport_id"] = Attribute("passport_id", passport_id, provenance="issued")
    given.setdefault("status", Attribute("status", "original", determined_at=now))
    for name, known in definitions().items():
        if name not in given and known.row:
            given[name] = Attribute(name, None, reason="not given to the issuer")
    order = {name: i for i, name in enumerate(definitions())}
    return Passport(
        1,
        now,
        dict(sorted(given.items(), key=lambda pair: order[pair[0]])),
        is_simulated=is_simulated,
    )


def updated_passport(
    passport: Passport, attributes: Iterable[Attribute], *, now: datetime
) -> Passport:
    """Return the next version with attributes renewed.

    A value that is known is not overruled by one that is not: it keeps its date, and the reader
    sees how old it is.

    Raises
    ------
    RecordSaysNo
        If `now` lies before the present version.
    """
    renewed = [
        attribute
        for attribute in attributes
        if attribute.is_known or passport.value(attribute.name) is None
    ]
    return next_version(passport.with_attributes(*renewed), now=now)
