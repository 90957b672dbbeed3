"""Validate a passport: against a profile of obligations, or against a model's official schemas."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from batteryloop.passport.completeness import Completeness, check_completeness
from batteryloop.passport.document import FORMAT
from batteryloop.passport.eu.obligations import Profile
from batteryloop.passport.history import HISTORY_FORMAT, history_from
from batteryloop.passport.mappings.loss import LossReport
from batteryloop.passport.mappings.schema_check import Problem
from batteryloop.usecases.export_passport import check_export, export_passport, model_called


@dataclass(frozen=True, slots=True)
class SchemaVerdict:
    """What a model's schemas say of a document; `report` where it was exported for the purpose."""

    model: str
    problems: tuple[Problem, ...]
    report: LossReport | None

    @property
    def is_valid(self) -> bool:
        """Whether the schemas refuse nothing."""
        return not self.problems

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "model": self.model,
            "is_valid": self.is_valid,
            "problems": [problem.as_dict() for problem in self.problems],
            "loss": self.report.as_dict() if self.report else None,
        }


def validate_against_profile(document: Mapping[str, Any], profile: Profile) -> Completeness:
    """Return what a passport lacks of what a profile asks for.

    Raises
    ------
    FileDamaged
        If the document is no passport.
    RecordSaysNo
        If its category has no passport.
    """
    return check_completeness(history_from(document).latest, profile)


def validate_against_model(
    document: dict[str, Any], model: str, schemas: Mapping[str, Any], *, is_filled: bool = True
) -> SchemaVerdict:
    """Return what a model's schemas refuse: of a passport of ours, of its export; else as it is.

    Parameters
    ----------
    document : dict
        A passport of ours, or a document of the model.
    model : str
        batterypass, catenax, idta or untp.
    schemas : mapping of str to schema
        The model's official files by part.
    is_filled : bool
        Whether the export may hold placeholders.
    """
    title = model_called(model).title
    if document.get("format") in (FORMAT, HISTORY_FORMAT):
        passport = history_from(document).latest
        exported = export_passport(passport, model, schemas=schemas, is_filled=is_filled)
        problems = check_export(exported.document, model, schemas)
        return SchemaVerdict(title, problems, exported.report)
    return SchemaVerdict(title, check_export(document, model, schemas), None)
