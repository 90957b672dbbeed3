"""IDTA 02035, the Digital Battery Passport of the Asset Administration Shell.

Parts 1 and 3 to 7. Part 2, handover documentation, holds the documents themselves; we hold links,
and write each where the other parts want a document's identifier. What the passport does not know
stands there without a value: the shell can say so.
"""

import re
from collections.abc import Mapping
from typing import Any

from batteryloop.errors import InputWrong
from batteryloop.passport.mappings.aas_template import empty_needs, fill_all, values_of
from batteryloop.passport.mappings.conversions import SHARED, URI, despite, names
from batteryloop.passport.mappings.engine import carry_back, carry_out
from batteryloop.passport.mappings.loss import Exported, Imported, LossKind, LossReport
from batteryloop.passport.mappings.scribe import Conversion, Conversions, Scribe, Unfit
from batteryloop.passport.mappings.table import mapping_rows
from batteryloop.passport.mappings.tree import attributes_of, tree_of
from batteryloop.passport.types import Passport

MODEL = "IDTA 02035"
PARTS = ("1", "3", "4", "5", "6", "7")
_SHELL = "/shell"
_ANY_ID = re.compile(r"[^A-Za-z0-9]+")


def to_idta(passport: Passport, templates: Mapping[str, Any]) -> Exported:
    """Return a passport as an environment of submodels made from the official templates.

    Parameters
    ----------
    passport : Passport
        As it is to be shown: redact it before, if need be.
    templates : mapping of str to environment
        The official templates by number of the part, from the folder that a person names.

    Raises
    ------
    InputWrong
        If a part has no template.
    """
    missing = [part for part in PARTS if part not in templates]
    if missing:
        raise InputWrong(
            "templates of IDTA 02035", f"no part {', '.join(missing)}", "parts 1 and 3 to 7",
            "name a folder that holds them with --schemas",
        )  # fmt: skip
    scribe = Scribe(tree_of(passport))
    # The shell is named after the passport, and its asset is the battery.
    scribe.also |= {("passport_id",), ("battery_id",)}
    values = carry_out(
        scribe, mapping_rows("idta"), _CONVERSIONS,
        is_filled=False, moment=passport.issued_at.isoformat(),
    )  # fmt: skip
    submodels = []
    for part in PARTS:
        template = templates[part]["submodels"][0]
        elements = fill_all(template["submodelElements"], values.get(part, {}))
        for path in empty_needs(elements, f"{part}"):
            scribe.note(LossKind.LEFT_OUT, "stands there without a value: not known", at=path)
        submodels.append(
            {
                "modelType": "Submodel",
                "kind": "Instance",
                "id": f"{passport.passport_id}/{template['idShort']}",
                "idShort": template["idShort"],
                "semanticId": template["semanticId"],
                "submodelElements": elements,
            }
        )
    document = {"assetAdministrationShells": [_shell(passport, submodels)], "submodels": submodels}
    return Exported(document, LossReport(MODEL, tuple(scribe.losses)))


def from_idta(document: dict[str, Any], templates: Mapping[str, Any]) -> Imported:
    """Return what an environment of submodels says, in our words.

    Parameters
    ----------
    document : dict
        An environment as JSON.
    templates : mapping of str to environment
        The official templates: which part a submodel is, follows from its meaning.
    """
    parts = {
        str(templates[part]["submodels"][0]["semanticId"]): part
        for part in PARTS
        if part in templates
    }
    values: dict[str, Any] = {}
    scribe = Scribe({})
    for submodel in _tables(document.get("submodels")):
        part = parts.get(str(submodel.get("semanticId")))
        if part is None:
            name = str(submodel.get("idShort"))
            scribe.note(LossKind.UNREAD, "no part of IDTA 02035 that is read here", at=name)
            continue
        values[part] = values_of(_tables(submodel.get("submodelElements")))
    _take_names(scribe, document)
    carry_back(scribe, values, mapping_rows("idta"), _CONVERSIONS)
    attributes = attributes_of(scribe.tree, scribe, model=MODEL)
    return Imported(attributes, LossReport(MODEL, tuple(scribe.losses)))


def _take_names(scribe: Scribe, document: dict[str, Any]) -> None:
    for shell in _tables(document.get("assetAdministrationShells")):
        if str(shell.get("id", "")).endswith(_SHELL):
            scribe.tree["passport_id"] = str(shell["id"]).removesuffix(_SHELL)
            asset = shell.get("assetInformation")
            if isinstance(asset, dict) and asset.get("globalAssetId"):
                scribe.tree["battery_id"] = str(asset["globalAssetId"])


def _tables(found: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _shell(passport: Passport, submodels: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "modelType": "AssetAdministrationShell",
        "id": f"{passport.passport_id}{_SHELL}",
        "idShort": "Battery_" + _ANY_ID.sub("_", passport.battery_id)[-100:].strip("_"),
        "assetInformation": {"assetKind": "Instance", "globalAssetId": passport.battery_id},
        "submodels": [
            {"type": "ModelReference", "keys": [{"type": "Submodel", "value": submodel["id"]}]}
            for submodel in submodels
        ],
    }


def _uri(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    return value if URI.fullmatch(value) else Unfit("the model wants a URI here")


def _same(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    return value


def _months(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    return f"P{value}M"


def _from_months(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    found = re.fullmatch(r"P(?:(\d+)Y)?(?:(\d+)M)?", str(value))
    # The template's own example is "P96M"; years are read too.
    if not found or not any(found.groups()):
        return Unfit(f"{value!r} is no span of months")
    return 12 * int(found[1] or 0) + int(found[2] or 0)


_STATUS = names(
    {s: s for s in ("original", "repurposed", "re-used", "remanufactured", "waste")}, "status"
)


def _status(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    return _STATUS.back(str(value).casefold(), scribe)


_CONVERSIONS: Conversions = {
    **SHARED,
    "uri": Conversion(_uri, _same),
    "months": Conversion(_months, _from_months),
    "status": Conversion(_STATUS.out, _status),
    "watts_despite_percent": despite("W", "percent"),
    "amperehours_despite_kilowatthours": despite("Ah", "kWh"),
    "category": names(
        {"light-transport": "lmt", "electric-vehicle": "ev", "industrial": "industrial",
         "stationary-storage": "stationary"}, "category",
    ),
}  # fmt: skip
