"""A battery's own way round the loop: the stages that it came through, as far as may be told."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from batteryloop.passport.status import Status
from batteryloop.passport.types import Passport
from batteryloop.record import Entry, Stage
from batteryloop.record.rules import rule_for
from batteryloop.web.drawings.loop import STAGE_HUES, LoopStage, draw_loop

Say = Callable[..., str]
Way = Mapping[Stage, date | None]
_RENEWED = frozenset({Status.REPURPOSED, Status.RE_USED, Status.REMANUFACTURED})


def way_of_passport(passport: Passport) -> dict[Stage, date | None]:
    """Return the stages that a passport tells of, with the day each was reached where it says so.

    A copy for the public says neither status nor when the use began; then they are not told here.
    """
    way: dict[Stage, date | None] = {Stage.MAKE: passport.value("manufactured_on")}
    if passport.value("in_service_on"):
        way[Stage.USE] = passport.value("in_service_on")
    status = passport.value("status")
    if passport.originals or status in _RENEWED:
        way[Stage.RENEW] = None
    if passport.successors:
        way[Stage.DECIDE] = None
    if status == Status.WASTE or passport.ceased_at:
        way[Stage.RECOVER] = passport.ceased_at.date() if passport.ceased_at else None
    return way


def way_of_record(entries: Sequence[Entry]) -> dict[Stage, date | None]:
    """Return the stages that the recorded events led through, with the day each was first reached.

    Parameters
    ----------
    entries : sequence of Entry
        The newest first, as the record gives them.
    """
    way: dict[Stage, date | None] = {}
    for entry in reversed(entries):
        rule = rule_for(entry.event.kind, entry.event.details)
        if rule is not None and rule.stage_after is not None:
            way.setdefault(rule.stage_after, entry.event.happened_at.date())
    return way


def draw_own_way(way: Way, *, here: Stage | None, centre: str, centre_note: str, say: Say) -> str:
    """Return the loop with a battery's own way lit, as SVG text.

    Parameters
    ----------
    way : mapping of Stage to date or None
        The stages that it came through.
    here : Stage or None
        Where it is now, if that may be told.
    centre, centre_note : str
        The words in the middle.
    say : callable
        Says a text in the viewer's language.
    """
    stages = [
        LoopStage(
            stage.value,
            say(f"stage-{stage}"),
            _note(stage, way, here, say),
            STAGE_HUES[stage.value],
            is_faint=stage not in way and stage is not here,
        )
        for stage in Stage
    ]
    lit = ", ".join(f"{s.name} {s.note}" for s in stages if not s.is_faint)
    return draw_loop(
        stages,
        centre=centre,
        centre_note=centre_note,
        title=say("The loop, this battery's own way lit"),
        description=lit,
    )


def _note(stage: Stage, way: Way, here: Stage | None, say: Say) -> str:
    day = way.get(stage)
    parts = [f"{day:%Y-%m-%d}"] if day else []
    if stage is here:
        parts.append(say("here now"))
    return " · ".join(parts) or ("✓" if stage in way else "–")
