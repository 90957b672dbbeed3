"""A report as plain data and back, without loss."""

from typing import Any

import msgspec

from batteryloop.errors import InputWrong
from batteryloop.evaluation.compare import differences
from batteryloop.evaluation.types import SCHEMA, EvaluationReport
from batteryloop.record.canonical import canonical

_CHANGED = "the file was changed, or made by other software"


def as_plain(report: EvaluationReport) -> dict[str, Any]:
    """Return the report as dicts, lists, texts and numbers; moments as ISO 8601."""
    return report.as_dict()


def report_from_dict(document: object) -> EvaluationReport:
    """Return the report that `EvaluationReport.as_dict` wrote, equal in every field.

    Raises
    ------
    InputWrong
        If it is no such document; the place that does not fit is named.
    """
    found = document.get("schema") if isinstance(document, dict) else None
    if found != SCHEMA:
        raise InputWrong(
            "evaluation report", f"schema {found!r}", SCHEMA, "give a file that was made here"
        )
    try:
        report = msgspec.convert(document, EvaluationReport)
    except msgspec.ValidationError as exc:
        raise InputWrong("evaluation report", str(exc), SCHEMA, _CHANGED) from exc
    odd = next(differences(document, as_plain(report)), None)
    if odd is not None:
        found = f"{odd.then} at {odd.place}"
        raise InputWrong("evaluation report", found, f"what a report holds: {odd.now}", _CHANGED)
    return report


def canonical_report(report: EvaluationReport) -> bytes:
    """Return the report as canonical JSON (RFC 8785): equal reports give equal bytes."""
    return canonical(as_plain(report))
