"""Write an evaluation into the record: the report kept whole, and its events in the life."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from batteryloop.evaluation import EvaluationReport, canonical_report
from batteryloop.evaluation.types import Notice
from batteryloop.record import Entry, EventKind, LifeEvent
from batteryloop.usecases.record_port import Record

KIND = "evaluation"


def record_evaluation(
    record: Record,
    report: EvaluationReport,
    *,
    party_id: str,
    recorded_by: str,
    now: datetime,
    new_event_id: Callable[[], str],
) -> list[Entry]:
    """Keep a report, and enter what it found into the battery's life.

    An early warning that the report holds becomes an event of its own, the gravest last, so that
    the battery stands in the record with the severity that needs a person.

    Parameters
    ----------
    record : Record
        Where the battery is.
    report : EvaluationReport
        Of a battery that is on record.
    party_id : str
        Whose deed the evaluation was.
    recorded_by : str
        Who enters it.
    now : datetime
        The moment of entering, UTC.
    new_event_id : callable
        Gives an id that no other event has.

    Returns
    -------
    list of Entry
        The evaluation's entry, then those of its warnings.

    Raises
    ------
    NotKnown
        If the battery is not on record.
    RecordSaysNo
        If its life has ended.
    """
    battery_id = record.battery(report.battery_id).battery.battery_id
    document = record.keep_document(battery_id, KIND, canonical_report(report))
    notices = sorted(report.health.notices, key=lambda notice: notice.severity)
    told = [(EventKind.EVALUATED, evaluation_details(report, document))]
    told += [(EventKind.WARNED, warning_details(notice)) for notice in notices]
    events = [
        LifeEvent(new_event_id(), battery_id, kind, report.inputs.evaluated_at, party_id, details)
        for kind, details in told
    ]
    return record.append(events, recorded_by=recorded_by, recorded_at=now)


def evaluation_details(report: EvaluationReport, document: str) -> dict[str, Any]:
    """Return what the record's event says of a report: health with interval, grade, the hash."""
    soh = report.figure("soh_frac").estimate
    details: dict[str, Any] = {"document": document, "method": soh.method}
    if soh.value is None:
        details["reason"] = soh.reason
    else:
        known = {"soh_frac": soh.value, "soh_low_frac": soh.low, "soh_high_frac": soh.high}
        details |= {name: value for name, value in known.items() if value is not None}
        details["confidence_frac"] = soh.confidence_frac
    if report.grade is not None:
        details["grade"] = report.grade.short
    return details


def warning_details(notice: Notice) -> dict[str, Any]:
    """Return what the record's event says of an early warning."""
    return {
        "severity": notice.severity,
        "what": f"{notice.kind}, {notice.where}: {notice.found}",
        "confidence_frac": notice.confidence_frac,
        "next_step": notice.next_step,
    }
