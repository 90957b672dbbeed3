"""Checks a document against a model's official JSON schemas, formats included."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jsonschema import Draft4Validator, FormatChecker
from jsonschema.validators import validator_for

from batteryloop.errors import InputWrong

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*")
_MOST_WORDS = 160


@dataclass(frozen=True, slots=True)
class Problem:
    """One place of a document that its schema refuses."""

    part: str
    path: str
    found: str

    def as_dict(self) -> dict[str, str]:
        """Return it as plain data."""
        return {"part": self.part, "path": self.path, "found": self.found}


def check_parts(document: Any, schemas: Mapping[str, Any]) -> tuple[Problem, ...]:  # noqa: ANN401
    """Return what the schemas refuse of a document, part by part.

    Parameters
    ----------
    document : object
        Plain data.
    schemas : mapping of str to schema
        By part of the document; the part called "" is the whole.

    Raises
    ------
    InputWrong
        If there is no schema.

    Examples
    --------
    >>> schema = {"type": "object", "required": ["a"]}
    >>> [(p.part, p.found) for p in check_parts({"x": {}}, {"x": schema})]
    [('x', "'a' is a required property")]
    """
    if not schemas:
        raise InputWrong("schemas", "none for this model", "the official ones", "name their folder")
    found: list[Problem] = []
    for part, schema in schemas.items():
        content = document if not part else _part(document, part)
        if content is None:
            found.append(Problem(part, "", "this part of the document is not there"))
            continue
        # Without a draft of its own a schema is read as draft 4, as these models' tools write it.
        kind = validator_for(schema, default=Draft4Validator)
        checked = kind(schema, format_checker=_FORMATS)
        for error in sorted(checked.iter_errors(content), key=lambda e: str(e.json_path)):
            said = error.message
            if len(said) > _MOST_WORDS:
                said = f"{said[: _MOST_WORDS // 2]} … {said[-_MOST_WORDS // 2 :]}"
            found.append(Problem(part, error.json_path.removeprefix("$").lstrip("."), said))
    return tuple(found)


def _part(document: Any, part: str) -> Any:  # noqa: ANN401
    return document.get(part) if isinstance(document, Mapping) else None


def _is_uri(value: Any) -> bool:  # noqa: ANN401
    return not isinstance(value, str) or _URI.fullmatch(value) is not None


def _is_moment(value: Any) -> bool:  # noqa: ANN401
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def _is_day(value: Any) -> bool:  # noqa: ANN401
    return not isinstance(value, str) or bool(date.fromisoformat(value))


_FORMATS = FormatChecker(formats=())
_FORMATS.checks("uri")(_is_uri)
_FORMATS.checks("date-time", raises=ValueError)(_is_moment)
_FORMATS.checks("date", raises=ValueError)(_is_day)
