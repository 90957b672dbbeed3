"""Recompute an evaluation from its recorded inputs, and say whether it comes out the same."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np

from batteryloop.errors import InputWrong
from batteryloop.evaluation import EvaluationReport, evaluate_whole
from batteryloop.evaluation.compare import Difference, differences
from batteryloop.evaluation.plain import as_plain, canonical_report
from batteryloop.health.lifetime.population import Population
from batteryloop.telemetry import Recording
from batteryloop.usecases.evaluate_battery import reference_of
from batteryloop.usecases.ports import Refusal, TelemetrySource
from batteryloop.usecases.read_telemetry import read_telemetry

_MOST = 200


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A report made again: whether the bytes are the same, and where they are not."""

    report: EvaluationReport
    is_same: bool
    is_telemetry_same: bool
    differences: tuple[Difference, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON."""
        return {
            "battery_id": self.report.battery_id,
            "is_same": self.is_same,
            "is_telemetry_same": self.is_telemetry_same,
            "software": self.report.inputs.software,
            "differences": [difference.as_dict() for difference in self.differences],
        }


def recompute_evaluation(
    then: EvaluationReport,
    source: TelemetrySource,
    software: str,
    population: Population,
    chance: Callable[[int], np.random.Generator],
) -> Recomputed:
    """Return what comes out when a report is made again from what it records.

    Parameters
    ----------
    then : EvaluationReport
        The report.
    source : TelemetrySource
        Where its telemetry lies.
    software : str
        Name and version of this software; another one than the report's is a difference.
    population : Population
        What other cells say of life.
    chance : callable
        Gives a generator for a seed.

    Raises
    ------
    InputWrong
        If the source does not hold the battery, or refuses it.
    """
    recording = _recording_of(then, source)
    recorded = then.inputs.telemetry
    found = reference_of(recording, paths=recorded.paths, mapping=recorded.mapping)
    # Where a file lies and what it is called do not change what it says.
    found = replace(found, name=recorded.name, file_sha256=recorded.file_sha256)
    inputs = replace(then.inputs, telemetry=found, software=software)
    now = evaluate_whole(recording.frame, inputs, population, chance, findings=recording.findings)
    return Recomputed(
        now,
        canonical_report(then) == canonical_report(now),
        found.content_sha256 == recorded.content_sha256,
        tuple(islice(differences(as_plain(then), as_plain(now)), _MOST)),
    )


def _recording_of(then: EvaluationReport, source: TelemetrySource) -> Recording:
    refused: list[str] = []
    for part in read_telemetry(source, then.inputs.identity):
        if isinstance(part, Refusal):
            refused.append(str(part.error))
        elif part[0].battery_id == then.battery_id:
            return part[1]
    raise InputWrong(
        f"battery {then.battery_id}",
        "its telemetry is not there" + (f" ({refused[0]})" if refused else ""),
        "the telemetry that the report was made from",
        "name it with --telemetry",
    )
