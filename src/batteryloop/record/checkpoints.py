"""A signed word on how long the ledger was at a time, and what its last entry's hash."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from batteryloop.errors import FileDamaged, RecordSaysNo
from batteryloop.record.canonical import canonical


class Signer(Protocol):
    """Signs bytes with one key."""

    @property
    def key_id(self) -> str:
        """The name of the key."""

    def sign(self, content: bytes) -> str:
        """Return the signature as text."""


# Content and signature in; why the signature does not hold, or nothing.
SignatureCheck = Callable[[bytes, str], str]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of the ledger at a time, signed."""

    sequence: int
    entry_hash: str
    signed_at: str
    key_id: str = ""
    signature: str = ""

    @property
    def content(self) -> bytes:
        """What is signed."""
        return canonical(
            {
                "entry_hash": self.entry_hash,
                "key_id": self.key_id,
                "sequence": self.sequence,
                "signed_at": self.signed_at,
            }
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "sequence": self.sequence,
            "entry_hash": self.entry_hash,
            "signed_at": self.signed_at,
            "key_id": self.key_id,
            "signature": self.signature,
        }


def signed_checkpoint(sequence: int, entry_hash: str, signed_at: str, signer: Signer) -> Checkpoint:
    """Return a checkpoint of that head, signed."""
    bare = Checkpoint(sequence, entry_hash, signed_at, signer.key_id)
    return Checkpoint(sequence, entry_hash, signed_at, signer.key_id, signer.sign(bare.content))


def checkpoint_of(data: Mapping[str, Any], *, subject: str = "checkpoint") -> Checkpoint:
    """Return the checkpoint that plain data says.

    Raises
    ------
    FileDamaged
        If a field is missing or of another type.
    """
    try:
        texts = [data[name] for name in ("entry_hash", "signed_at", "key_id", "signature")]
        sequence = data["sequence"]
    except (KeyError, TypeError) as exc:
        raise FileDamaged(subject, f"has no {exc}", "the fields of a checkpoint") from None
    if not isinstance(sequence, int) or not all(isinstance(text, str) for text in texts):
        raise FileDamaged(subject, "a field is of another type", "a number and four texts")
    return Checkpoint(sequence, *texts)


def checked(mark: Checkpoint, objection: SignatureCheck) -> Checkpoint:
    """Return the checkpoint if its signature holds.

    Raises
    ------
    RecordSaysNo
        If it does not, with the reason.
    """
    why = objection(mark.content, mark.signature)
    if why:
        raise RecordSaysNo(
            f"checkpoint at entry {mark.sequence}",
            why,
            "a checkpoint as it was signed",
            "use the checkpoint file as it was given out, and the keys of who signed it",
        )
    return mark
