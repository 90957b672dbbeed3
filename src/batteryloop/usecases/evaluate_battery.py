"""Evaluate batteries whole: usage, health, degradation, responsibility, one report for each."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from batteryloop.evaluation import (
    EvaluationReport,
    Inputs,
    InvolvedParty,
    OcvPoints,
    Options,
    Profile,
    Statement,
    TelemetryReference,
    evaluate_whole,
    profiles_for,
)
from batteryloop.evaluation.fingerprint import content_sha256
from batteryloop.health.lifetime.population import Population
from batteryloop.health.open_circuit.curve import OcvCurve
from batteryloop.record import BatteryIdentity
from batteryloop.telemetry import Recording
from batteryloop.usecases.ports import Refusal, TelemetrySource
from batteryloop.usecases.read_telemetry import for_each

Chance = Callable[[int], np.random.Generator]


@dataclass(frozen=True, slots=True)
class EvaluationOrder:
    """What is to hold for every battery of a batch.

    `profiles` None takes all that concern the battery's category; `paths` and `mapping` say where
    the telemetry lies, for whoever makes the report again.
    """

    software: str
    evaluated_at: datetime
    statement: Statement = field(default_factory=Statement)
    parties: tuple[InvolvedParty, ...] = ()
    profiles: tuple[Profile, ...] | None = None
    options: Options = field(default_factory=Options)
    ocv: OcvCurve | None = None
    paths: tuple[str, ...] = ()
    mapping: str = ""


def evaluate_battery(
    recording: Recording,
    identity: BatteryIdentity,
    order: EvaluationOrder,
    population: Population,
    chance: Chance,
) -> EvaluationReport:
    """Return the unified evaluation of one battery.

    Parameters
    ----------
    recording : Recording
        Its samples, ready: counters unrolled, checked.
    identity : BatteryIdentity
        Who it is.
    order : EvaluationOrder
        What is stated and asked.
    population : Population
        What other cells say of life.
    chance : callable
        Gives a generator for a seed.
    """
    profiles = order.profiles
    if profiles is None:
        profiles = profiles_for(order.statement.category)
    inputs = Inputs(
        identity=identity,
        telemetry=reference_of(recording, paths=order.paths, mapping=order.mapping),
        evaluated_at=order.evaluated_at,
        software=order.software,
        statement=order.statement,
        parties=order.parties,
        profiles=profiles,
        options=order.options,
        ocv=OcvPoints.of(order.ocv) if order.ocv else None,
    )
    return evaluate_whole(recording.frame, inputs, population, chance, findings=recording.findings)


def evaluate_batteries(
    source: TelemetrySource,
    default: BatteryIdentity,
    order: EvaluationOrder,
    population: Population,
    chance: Chance,
) -> Iterator[EvaluationReport | Refusal]:
    """Yield the unified evaluation of each battery, or the reason why there is none.

    Parameters
    ----------
    source : TelemetrySource
        Files, a lake, a simulation.
    default : BatteryIdentity
        What to take for batteries of which the source knows nothing.
    order, population, chance
        As `evaluate_battery` takes them.

    Yields
    ------
    EvaluationReport or Refusal
        One bad battery never stops the rest.
    """

    def evaluated(identity: BatteryIdentity, recording: Recording) -> EvaluationReport:
        return evaluate_battery(recording, identity, order, population, chance)

    return for_each(source, default, evaluated)


def reference_of(
    recording: Recording, *, paths: Sequence[str] = (), mapping: str = ""
) -> TelemetryReference:
    """Return by what a recording is known again: name, span, and the hash of what it says."""
    frame, source = recording.frame, recording.source
    time = frame.get_column("time")
    return TelemetryReference(
        name=source.name,
        format=source.format,
        content_sha256=content_sha256(frame),
        n_rows=frame.height,
        started_at=time.min() if frame.height else None,  # type: ignore[arg-type]
        ended_at=time.max() if frame.height else None,  # type: ignore[arg-type]
        is_simulated=source.is_simulated,
        is_time_relative=source.is_time_relative,
        file_sha256=source.sha256,
        paths=tuple(paths),
        mapping=mapping,
    )
