"""From one battery's telemetry and what is stated of it to the unified evaluation."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from batteryloop.errors import BatteryloopError
from batteryloop.evaluation.degradation import degradation
from batteryloop.evaluation.events import bounds_of
from batteryloop.evaluation.fingerprint import rounded, table_hashes
from batteryloop.evaluation.inputs import Inputs
from batteryloop.evaluation.judge import grade_of, parameters_of, verdicts_of
from batteryloop.evaluation.plain import as_plain, report_from_dict
from batteryloop.evaluation.provenance import Provenance
from batteryloop.evaluation.responsibility import responsibility
from batteryloop.evaluation.status import health_status
from batteryloop.evaluation.types import EvaluationReport
from batteryloop.evaluation.usage import usage_history
from batteryloop.health.evaluate import evaluate
from batteryloop.health.evidence import gather, state_of_charge, typical_curve
from batteryloop.health.lifetime.population import Population
from batteryloop.health.shape import DeeperReport, deeper
from batteryloop.health.types import HealthReport
from batteryloop.reference.chemistries import chemistry
from batteryloop.telemetry.types import Finding

Chance = Callable[[int], np.random.Generator]


def evaluate_whole(
    frame: pl.DataFrame,
    inputs: Inputs,
    population: Population,
    chance: Chance,
    *,
    findings: Sequence[Finding] = (),
) -> EvaluationReport:
    """Return the unified evaluation of one battery: a function of what is handed in, no more.

    Parameters
    ----------
    frame : polars.DataFrame
        A telemetry frame of one battery, sorted by time.
    inputs : Inputs
        Identity, what is stated, parties, profiles, options; recorded in the report.
    population : Population
        What other cells say of life.
    chance : callable
        Gives a generator for a seed.
    findings : sequence of Finding
        What was noticed when the frame was read.

    Raises
    ------
    NotKnown
        If the chemistry is not in the reference table.
    ColumnMissing
        If the frame carries no voltage.
    InputWrong
        If the frame holds more than one battery.
    """
    inputs = replace(inputs, tables=table_hashes())
    curve = inputs.ocv.curve() if inputs.ocv else None
    told = _health(frame, inputs, findings)
    known = chemistry(inputs.identity.chemistry) if inputs.identity.chemistry else None
    evidence = gather(frame, told.identity, known)
    soc_frac = state_of_charge(evidence, told.capacity_ah.value)
    bounds = bounds_of(inputs.statement, known)
    seen = (told.started_at, told.ended_at) if inputs.telemetry.is_dated else (None, None)
    provenance = Provenance(*seen, _originator(inputs))
    curve = curve or typical_curve(known)
    shape = _shape(frame, inputs)
    status = health_status(frame, evidence, told, shape, curve, bounds, inputs, provenance)
    report = EvaluationReport(
        inputs=inputs,
        usage=usage_history(evidence, told, soc_frac, bounds, provenance),
        health=status,
        degradation=degradation(told, shape, status, inputs, population, chance, provenance),
        responsibility=responsibility(
            inputs.parties,
            inputs.statement.category,
            inputs.statement.country,
            inputs.evaluated_at.date(),
        ),
    )
    return _settled(_judged(report))


def _health(frame: pl.DataFrame, inputs: Inputs, findings: Sequence[Finding]) -> HealthReport:
    return evaluate(
        frame,
        inputs.identity,
        ocv=inputs.ocv.curve() if inputs.ocv else None,
        findings=findings,
        confidence_frac=inputs.options.confidence_frac,
        is_simulated=inputs.telemetry.is_simulated,
    )


def _shape(frame: pl.DataFrame, inputs: Inputs) -> DeeperReport | None:
    """Return what the curves tell; where they cannot be examined the report goes on without."""
    try:
        return deeper(
            frame,
            inputs.identity,
            ocv=inputs.ocv.curve() if inputs.ocv else None,
            confidence_frac=inputs.options.confidence_frac,
        )
    except BatteryloopError:
        return None


def _originator(inputs: Inputs) -> str:
    who = inputs.statement.originator
    return f"{who}, with {inputs.software}" if who else inputs.software


def _judged(report: EvaluationReport) -> EvaluationReport:
    """Return the report with what its profiles say."""
    figures, inputs = report.figures, report.inputs
    meant = [p for p in inputs.profiles if p.is_for(inputs.statement.category)]
    notes = tuple(
        f"profile {p.name} is not for {inputs.statement.category or 'an unknown category'}"
        for p in inputs.profiles
        if p not in meant
    )
    graded = next((p for p in meant if p.grades), None)
    return replace(
        report,
        parameters=tuple(row for p in meant for row in parameters_of(p, figures, inputs)),
        verdicts=tuple(row for p in meant for row in verdicts_of(p, figures, inputs)),
        grade=None if graded is None else grade_of(graded, figures),
        notes=(*report.notes, *notes),
    )


def _settled(report: EvaluationReport) -> EvaluationReport:
    """Return the report with its numbers cut to ten digits, as it will be read back."""
    return report_from_dict(rounded(as_plain(report)))
