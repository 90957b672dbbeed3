"""Batteries described in files: one or many, in JSON, TOML or a table."""

import csv
import json
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

from batteryloop.errors import FileDamaged, FormatUnknown, PathMissing

_FIGURES = frozenset({"rated_capacity_ah", "rated_energy_wh", "rated_voltage_v", "mass_kg"})
_COUNTS = frozenset({"n_cells_series", "n_cells_parallel"})


def read_descriptions(path: Path) -> list[dict[str, Any]]:
    """Return the batteries that a file describes.

    JSON: an object or a list of them. TOML: tables `[[battery]]`, or one battery. CSV: one row a
    battery; a column `code:SCHEME` holds a code of that scheme.

    Raises
    ------
    PathMissing
        If the file is not there.
    FormatUnknown
        If its name ends otherwise.
    FileDamaged
        If it cannot be read.
    """
    if not path.is_file():
        raise PathMissing(str(path), "is not there", "a file", "check the path")
    kind = path.suffix.lower()
    try:
        text = path.read_text(encoding="utf-8-sig")
        if kind == ".csv":
            return [_row(row) for row in csv.DictReader(text.splitlines())]
        if kind == ".toml":
            data = _plain(tomllib.loads(text))
            found = data.get("battery", data)
        elif kind == ".json":
            found = json.loads(text)
        else:
            raise FormatUnknown(path.name, f"ends in {kind!r}", ".json, .toml or .csv")
    except (ValueError, UnicodeDecodeError) as exc:
        raise FileDamaged(path.name, f"cannot be read ({exc})", "JSON, TOML or CSV") from exc
    batteries = found if isinstance(found, list) else [found]
    if not all(isinstance(battery, dict) for battery in batteries):
        raise FileDamaged(path.name, "holds something else than batteries", "objects with names")
    return batteries


def _row(row: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, text in row.items():
        if not name or not isinstance(text, str) or not text.strip():
            continue
        if name.startswith("code:"):
            found.setdefault("codes", {})[name.removeprefix("code:")] = text.strip()
        else:
            found[name] = _value(name, text.strip())
    return found


def _value(name: str, text: str) -> object:
    """Return a cell as what its column holds; what is none is refused with the battery."""
    try:
        if name in _FIGURES:
            return float(text)
        if name in _COUNTS:
            return int(text)
    except ValueError:
        return text
    if name == "is_simulated":
        return text.casefold() in {"true", "1", "yes"}
    return text


def _plain(data: Any) -> Any:  # noqa: ANN401 - what TOML holds
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_plain(value) for value in data]
    return data.isoformat() if isinstance(data, datetime | date) else data
