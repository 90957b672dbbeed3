"""A passport as one tree of plain data, so that a mapping table can point anywhere in it.

Attributes stand under their names, links always as tables with `url`; what is known beside a value
(interval, originator, …) under `@`; the passport's own data under `@passport`.
"""

from collections.abc import Mapping
from typing import Any

from batteryloop.errors import BatteryloopError
from batteryloop.passport.catalogue import definitions
from batteryloop.passport.document import attribute_document, passport_document
from batteryloop.passport.issue import attributes_from
from batteryloop.passport.mappings.loss import LossKind
from batteryloop.passport.mappings.scribe import Scribe
from batteryloop.passport.types import Attribute, Passport

META = "@"
OWN = "@passport"
_OF_PASSPORT = ("version", "issued_at", "originals", "successors", "ceased_at", "is_simulated")


def tree_of(passport: Passport) -> dict[str, Any]:
    """Return the tree of all that a passport knows."""
    tree: dict[str, Any] = {}
    meta: dict[str, Any] = {}
    for name, attribute in passport.attributes.items():
        if not attribute.is_known:
            continue
        whole = attribute_document(attribute)
        tree[name] = _as_tables(definitions()[name].kind, whole.pop("value"))
        whole.pop("unit", None)
        if whole:
            meta[name] = whole
    document = passport_document(passport)
    tree[META] = meta
    tree[OWN] = {key: document[key] for key in _OF_PASSPORT if document[key]}
    return tree


def attributes_of(tree: Mapping[str, Any], scribe: Scribe, *, model: str) -> tuple[Attribute, ...]:
    """Return the attributes that a tree holds; what cannot be one is noted as unread."""
    found: list[Attribute] = []
    for name, value in tree.items():
        if name in (META, OWN):
            continue
        entry = {"value": _as_links(definitions()[name].kind, value)}
        entry |= tree.get(META, {}).get(name, {})
        try:
            found.extend(attributes_from({name: entry}, provenance=f"read from {model}"))
        except BatteryloopError as error:
            scribe.note(LossKind.UNREAD, str(error), at=name)
    return tuple(found)


def originals_of(tree: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the passports that a document names as its originals."""
    return tuple(link["passport_id"] for link in tree.get(OWN, {}).get("originals", ()))


def _as_tables(kind: str, value: Any) -> Any:  # noqa: ANN401
    if kind == "link":
        return value if isinstance(value, dict) else {"url": value}
    if kind == "links":
        return [_as_tables("link", item) for item in value]
    return value


def _as_links(kind: str, value: Any) -> Any:  # noqa: ANN401
    if kind == "link" and isinstance(value, dict) and set(value) == {"url"}:
        return value["url"]
    if kind == "links" and isinstance(value, list):
        return [_as_links("link", item) for item in value if item]
    return value
