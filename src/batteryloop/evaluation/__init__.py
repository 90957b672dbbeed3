"""How was it used, how is it, how does it age, who must take it back? One report and a grade."""

from batteryloop.evaluation.evaluate import evaluate_whole
from batteryloop.evaluation.inputs import (
    Inputs,
    InvolvedParty,
    OcvPoints,
    Options,
    Statement,
    TelemetryReference,
)
from batteryloop.evaluation.passport_values import PassportValue, passport_values
from batteryloop.evaluation.plain import canonical_report, report_from_dict
from batteryloop.evaluation.profile import Profile, profiles_for, shipped_profile
from batteryloop.evaluation.types import EvaluationReport, Figure, Grade, Verdict

__all__ = [
    "EvaluationReport",
    "Figure",
    "Grade",
    "Inputs",
    "InvolvedParty",
    "OcvPoints",
    "Options",
    "PassportValue",
    "Profile",
    "Statement",
    "TelemetryReference",
    "Verdict",
    "canonical_report",
    "evaluate_whole",
    "passport_values",
    "profiles_for",
    "report_from_dict",
    "shipped_profile",
]
