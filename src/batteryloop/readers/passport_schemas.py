"""Finds the official schemas of the passport models in a folder that a person names."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from batteryloop.errors import PathMissing
from batteryloop.readers.documents import read_document

_BATTERYPASS = {
    "GeneralProductInformation": "GeneralProductInformation",
    "CarbonFootprintForBatteries": "CarbonFootprint",
    "Circularity": "Circularity",
    "Labeling": "Labels",
    "MaterialComposition": "MaterialComposition",
    "PerformanceAndDurability": "Performance",
    "SupplyChainDueDiligence": "SupplyChainDueDiligence",
}
_ASPECT = re.compile(rf"({'|'.join(_BATTERYPASS)})(?:-schema\.json|\.schema)")
_TEMPLATE = re.compile(r"IDTA_02035-(\d)_.*(?<!_without_examplevalues)\.json")
_VERSION = re.compile(r"\d+(?:[./]\d+){1,2}")


@dataclass(frozen=True, slots=True)
class PassportSchemas:
    """The schemas of each model, by part of the document, and which version each is.

    Models: `batterypass`, `catenax`, `untp` as JSON schemas, `idta` as templates of submodels.
    """

    by_model: dict[str, dict[str, Any]]
    versions: dict[str, str]


def read_passport_schemas(folder: Path) -> PassportSchemas:
    """Return the schemas found anywhere below a folder; of each the newest version.

    Raises
    ------
    PathMissing
        If the folder is not there or holds none.
    FileDamaged
        If a schema is no JSON.
    """
    if not folder.is_dir():
        raise PathMissing(str(folder), "no such folder", "a folder of schemas", "check --schemas")
    newest: dict[tuple[str, str], tuple[list[int], Path]] = {}
    for path in sorted(folder.rglob("*")):
        known = _known(path)
        if known is None or not path.is_file():
            continue
        version = _version(path.relative_to(folder).as_posix())
        if known not in newest or version > newest[known][0]:
            newest[known] = (version, path)
    if not newest:
        raise PathMissing(
            str(folder), "no schema of a passport model",
            "BatteryPass, Catena-X, UNTP or IDTA 02035", "name the folder that holds them",
        )  # fmt: skip
    by_model: dict[str, dict[str, Any]] = {}
    versions: dict[str, str] = {}
    for (model, part), (version, path) in sorted(newest.items()):
        by_model.setdefault(model, {})[part] = read_document(path)
        versions[f"{model} {part}".strip()] = ".".join(map(str, version)) or "unstated"
    return PassportSchemas(by_model, versions)


def _known(path: Path) -> tuple[str, str] | None:
    if match := _ASPECT.fullmatch(path.name):
        return "batterypass", _BATTERYPASS[match[1]]
    if path.name == "BatteryPass-schema.json":
        return "catenax", ""
    if path.name == "untp-dpp-schema.json":
        return "untp", ""
    if match := _TEMPLATE.fullmatch(path.name):
        return "idta", match[1]
    return None


def _version(text: str) -> list[int]:
    found = _VERSION.findall(text)
    return [int(part) for part in re.split(r"[./]", found[-1])] if found else []
