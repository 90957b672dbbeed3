"""Where evaluations and what is stated of batteries lie as files."""

import json
import re
import tomllib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import msgspec

from batteryloop import __version__
from batteryloop.errors import FileDamaged, InputWrong, PathMissing
from batteryloop.evaluation import (
    EvaluationReport,
    InvolvedParty,
    Profile,
    Statement,
    report_from_dict,
    shipped_profile,
)
from batteryloop.evaluation.profile import profile_from_toml

SOFTWARE = f"batteryloop {__version__}"


@dataclass(frozen=True, slots=True)
class About:
    """What a file states of a battery: its statement and the parties that have to do with it."""

    statement: Statement = field(default_factory=Statement)
    parties: tuple[InvolvedParty, ...] = ()


def read_about(path: Path) -> About:
    """Return what a TOML file states: a table `statement`, and tables `parties`.

    Raises
    ------
    PathMissing
        If the file is not there.
    InputWrong
        If it is no TOML, or a name or a value is none of a statement's or a party's.
    """
    subject = path.name
    try:
        document = _moments(tomllib.loads(_text(path)))
        return msgspec.convert(_known(document, subject), About)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as exc:
        raise InputWrong(
            subject, str(exc), "TOML of statement and parties", "see the guide of evaluations"
        ) from exc


def read_profile(name: str) -> Profile:
    """Return the shipped profile of that name, or the one in the file of that name."""
    path = Path(name)
    if path.suffix == ".toml":
        return profile_from_toml(_text(path), path.name)
    return shipped_profile(name)


def write_evaluation(report: EvaluationReport, folder: Path, page: str) -> tuple[Path, Path]:
    """Write a report as JSON and as a page, the folder made if need be; return both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"[^A-Za-z0-9._-]+", "_", report.battery_id)
    document, html = folder / f"{stem}-evaluation.json", folder / f"{stem}-evaluation.html"
    text = json.dumps(report.as_dict(), ensure_ascii=False, indent=1, allow_nan=False)
    document.write_text(text + "\n", encoding="utf-8")
    html.write_text(page, encoding="utf-8")
    return document, html


def read_evaluation(path: Path) -> EvaluationReport:
    """Return the report in a file.

    Raises
    ------
    PathMissing
        If the file is not there.
    FileDamaged
        If it is no JSON.
    InputWrong
        If it is no report, or holds what no report holds.
    """
    try:
        document = json.loads(_text(path))
    except json.JSONDecodeError as exc:
        raise FileDamaged(path.name, f"is no JSON ({exc})", "an evaluation report") from exc
    return report_from_dict(document)


def _text(path: Path) -> str:
    if not path.is_file():
        raise PathMissing(str(path), "is not there", "a file", "check the path")
    return path.read_text(encoding="utf-8")


def _moments(value: Any) -> Any:  # noqa: ANN401
    """Return the document with dates as the moment at which they begin, UTC."""
    if isinstance(value, dict):
        return {key: _moments(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_moments(item) for item in value]
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime.combine(value, time(), UTC) if isinstance(value, date) else value


def _known(document: dict[str, Any], subject: str) -> dict[str, Any]:
    """Return the document, or name the first word in it that means nothing."""
    for name, kind in (("statement", Statement), ("parties", InvolvedParty)):
        given = document.get(name, {})
        for table in given if isinstance(given, list) else [given]:
            odd = set(table) - set(kind.__dataclass_fields__)
            if odd:
                allowed = ", ".join(kind.__dataclass_fields__)
                raise InputWrong(subject, f"{sorted(odd)[0]} in {name}", allowed, "check the name")
    odd = set(document) - {"statement", "parties"}
    if odd:
        raise InputWrong(subject, f"table {sorted(odd)[0]}", "statement, parties", "check the name")
    return document
