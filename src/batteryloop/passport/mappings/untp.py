"""UNTP Digital Product Passport (working draft of November 2025): a credential, still unsigned.

The model knows products in general. What it has no field for goes, whole and under our names, into
`product.characteristics`, which it leaves open to industries: nothing is lost, but only those who
know our names can read it. Its own next versions changed names; this is one snapshot.
"""

from typing import Any

from batteryloop.passport.catalogue import definitions
from batteryloop.passport.document import attribute_document
from batteryloop.passport.mappings.conversions import SHARED, URI
from batteryloop.passport.mappings.engine import carry_back, carry_out
from batteryloop.passport.mappings.loss import Exported, Imported, Loss, LossKind, LossReport
from batteryloop.passport.mappings.paths import get, put
from batteryloop.passport.mappings.scribe import Conversion, Conversions, Scribe
from batteryloop.passport.mappings.table import mapping_rows
from batteryloop.passport.mappings.tree import OWN, attributes_of, tree_of
from batteryloop.passport.types import Passport

MODEL = "UNTP DPP, working draft 2025-11"
_OPEN = ("credentialSubject", "product", "characteristics")
_OURS = ("originals", "successors", "ceased_at", "is_simulated")
_MADE = "urn:made-from-name:"


def to_untp(passport: Passport, *, is_filled: bool = False) -> Exported:
    """Return a passport as a UNTP credential without a proof.

    Parameters
    ----------
    passport : Passport
        As it is to be shown: redact it before, if need be.
    is_filled : bool
        Whether to write placeholders where the schema insists and the passport does not know.
    """
    scribe = Scribe(tree_of(passport))
    document = carry_out(
        scribe, mapping_rows("untp"), _CONVERSIONS,
        is_filled=is_filled, moment=passport.issued_at.isoformat(),
    )  # fmt: skip
    lost = [loss for loss in scribe.losses if loss.kind is LossKind.LOST]
    kept = [loss for loss in scribe.losses if loss.kind is not LossKind.LOST]
    apart: dict[str, Any] = {}
    for name in sorted({root for loss in lost for root in _roots(loss)}):
        if name in passport.attributes:
            apart[name] = attribute_document(passport.attributes[name])
        elif name in _OURS:
            apart[name] = scribe.tree[OWN][name]
    if apart:
        put(document, _OPEN, {"type": ["Characteristics"], **apart})
        why = f"under our names in {'.'.join(_OPEN)}, which the model leaves open"
        kept.append(Loss(LossKind.APART, ", ".join(apart), why))
    return Exported(document, LossReport(MODEL, tuple(kept)))


def from_untp(document: dict[str, Any]) -> Imported:
    """Return what a UNTP credential says, in our words."""
    scribe = Scribe({})
    carry_back(scribe, document, mapping_rows("untp"), _CONVERSIONS)
    found = {a.name: a for a in attributes_of(scribe.tree, scribe, model=MODEL)}
    characteristics = get(document, _OPEN)
    apart = characteristics if isinstance(characteristics, dict) else {}
    ours = {name: entry for name, entry in apart.items() if name in definitions()}
    tree: dict[str, Any] = {}
    for name, entry in ours.items():
        if isinstance(entry, dict) and "value" in entry:
            tree[name] = entry["value"]
            tree.setdefault("@", {})[name] = {
                key: value for key, value in entry.items() if key not in ("value", "unit")
            }
    found |= {a.name: a for a in attributes_of(tree, scribe, model=MODEL)}
    inside = f"{'.'.join(_OPEN)}."
    read = {f"{inside}{name}" for name in (*ours, *_OURS, "type")}
    losses = [loss for loss in scribe.losses if not _is_read(loss, inside, read)]
    found_originals = apart.get("originals")
    originals = found_originals if isinstance(found_originals, list) else []
    return Imported(
        tuple(found.values()),
        LossReport(MODEL, tuple(losses)),
        tuple(str(link["passport_id"]) for link in originals if _is_link(link)),
    )


def _is_link(link: Any) -> bool:  # noqa: ANN401
    return isinstance(link, dict) and "passport_id" in link


def _roots(loss: Loss) -> list[str]:
    names = [name.removeprefix(f"{OWN}.") for name in loss.field.split(", ")]
    return [name.split(".")[0].split("[")[0] for name in names]


def _is_read(loss: Loss, inside: str, read: set[str]) -> bool:
    if loss.kind is not LossKind.UNREAD or not loss.field.startswith(inside):
        return False
    name = loss.field.removeprefix(inside).split(".")[0].split("[")[0]
    return f"{inside}{name}" in read


def _uri_made(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    if URI.fullmatch(value):
        return value
    scribe.note(LossKind.CHANGED, f"the model wants a URI: {_MADE} stands before it")
    return _MADE + "".join(
        chr(byte) if chr(byte).isalnum() and byte < 128 else f"%{byte:02x}"
        for byte in value.encode()
    )


def _uri_back(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    if not str(value).startswith(_MADE):
        return value
    first, *rest = str(value).removeprefix(_MADE).split("%")
    return (
        first.encode() + b"".join(bytes.fromhex(part[:2]) + part[2:].encode() for part in rest)
    ).decode()


_CONVERSIONS: Conversions = {**SHARED, "uri_made": Conversion(_uri_made, _uri_back)}
