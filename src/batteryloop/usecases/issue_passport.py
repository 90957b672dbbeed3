"""Issue a battery's passport from its description and its evaluation, or the next version."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from batteryloop.errors import ColumnMissing
from batteryloop.evaluation import passport_values, report_from_dict
from batteryloop.passport.history import History
from batteryloop.passport.issue import attributes_from, new_passport, updated_passport
from batteryloop.passport.types import Attribute


def issue_passport(
    description: Mapping[str, Any],
    *,
    passport_id: str,
    now: datetime,
    evaluation: Mapping[str, Any] | None = None,
    previous: History | None = None,
    provenance: str = "description",
) -> History:
    """Return the passport's history with the version that holds from `now` on.

    Parameters
    ----------
    description : mapping
        `attributes` by name, `originator` who says so, `is_simulated`. May say nothing new where
        there is a previous version.
    passport_id : str
        A name never used before; where there is a previous version its name stays.
    now : datetime
        The moment, UTC.
    evaluation : mapping, optional
        A report of the unified evaluation as plain data, or attributes by name as
        `evaluation.passport_values` gives them, alone or under `passport_values`. Overrules the
        description where it knows a value.
    previous : History, optional
        The versions so far.
    provenance : str
        What the description is called.

    Raises
    ------
    ColumnMissing
        If the description has no attributes and there is no previous version.
    NotKnown, UnitUnknown, ValueOutOfRange
        If an attribute cannot be one.
    RecordSaysNo
        If the passport has ceased or `now` lies before its last version.
    """
    entries = description.get("attributes")
    if not entries and previous is None:
        raise ColumnMissing(
            provenance, "no [attributes]", "attributes by name",
            "see docs/guides/issue-a-passport.md",
        )  # fmt: skip
    said = attributes_from(
        entries or {}, provenance=provenance, originator=str(description.get("originator", ""))
    )
    values = _values(evaluation or {})
    measured = _measured(values)
    is_simulated = bool(description.get("is_simulated")) or _is_simulated(values)
    if previous is None:
        by_name = {attribute.name: attribute for attribute in said}
        for attribute in measured:
            if attribute.is_known or attribute.name not in by_name:
                by_name[attribute.name] = attribute
        first = new_passport(passport_id, by_name.values(), now=now, is_simulated=is_simulated)
        return History((first,))
    changed = [a for a in (*said, *measured) if a.name != "passport_id"]
    return previous.followed_by(updated_passport(previous.latest, changed, now=now))


def _values(evaluation: Mapping[str, Any]) -> Mapping[str, Any]:
    if "schema" in evaluation:
        report = report_from_dict(dict(evaluation))
        return {name: value.as_dict() for name, value in passport_values(report).items()}
    found = evaluation.get("passport_values", evaluation)
    if isinstance(found, list):
        return {str(entry["attribute"]): entry for entry in found}
    return found if isinstance(found, Mapping) else {}


def _measured(values: Mapping[str, Any]) -> tuple[Attribute, ...]:
    entries: dict[str, Any] = {}
    for name, entry in values.items():
        whole = dict(entry)
        span = [str(whole[key])[:10] for key in _SPAN if whole.get(key)]
        if len(span) == 2 and whole.get("value") is not None:
            origin = whole.get("provenance", "evaluation")
            whole["provenance"] = f"{origin} of data from {span[0]} to {span[1]}"
        entries[name] = whole
    return attributes_from(entries, provenance="evaluation")


def _is_simulated(values: Mapping[str, Any]) -> bool:
    return any(bool(entry.get("is_simulated")) for entry in values.values())


_SPAN = ("measured_from_at", "measured_until_at")
