"""Read telemetry: each battery's samples, counters unrolled, checked, with all findings."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

import polars as pl

from batteryloop.errors import BatteryloopError, OurFault
from batteryloop.record import BatteryIdentity
from batteryloop.telemetry import Recording
from batteryloop.telemetry.clean import clean
from batteryloop.telemetry.validate import validate
from batteryloop.usecases.ports import Refusal, TelemetrySource

T = TypeVar("T")


def read_telemetry(
    source: TelemetrySource, default: BatteryIdentity
) -> Iterator[tuple[BatteryIdentity, Recording] | Refusal]:
    """Yield one battery at a time, made ready, or the reason why it is left out.

    Parameters
    ----------
    source : TelemetrySource
        Files, a lake, a simulation.
    default : BatteryIdentity
        What to take for batteries of which the source knows nothing; its name is not used.

    Yields
    ------
    (BatteryIdentity, Recording) or Refusal
        Counters never fall, cycles are numbered through, findings are complete.
    """
    known = source.identities()
    for part in source.recordings():
        if isinstance(part, Refusal):
            yield part
            continue
        for battery_id, recording in batteries_of(part):
            identity = known.get(battery_id) or BatteryIdentity(
                battery_id, default.chemistry, default.rated_capacity_ah, default.n_cells_series
            )
            ready = attempted(battery_id, partial(made_ready, recording, identity))
            yield ready if isinstance(ready, Refusal) else (identity, ready)


def for_each(
    source: TelemetrySource,
    default: BatteryIdentity,
    deed: Callable[[BatteryIdentity, Recording], T],
) -> Iterator[T | Refusal]:
    """Yield what `deed` makes of each battery, or the reason why it is left out."""
    for part in read_telemetry(source, default):
        if isinstance(part, Refusal):
            yield part
        else:
            identity, recording = part
            yield attempted(identity.battery_id, partial(deed, identity, recording))


def attempted(battery_id: str, deed: Callable[[], T]) -> T | Refusal:
    """Return what `deed` gives, or the error: one battery's odd data must not stop the rest."""
    try:
        return deed()
    except BatteryloopError as error:
        return Refusal(battery_id, error)
    except Exception as exc:
        return Refusal(battery_id, OurFault.of(battery_id, exc))


def batteries_of(recording: Recording) -> Iterator[tuple[str, Recording]]:
    """Yield each battery of a recording by itself, with the findings that are about it."""
    ids = recording.frame.get_column("battery_id").unique(maintain_order=True).to_list()
    if len(ids) == 1:
        yield ids[0], recording
        return
    for battery_id in ids:
        rows = recording.frame.filter(pl.col("battery_id") == battery_id)
        about = tuple(f for f in recording.findings if f.battery_id in {"", battery_id})
        yield battery_id, Recording(rows, recording.source, about)


def made_ready(recording: Recording, identity: BatteryIdentity) -> Recording:
    """Return one battery's recording with what needs no guess put right and the rules checked.

    Rows that stand twice are taken out, counters unrolled, certain slips of unit put right; each
    is a finding.
    """
    frame, cleaned = clean(
        recording.frame, chemistry=identity.chemistry, n_cells_series=identity.n_cells_series
    )
    checked = validate(frame, chemistry=identity.chemistry, n_cells_series=identity.n_cells_series)
    return Recording(frame, recording.source, (*recording.findings, *cleaned, *checked))
