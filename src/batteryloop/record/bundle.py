"""A record to carry away: entries, parties and documents, with a list of hashes that is signed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from batteryloop.errors import FileDamaged, RecordSaysNo
from batteryloop.record.canonical import canonical
from batteryloop.record.checkpoints import SignatureCheck, Signer
from batteryloop.record.ledger import Line, hash_of
from batteryloop.record.parties import Party, PartyRole
from batteryloop.record.verification import verify

FORMAT = "batteryloop-record"
VERSION = 1
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
ENTRIES, PARTIES, DOCUMENTS = "entries.jsonl", "parties.json", "documents.json"


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A document of a battery: its kind, when it was kept (ISO 8601), and its content."""

    battery_id: str
    kind: str
    kept_at: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Its hash, in hex."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Bundle:
    """What is carried away: the whole ledger (`battery_ids` None), or that of some batteries.

    With a battery go all that it was made from, since its life follows from theirs.
    """

    exported_at: str
    lines: tuple[Line, ...]
    parties: tuple[Party, ...] = ()
    documents: tuple[KeptDocument, ...] = ()
    battery_ids: tuple[str, ...] | None = None
    key_id: str = ""


def members_of(bundle: Bundle, signer: Signer) -> dict[str, bytes]:
    """Return the files of a bundle by name, the manifest signed."""
    members = {
        ENTRIES: b"".join(canonical(list(line)) + b"\n" for line in bundle.lines),
        PARTIES: canonical([party.as_dict() for party in bundle.parties]),
        DOCUMENTS: canonical(
            [[d.battery_id, d.kind, d.kept_at, d.sha256] for d in bundle.documents]
        ),
    }
    members |= {f"documents/{d.sha256}": d.content for d in bundle.documents}
    last = bundle.lines[-1] if bundle.lines else None
    manifest = canonical(
        {
            "format": FORMAT,
            "version": VERSION,
            "exported_at": bundle.exported_at,
            "battery_ids": None if bundle.battery_ids is None else list(bundle.battery_ids),
            "n_entries": len(bundle.lines),
            "head": [last.sequence, last.entry_hash] if last else None,
            "key_id": signer.key_id,
            "members": {name: hashlib.sha256(data).hexdigest() for name, data in members.items()},
        }
    )
    return {MANIFEST: manifest, SIGNATURE: signer.sign(manifest).encode(), **members}


def bundle_of(
    members: Mapping[str, bytes], objection: SignatureCheck, *, subject: str = "bundle"
) -> Bundle:
    """Return the bundle in files, once signature, hashes and chain are found right.

    Raises
    ------
    FileDamaged
        If a file is missing, was altered, or is none of a bundle.
    RecordSaysNo
        If the signature does not hold, or the chain is broken.
    """
    manifest = _manifest(members, objection, subject)
    listed = manifest["members"]
    for name in {*members} - {MANIFEST, SIGNATURE} - {*listed}:
        raise FileDamaged(subject, f"holds {name}, which its manifest does not list")
    for name, digest in listed.items():
        if name not in members:
            raise FileDamaged(subject, f"{name} is missing", "the files that were signed")
        if hashlib.sha256(members[name]).hexdigest() != digest:
            raise FileDamaged(
                subject, f"{name} was altered", "the files as they were signed", "ask for it again"
            )
    try:
        lines = tuple(Line(*json.loads(row)) for row in members[ENTRIES].splitlines())
        parties = tuple(_party(item) for item in json.loads(members[PARTIES]))
        documents = tuple(
            KeptDocument(battery_id, kind, kept_at, members[f"documents/{sha256}"])
            for battery_id, kind, kept_at, sha256 in json.loads(members[DOCUMENTS])
        )
    except (ValueError, TypeError, KeyError) as exc:
        raise FileDamaged(subject, f"cannot be read ({exc})", "a bundle of this version") from exc
    names = manifest["battery_ids"]
    bundle = Bundle(
        manifest["exported_at"],
        lines,
        parties,
        documents,
        None if names is None else tuple(names),
        manifest["key_id"],
    )
    _check_chain(bundle, subject)
    return bundle


def _manifest(
    members: Mapping[str, bytes], objection: SignatureCheck, subject: str
) -> dict[str, Any]:
    for name in (MANIFEST, SIGNATURE):
        if name not in members:
            raise FileDamaged(subject, f"has no {name}", "a file of `batteryloop record export`")
    why = objection(members[MANIFEST], members[SIGNATURE].decode("ascii", "replace"))
    if why:
        raise RecordSaysNo(
            subject,
            why,
            "a record signed by a key at hand",
            "give the key set of who exported it with --keys",
        )
    try:
        manifest = json.loads(members[MANIFEST])
        form = (manifest["format"], manifest["version"])
    except (ValueError, TypeError, KeyError):
        raise FileDamaged(subject, "its manifest cannot be read") from None
    if form != (FORMAT, VERSION):
        raise FileDamaged(subject, f"is {form[0]} {form[1]}", f"{FORMAT} {VERSION}")
    return dict(manifest)


def _check_chain(bundle: Bundle, subject: str) -> None:
    if bundle.battery_ids is None:
        found = verify(bundle.lines).breaches
        broken = next(((b.sequence, f"{b.rule}: {b.found}") for b in found), None)
    else:
        broken = next(
            (
                (line.sequence, "altered: its content does not fit its hash")
                for line in bundle.lines
                if hash_of(line) != line.entry_hash
            ),
            None,
        )
    if broken is not None:
        raise RecordSaysNo(
            subject, f"entry {broken[0]} {broken[1]}", "an unbroken chain", "ask for it again"
        )


def _party(data: Mapping[str, Any]) -> Party:
    roles = tuple(PartyRole(role) for role in data["roles"])
    return Party(
        data["party_id"], data["name"], data["country"], roles, data["registration_number"]
    )
