"""Amend a passport by a merge patch (RFC 7396): which attributes change, and to what."""

from collections.abc import Mapping
from typing import Any

from batteryloop.errors import InputWrong, NotKnown
from batteryloop.passport.document import attribute_document
from batteryloop.passport.types import Passport


def merged(target: Any, patch: Any) -> Any:  # noqa: ANN401
    """Return a JSON document with a merge patch applied, as RFC 7396 says it.

    Examples
    --------
    >>> merged({"a": "b", "c": {"d": "e", "f": "g"}}, {"a": "z", "c": {"f": None}})
    {'a': 'z', 'c': {'d': 'e'}}
    """
    if not isinstance(patch, Mapping):
        return patch
    found = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = merged(found.get(name), value)
    return found


def amended_attributes(passport: Passport, patch: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the attributes that a merge patch of a passport changes, as plain data.

    Raises
    ------
    InputWrong
        If the patch is none, touches anything but attributes, removes one, or changes nothing.
    """
    subject = f"passport {passport.passport_id}"
    if not isinstance(patch, Mapping) or set(patch) != {"attributes"}:
        raise InputWrong(
            subject, "a patch of something else", "an object with `attributes` alone",
            "the rest of a passport follows from the record",
        )  # fmt: skip
    entries = patch["attributes"]
    if not isinstance(entries, Mapping) or not entries:
        raise InputWrong(subject, "a patch without attributes", "attributes by name")
    removed = [name for name, entry in entries.items() if entry is None]
    if removed:
        raise InputWrong(
            subject, f"the patch removes {', '.join(removed)}", "attributes are never removed",
            "give the value that is right",
        )  # fmt: skip
    now = {name: attribute_document(known) for name, known in passport.attributes.items()}
    after = {
        name: merged(now.get(name, {}), entry if isinstance(entry, Mapping) else {"value": entry})
        for name, entry in entries.items()
    }
    changed = {name: entry for name, entry in after.items() if entry != now.get(name)}
    if not changed:
        raise InputWrong(subject, "a patch that changes nothing", "another value")
    return changed


def element_at(attributes: Mapping[str, Any], path: str) -> Any:  # noqa: ANN401
    """Return the part of a passport's attributes that a path of names with dots leads to.

    Raises
    ------
    NotKnown
        If it leads nowhere.

    Examples
    --------
    >>> element_at({"mass_kg": {"value": 300, "unit": "kg"}}, "mass_kg.value")
    300
    """
    found: Any = attributes
    for name in path.split("."):
        if isinstance(found, Mapping) and name in found:
            found = found[name]
        elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        else:
            known = found if isinstance(found, Mapping) else ()
            raise NotKnown.among("element", name, known or ["a name that is there"])
    return found


def patch_at(path: str, patch: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the patch of a whole passport that patches one element of it.

    Examples
    --------
    >>> patch_at("mass_kg.value", 310)
    {'attributes': {'mass_kg': {'value': 310}}}
    """
    for name in reversed(path.split(".")):
        patch = {name: patch}
    return {"attributes": patch}
