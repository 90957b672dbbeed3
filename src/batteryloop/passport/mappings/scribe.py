"""Notes down, while a passport is carried over, what happens to each field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from batteryloop.passport.mappings.loss import Loss, LossKind
from batteryloop.passport.mappings.paths import Path


@dataclass(frozen=True, slots=True)
class Unfit:
    """A value that cannot be carried, and why."""

    why: str


@dataclass(slots=True)
class Scribe:
    """The passport's side of the mapping as a tree, and the losses so far.

    `field` is the one at hand and `path` the model's place for it, so that a conversion need not
    know its name; into `also` it writes what else it has carried.
    """

    tree: dict[str, Any]
    losses: list[Loss] = field(default_factory=list)
    also: set[Path] = field(default_factory=set)
    field: str = ""
    path: str = ""

    def note(self, kind: LossKind, why: str, *, at: str = "") -> None:
        """Note what happened to the field at hand, or to the one named."""
        self.losses.append(Loss(kind, at or self.field, why))


Convert = Callable[[Any, Scribe], Any]


@dataclass(frozen=True, slots=True)
class Conversion:
    """How one value becomes the model's, and back; either may answer `Unfit`."""

    out: Convert
    back: Convert


Conversions = Mapping[str, Conversion]
