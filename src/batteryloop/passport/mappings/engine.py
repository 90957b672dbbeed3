"""Carries a passport into a model's words and back along a mapping table, and misses nothing.

Every leaf of the passport that no row carried is noted as lost, every leaf of the document that no
row read as unread: a table that forgets a field cannot forget to say so.
"""

import copy
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from batteryloop.passport.mappings.loss import LossKind
from batteryloop.passport.mappings.paths import (
    MISSING,
    Path,
    get,
    instances,
    leaves,
    put,
    resolved,
    with_indices,
    written,
)
from batteryloop.passport.mappings.scribe import Conversions, Convert, Scribe, Unfit
from batteryloop.passport.mappings.table import Row
from batteryloop.passport.mappings.tree import META, OWN

DROPPED = "@dropped"  # a conversion puts it where the whole element of a list must go
_BOOKKEEPING = ("version", "issued_at")


def carry_out(
    scribe: Scribe, rows: Sequence[Row], conversions: Conversions, *, is_filled: bool, moment: str
) -> dict[str, Any]:
    """Return the document, and note in `scribe` what was lost.

    Parameters
    ----------
    scribe : Scribe
        Holds the passport's tree.
    rows : sequence of Row
        The mapping table.
    conversions : mapping of str to Conversion
        By the names that the table uses.
    is_filled : bool
        Whether to write placeholders where the model insists.
    moment : str
        Stands for the moment of determination where that is not known.
    """
    target: dict[str, Any] = {}
    carried: set[Path] = set()
    for row in (row for row in rows if row.source):
        for indices in list(instances(scribe.tree, row.source)):
            source = with_indices(row.source, indices)
            scribe.field = written(source)
            path = with_indices(row.path, indices)
            scribe.path = written(path)
            value = _converted(scribe, row, source, conversions, carried)
            if value is None:
                if _fill(scribe, target, path, row, is_filled=is_filled) and row.time_path:
                    put(target, with_indices(row.time_path, indices), moment)
                continue
            put(target, path, value)
            if row.time_path:
                determined = (META, source[0], "determined_at")
                known = get(scribe.tree, determined)
                carried.add(determined)
                put(target, with_indices(row.time_path, indices), _or(known, moment))
    for row in (row for row in rows if not row.source):
        for indices in list(instances(target, row.path)):
            path = with_indices(row.path, indices)
            scribe.field = written(path)
            _fill(scribe, target, path, row, is_filled=is_filled)
    _drop(target)
    _note_lost(scribe, carried | scribe.also)
    return target


def carry_back(
    scribe: Scribe, document: dict[str, Any], rows: Sequence[Row], conversions: Conversions
) -> None:
    """Fill the scribe's tree with what a document says, and note what was not understood.

    Parameters
    ----------
    scribe : Scribe
        Its tree is filled.
    document : dict
        In the model's words.
    rows : sequence of Row
        The mapping table.
    conversions : mapping of str to Conversion
        By the names that the table uses.
    """
    read: set[Path] = set()
    for row in rows:
        for indices in list(instances(document, row.path)):
            _read(scribe, document, row, indices, conversions, read)
    for path, value in leaves(document):
        if value not in ({}, []) and not _is_within(path, read):
            scribe.note(LossKind.UNREAD, "the passport has no place for it", at=written(path))


def _read(
    scribe: Scribe,
    document: dict[str, Any],
    row: Row,
    indices: tuple[int, ...],
    conversions: Conversions,
    read: set[Path],
) -> None:
    path = with_indices(row.path, indices)
    there = resolved(document, path)
    if there is None or there in read:
        return
    value = get(document, there)
    is_blank = row.blank is not None and value == row.blank
    if isinstance(row.blank, bool) and row.how != "form":
        is_blank = False
    if not row.source and not is_blank:
        return
    scribe.field = written(path)
    read.add(there)
    read.update(_selectors(there, path))
    when = resolved(document, with_indices(row.time_path, indices)) if row.time_path else None
    if when:
        read.add(when)
    if is_blank:
        if row.how in ("", "invent", "within"):
            scribe.note(LossKind.UNREAD, "a placeholder, no value")
        return
    _take(scribe, row, indices, value, conversions, get(document, when) if when else None)


def _is_within(path: Path, places: set[Path]) -> bool:
    return any(path[:n] in places for n in range(1, len(path) + 1))


def _converted(
    scribe: Scribe, row: Row, source: Path, conversions: Conversions, carried: set[Path]
) -> Any:  # noqa: ANN401
    value = get(scribe.tree, source)
    if value is MISSING or value is None:
        return None
    found = _safely(conversions[row.conversion].out, value, scribe)
    carried.add(source)
    if isinstance(found, Unfit):
        scribe.note(LossKind.LOST, found.why)
        return None
    return found


def _safely(convert: Convert, value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    """Convert a value of whatever kind a stranger's document has in that place."""
    try:
        return convert(value, scribe)
    except (TypeError, ValueError, AttributeError, KeyError):
        return Unfit(f"{value!r} is not of the kind that belongs there")


def _fill(scribe: Scribe, target: dict[str, Any], path: Path, row: Row, *, is_filled: bool) -> bool:
    """Fill a place of which the passport says nothing; return whether with a placeholder."""
    if not row.how or get(target, path) is not MISSING:
        return False
    at = written(path)
    if row.how in ("form", "within") and get(target, path[:-1]) is MISSING:
        return False
    if row.how == "form":
        put(target, path, copy.deepcopy(row.blank))
    elif row.how == "drop":
        put(target, (*path[:-1], DROPPED), True)
        scribe.note(LossKind.LOST, f"the model takes no element of a list without {at}")
    elif row.how == "empty":
        put(target, path, copy.deepcopy(row.blank))
        scribe.note(LossKind.LEFT_OUT, "asked for by the model; an empty list stands there", at=at)
    elif is_filled and row.blank is not None:
        put(target, path, copy.deepcopy(row.blank))
        scribe.note(LossKind.INVENTED, f"asked for by the model; {row.blank!r} stands there", at=at)
        return True
    else:
        scribe.note(LossKind.LEFT_OUT, "asked for by the model, not known to the passport", at=at)
    return False


def _take(
    scribe: Scribe,
    row: Row,
    indices: tuple[int, ...],
    value: Any,  # noqa: ANN401
    conversions: Conversions,
    determined_at: Any,  # noqa: ANN401
) -> None:
    found = _safely(conversions[row.conversion].back, value, scribe)
    if isinstance(found, Unfit):
        scribe.note(LossKind.UNREAD, found.why)
        return
    source = with_indices(row.source, indices)
    if get(scribe.tree, source) is MISSING:
        put(scribe.tree, source, found)
        if determined_at is not None:
            _take_moment(scribe, source, determined_at)


def _take_moment(scribe: Scribe, source: Path, text: Any) -> None:  # noqa: ANN401
    try:
        is_aware = datetime.fromisoformat(text).tzinfo is not None
    except (TypeError, ValueError):
        is_aware = False
    if is_aware:
        put(scribe.tree, (META, source[0], "determined_at"), text)
    else:
        scribe.note(LossKind.UNREAD, f"the moment {text!r} has no time zone")


def _selectors(there: Path, path: Path) -> Iterable[Path]:
    """Yield the places that the selectors of a path have read."""
    for at, step in enumerate(path):
        if isinstance(step, tuple):
            yield (*there[: at + 1], step[0])


def _drop(tree: Any) -> None:  # noqa: ANN401
    if isinstance(tree, dict):
        for inner in tree.values():
            _drop(inner)
    elif isinstance(tree, list):
        tree[:] = [inner for inner in tree if not (isinstance(inner, dict) and DROPPED in inner)]
        for inner in tree:
            _drop(inner)


def _note_lost(scribe: Scribe, carried: set[Path]) -> None:
    """Note every leaf of the tree that no row has carried."""
    parts: dict[str, list[str]] = defaultdict(list)
    beside: dict[str, list[str]] = defaultdict(list)
    for path, _ in leaves(scribe.tree):
        if not path or _is_within(path, carried):
            continue
        if path[0] not in (META, OWN):
            parts[str(path[0])].append(written(path))
        elif path[0] == META and len(path) > 2:
            beside[str(path[1])].append(str(path[2]))
        elif path[0] == OWN and len(path) > 1 and path[1] not in _BOOKKEEPING:
            parts[written(path[:2])].append(written(path[1:]))
    for name, lost in parts.items():
        scribe.note(LossKind.LOST, _no_place(name, lost), at=name)
    _note_lost_beside(scribe, {name: lost for name, lost in beside.items() if name not in parts})


def _note_lost_beside(scribe: Scribe, beside: dict[str, list[str]]) -> None:
    """Note intervals, methods and origins that found no place, alike ones together."""
    alike: dict[str, list[str]] = defaultdict(list)
    for name, lost in beside.items():
        alike[f"no place for {', '.join(lost)} beside the value"].append(name)
    for why, named in alike.items():
        scribe.note(LossKind.LOST, why, at=", ".join(named))


def _no_place(name: str, lost: Sequence[str]) -> str:
    if lost == [name]:
        return "no place for it"
    return f"no place for {', '.join(lost)}"


def _or(value: Any, instead: str) -> Any:  # noqa: ANN401
    return instead if value is MISSING else value
