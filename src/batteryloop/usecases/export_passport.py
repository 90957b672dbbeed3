"""Export a passport to one of four public models, read it back, check it, and tell the cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from batteryloop.errors import NotKnown
from batteryloop.passport.mappings.aas_check import check_environment
from batteryloop.passport.mappings.batterypass import from_batterypass, to_batterypass
from batteryloop.passport.mappings.catenax import from_catenax, to_catenax
from batteryloop.passport.mappings.idta import from_idta, to_idta
from batteryloop.passport.mappings.loss import Exported, Imported
from batteryloop.passport.mappings.schema_check import Problem, check_parts
from batteryloop.passport.mappings.untp import from_untp, to_untp
from batteryloop.passport.types import Passport


@dataclass(frozen=True, slots=True)
class PassportModel:
    """A public model that passports can be carried into.

    `needs_schemas` is true where the official files are needed for the export itself.
    """

    name: str
    title: str
    needs_schemas: bool = False


MODELS: Mapping[str, PassportModel] = {
    model.name: model
    for model in (
        PassportModel("batterypass", "BatteryPass 1.2"),
        PassportModel("catenax", "Catena-X battery pass 6.1.0"),
        PassportModel("idta", "IDTA 02035 (Asset Administration Shell)", needs_schemas=True),
        PassportModel("untp", "UNTP Digital Product Passport, working draft 2025-11"),
    )
}


def model_called(name: str) -> PassportModel:
    """Return the model of that name.

    Raises
    ------
    NotKnown
        If there is none; the nearest are offered.

    Examples
    --------
    >>> model_called("untp").needs_schemas
    False
    """
    if name not in MODELS:
        raise NotKnown.among("passport model", name, MODELS)
    return MODELS[name]


def export_passport(
    passport: Passport,
    model: str,
    *,
    schemas: Mapping[str, Any] | None = None,
    is_filled: bool = False,
) -> Exported:
    """Return a passport in a model's words, with a report of what that cost.

    Parameters
    ----------
    passport : Passport
        As it is to be shown: redact it before, if need be.
    model : str
        batterypass, catenax, idta or untp.
    schemas : mapping of str to schema, optional
        The model's official files by part; needed for idta, whose submodels are made from its
        templates.
    is_filled : bool
        Whether to write placeholders where the model insists on what the passport does not know.
        Every one of them is in the report. IDTA needs none: there the unknown stands empty.

    Raises
    ------
    NotKnown
        If there is no such model.
    InputWrong
        If idta has no templates.
    """
    name = model_called(model).name
    if name == "batterypass":
        return to_batterypass(passport, is_filled=is_filled)
    if name == "catenax":
        return to_catenax(passport, is_filled=is_filled)
    if name == "idta":
        return to_idta(passport, schemas or {})
    return to_untp(passport, is_filled=is_filled)


def import_passport(
    document: dict[str, Any], model: str, *, schemas: Mapping[str, Any] | None = None
) -> Imported:
    """Return what a model's document says in our words, with a report of what was not understood.

    Raises
    ------
    NotKnown
        If there is no such model.
    """
    name = model_called(model).name
    if name == "batterypass":
        return from_batterypass(document)
    if name == "catenax":
        return from_catenax(document)
    if name == "idta":
        return from_idta(document, schemas or {})
    return from_untp(document)


def check_export(
    document: dict[str, Any], model: str, schemas: Mapping[str, Any]
) -> tuple[Problem, ...]:
    """Return what a model's official schemas refuse of a document.

    Raises
    ------
    NotKnown
        If there is no such model.
    InputWrong
        If there is no schema.
    OptionWrong
        If the extra `aas` is not installed, for idta.
    """
    if model_called(model).name == "idta":
        return check_environment(document, schemas)
    return check_parts(document, schemas)
