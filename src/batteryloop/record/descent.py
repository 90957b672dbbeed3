"""What becomes of a battery whose parts went into another."""

from collections.abc import Mapping
from dataclasses import replace

from batteryloop.errors import RecordSaysNo
from batteryloop.record.battery import Component
from batteryloop.record.details import subject_of
from batteryloop.record.events import LifeEvent, Stage
from batteryloop.record.fleet import BatteryState
from batteryloop.record.lineage import Descent

_GIVING = frozenset({Stage.CARE, Stage.SWAP, Stage.DECIDE, Stage.RENEW})


def parent_after(
    event: LifeEvent, descent: Descent, parent: BatteryState | None, left: Mapping[str, Component]
) -> BatteryState:
    """Return the parent's state once its parts have moved on.

    Where the whole battery went, or nothing is left of it, its life is over and its passport
    with it; else it goes on with what is left.

    Raises
    ------
    RecordSaysNo
        If there is no such battery, its life is over, or it is still in use.
    """
    if parent is None:
        raise RecordSaysNo(
            subject_of(event),
            f"parent {descent.parent_id} is not known",
            "a battery of this record",
            "add it first with `batteryloop record add`",
        )
    if parent.is_ended:
        raise RecordSaysNo(
            subject_of(event),
            f"the life of parent {descent.parent_id} has ended",
            "a battery that is still there",
            "check the parent's name",
        )
    if parent.stage not in _GIVING:
        raise RecordSaysNo(
            subject_of(event),
            f"parent {descent.parent_id} is in {parent.stage.value}",
            "a battery that was removed or collected",
            "record first that it was removed",
        )
    is_gone = not descent.serials or not left
    return replace(parent, stage=Stage.RENEW, is_ended=is_gone, severity=0)
