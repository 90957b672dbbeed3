"""Which batteries became which: many to many, since modules of three packs make one store."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Descent:
    """Parts of `parent_id` that went into `child_id`; no serials where the whole battery did."""

    parent_id: str
    child_id: str
    happened_at: datetime
    serials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lineage:
    """All ancestors and descendants of a battery, with every step between them."""

    battery_id: str
    descents: tuple[Descent, ...]

    @property
    def parent_ids(self) -> tuple[str, ...]:
        """The batteries that it was made from."""
        return tuple(d.parent_id for d in self.descents if d.child_id == self.battery_id)

    @property
    def child_ids(self) -> tuple[str, ...]:
        """The batteries made from it."""
        return tuple(d.child_id for d in self.descents if d.parent_id == self.battery_id)
