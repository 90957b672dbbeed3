"""What a mapping could not carry, had to change, invent or leave out: told field by field."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from batteryloop.passport.types import Attribute


class LossKind(StrEnum):
    """What happened to a field on its way."""

    LOST = "lost"  # the passport has it, the model has no place for it
    CHANGED = "changed"  # carried, but not as it was
    APART = "apart"  # carried in a corner that the model leaves open, under our own name
    INVENTED = "invented"  # the model insists on it, the passport does not know it: a placeholder
    LEFT_OUT = "left-out"  # the model insists on it, the passport does not know it: not written
    UNREAD = "unread"  # the document has it, our passport has no place for it


@dataclass(frozen=True, slots=True)
class Loss:
    """One field and what happened to it."""

    kind: LossKind
    field: str
    why: str

    def as_dict(self) -> dict[str, str]:
        """Return it as plain data."""
        return {"kind": self.kind.value, "field": self.field, "why": self.why}


@dataclass(frozen=True, slots=True)
class LossReport:
    """All that was lost between a passport and a model."""

    model: str
    losses: tuple[Loss, ...]

    def of(self, kind: LossKind) -> tuple[Loss, ...]:
        """Return the losses of one kind."""
        return tuple(loss for loss in self.losses if loss.kind is kind)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many there are of each kind."""
        return dict(Counter(loss.kind.value for loss in self.losses))

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "model": self.model,
            "counts": dict(self.counts),
            "losses": [loss.as_dict() for loss in self.losses],
        }


@dataclass(frozen=True, slots=True)
class Exported:
    """A passport in the words of another model, and what that cost."""

    document: dict[str, Any]
    report: LossReport


@dataclass(frozen=True, slots=True)
class Imported:
    """What a document of another model says in our words, and what that cost.

    `originals` are the passports that it names as those of the batteries it was made from.
    """

    attributes: tuple[Attribute, ...]
    report: LossReport
    originals: tuple[str, ...] = ()
