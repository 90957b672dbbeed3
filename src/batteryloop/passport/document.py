"""A passport as plain JSON, and back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from batteryloop.errors import FileDamaged, UnitUnknown
from batteryloop.passport.catalogue import definition
from batteryloop.passport.types import Attribute, Passport, PassportLink, plain_value

FORMAT = "batteryloop passport 1"
_EXTRAS = (
    "low", "high", "confidence_frac", "determined_at", "originator", "method", "provenance",
    "reason",
)  # fmt: skip


def attribute_document(attribute: Attribute) -> dict[str, Any]:
    """Return an attribute as plain data; what is empty is left out."""
    found: dict[str, Any] = {"value": plain_value(attribute.value)}
    if attribute.unit:
        found["unit"] = attribute.unit
    for key in _EXTRAS:
        value = getattr(attribute, key)
        if value not in (None, ""):
            found[key] = plain_value(value)
    return found


def attribute_from(name: str, document: Mapping[str, Any]) -> Attribute:
    """Return the attribute that plain data describes.

    Raises
    ------
    UnitUnknown
        If it is in another unit than the catalogue's.
    NotKnown, ValueOutOfRange
        If it cannot be an attribute.

    Examples
    --------
    >>> attribute_from("mass_kg", {"value": 1.6, "unit": "kg", "originator": "maker"}).value
    1.6
    """
    unit = definition(name).unit
    if document.get("unit", unit) != unit:
        raise UnitUnknown(
            f"passport attribute {name}", f"unit {document['unit']!r}", repr(unit), "convert it"
        )
    extras = {key: document[key] for key in _EXTRAS if document.get(key) is not None}
    if "determined_at" in extras:
        extras["determined_at"] = moment(extras["determined_at"], f"passport attribute {name}")
    return Attribute(name, document.get("value"), **extras)


def passport_document(passport: Passport) -> dict[str, Any]:
    """Return a passport as plain data.

    Parameters
    ----------
    passport : Passport
        One version.
    """
    return {
        "format": FORMAT,
        "version": passport.version,
        "issued_at": passport.issued_at.isoformat(),
        "is_simulated": passport.is_simulated,
        "originals": [_link_document(link) for link in passport.originals],
        "successors": [_link_document(link) for link in passport.successors],
        "ceased_at": passport.ceased_at.isoformat() if passport.ceased_at else None,
        "shown_to": list(passport.shown_to),
        "attributes": {
            name: attribute_document(attribute) for name, attribute in passport.attributes.items()
        },
    }


def passport_from(document: Mapping[str, Any], *, subject: str = "passport") -> Passport:
    """Return the passport that plain data describes.

    Raises
    ------
    FileDamaged
        If it is not a passport of this format.
    NotKnown, UnitUnknown, ValueOutOfRange
        If an attribute cannot be one.
    """
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise FileDamaged(
            subject,
            "not a passport",
            f"a JSON document whose format is {FORMAT!r}",
            "make one with `batteryloop passport issue`",
        )
    try:
        ceased = document.get("ceased_at")
        return Passport(
            version=int(document["version"]),
            issued_at=moment(document["issued_at"], subject),
            attributes={
                name: attribute_from(name, entry) for name, entry in document["attributes"].items()
            },
            originals=_links_from(document.get("originals", ())),
            successors=_links_from(document.get("successors", ())),
            ceased_at=moment(ceased, subject) if ceased else None,
            is_simulated=bool(document.get("is_simulated", False)),
            shown_to=tuple(document.get("shown_to", ())),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise FileDamaged(subject, f"a broken passport: {error!r}", "a whole one") from error


def moment(text: str | datetime, subject: str) -> datetime:
    """Return the moment that ISO 8601 text says.

    Raises
    ------
    FileDamaged
        If it says none, or one without a time zone.

    Examples
    --------
    >>> moment("2026-11-25T12:00:00Z", "passport").hour
    12
    """
    try:
        found = text if isinstance(text, datetime) else datetime.fromisoformat(text)
    except (TypeError, ValueError):
        found = None
    if found is None or found.tzinfo is None:
        raise FileDamaged(
            subject, f"the moment {text!r}", "ISO 8601 with a time zone", "write 2026-11-25T12:00Z"
        )
    return found


def _link_document(link: PassportLink) -> dict[str, Any]:
    return {"passport_id": link.passport_id, "serials": list(link.serials)}


def _links_from(documents: Any) -> tuple[PassportLink, ...]:  # noqa: ANN401
    return tuple(PassportLink(d["passport_id"], tuple(d.get("serials", ()))) for d in documents)
