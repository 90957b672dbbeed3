"""Where passports, their schemas and what they are made from are read and written."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from batteryloop.errors import FileDamaged, PathMissing
from batteryloop.passport.cn.working_days import WorkCalendar, calendar_from_rows
from batteryloop.passport.eu.obligations import Profile, profile_called, profile_from_rows
from batteryloop.passport.history import History, history_document, history_from
from batteryloop.readers.documents import read_document
from batteryloop.readers.passport_schemas import PassportSchemas, read_passport_schemas
from batteryloop.storage.durable import write_whole


def new_passport_id() -> str:
    """Return a name that no passport has had."""
    return f"urn:uuid:{uuid4()}"


def document_at(path: Path) -> dict[str, Any]:
    """Return the document at a path, which must be a table.

    Raises
    ------
    PathMissing
        If it cannot be opened.
    FileDamaged
        If it is none.
    """
    document = read_document(path)
    if not isinstance(document, dict):
        raise FileDamaged(path.name, f"a {type(document).__name__}", "a table of names and values")
    return document


def list_at(path: Path) -> list[Any]:
    """Return the list at a path, alone or under `events`.

    Raises
    ------
    PathMissing
        If it cannot be opened.
    FileDamaged
        If it holds none.
    """
    document = read_document(path)
    found = document.get("events") if isinstance(document, dict) else document
    if not isinstance(found, list):
        raise FileDamaged(path.name, "no list of events", "a list, alone or under `events`")
    return found


def passport_at(path: Path) -> History:
    """Return the passport at a path, with its versions.

    Raises
    ------
    PathMissing
        If it cannot be opened.
    FileDamaged
        If it is no passport.
    """
    return history_from(document_at(path), subject=path.name)


def write_passport(history: History, path: Path) -> None:
    """Write a passport with its versions, in one step."""
    write_json(history_document(history), path)


def write_json(document: Any, path: Path) -> None:  # noqa: ANN401
    """Write a JSON document in one step.

    Raises
    ------
    PathMissing
        If the folder is not there.
    """
    if not path.parent.is_dir():
        raise PathMissing(str(path.parent), "no such folder", "a folder that is there", "make it")
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    write_whole(path, (text + "\n").encode())


def schemas_for(folder: Path, model: str) -> Mapping[str, Any]:
    """Return a model's official schemas from a folder that a person names.

    Raises
    ------
    PathMissing
        If the folder is not there or holds none of this model.
    """
    found: PassportSchemas = read_passport_schemas(folder)
    if model not in found.by_model:
        held = ", ".join(sorted(found.by_model))
        raise PathMissing(
            str(folder), f"no schema of {model}", f"it holds {held}", "check --schemas"
        )
    return found.by_model[model]


def profile_at(name: str) -> Profile:
    """Return a profile of obligations: one that comes with the package, or a CSV at a path.

    Raises
    ------
    NotKnown
        If there is none of that name.
    ColumnMissing, ValueOutOfRange
        If the CSV is none.
    """
    path = Path(name)
    if path.suffix.lower() != ".csv":
        return profile_called(name)
    return profile_from_rows(_rows(path), head={"profile": path.stem, "reading": "your own file"})


def calendar_at(path: Path | None) -> WorkCalendar | None:
    """Return the calendar of a CSV of `date` and `kind`, None without a path."""
    return calendar_from_rows(_rows(path)) if path else None


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise PathMissing(str(path), str(error.strerror), "a CSV file", "check the path") from None
    return list(csv.DictReader(text.splitlines()))
