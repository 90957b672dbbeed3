"""Was anything altered, removed, moved, put in or cut off? The chain of entries says so."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from batteryloop.record.checkpoints import Checkpoint
from batteryloop.record.ledger import GENESIS, Line, hash_of

# How many broken entries are looked at to tell what moved where.
_MOST_MOVED = 200


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing wrong with the ledger: where, whose, and what.

    `rule` is `altered`, `removed`, `moved`, `out-of-order`, `inserted`, `rewritten` or
    `cut-off`.
    """

    rule: str
    sequence: int
    battery_id: str
    kind: str
    found: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "rule": self.rule,
            "sequence": self.sequence,
            "battery_id": self.battery_id,
            "kind": self.kind,
            "found": self.found,
        }


@dataclass(frozen=True, slots=True)
class Verification:
    """What a walk along the whole chain found; the last entry's number and hash are the head."""

    n_entries: int
    sequence: int
    entry_hash: str
    breaches: tuple[Breach, ...] = ()
    n_checkpoints: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.breaches


@dataclass(slots=True)
class _Walk:
    breaches: list[Breach] = field(default_factory=list)
    broken: list[Line] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    n_entries: int = 0
    sequence: int = 0
    entry_hash: str = GENESIS
    # Whether the entry before is known to be wrong, so that nothing can follow from it.
    is_broken: bool = False


def verify(
    lines: Iterable[Line],
    *,
    checkpoints: Sequence[Checkpoint] = (),
    head: tuple[int, str] | None = None,
) -> Verification:
    """Walk along the chain and name all that is wrong with it.

    Parameters
    ----------
    lines : iterable of Line
        The whole ledger in the order of its numbers.
    checkpoints : sequence of Checkpoint
        Heads that were signed earlier, their signatures already checked: a tail that was cut off
        or a chain that was written anew from some entry on is found by these alone.
    head : (int, str), optional
        Number and hash of the last entry as the store remembers it beside the ledger.
    """
    walk = _Walk()
    marks = {mark.sequence: mark for mark in checkpoints}
    for line in _marked(lines, marks, walk):
        _step(walk, line)
    _tell_moves(walk)
    for mark in sorted(checkpoints, key=lambda m: m.sequence):
        if mark.sequence > walk.sequence:
            walk.breaches.append(_cut_off(walk, mark.sequence, f"signed at {mark.signed_at}"))
    if head is not None and head[0] > walk.sequence:
        if not any(b.rule == "cut-off" and b.sequence == walk.sequence + 1 for b in walk.breaches):
            walk.breaches.append(_cut_off(walk, head[0], "of which the store remembers the last"))
    elif head is not None and head != (walk.sequence, walk.entry_hash):
        found = f"the store remembers {head[0]} with hash {head[1][:12]}… as its last entry"
        walk.breaches.append(Breach("rewritten", walk.sequence, "", "", found))
    return Verification(
        walk.n_entries, walk.sequence, walk.entry_hash, tuple(walk.breaches), len(checkpoints)
    )


def _marked(lines: Iterable[Line], marks: dict[int, Checkpoint], walk: _Walk) -> Iterator[Line]:
    for line in lines:
        mark = marks.get(line.sequence)
        if mark is not None and mark.entry_hash != line.entry_hash:
            found = (
                f"its hash {line.entry_hash[:12]}… is not {mark.entry_hash[:12]}…, which was "
                f"signed at {mark.signed_at}: this entry or one before it was written anew"
            )
            walk.breaches.append(
                Breach("rewritten", line.sequence, line.battery_id, line.kind, found)
            )
        yield line


def _step(walk: _Walk, line: Line) -> None:
    walk.n_entries += 1
    expected = walk.sequence + 1
    is_own = _is_own(line)
    if line.sequence < expected:
        found = f"number {line.sequence} comes after number {walk.sequence}"
        walk.breaches.append(_breach("out-of-order", line, found))
    elif line.sequence > expected:
        walk.missing += range(expected, min(line.sequence, expected + _MOST_MOVED))
        last = line.sequence - 1
        which = f"entry {expected} is" if last == expected else f"entries {expected}–{last} are"
        found = f"{which} not there; the next is number {line.sequence}"
        walk.breaches.append(Breach("removed", expected, "", "", found))
    if not is_own:
        walk.breaches.append(_breach("altered", line, "its content does not fit its hash"))
        if len(walk.broken) < _MOST_MOVED:
            walk.broken.append(line)
    follows = walk.is_broken or line.previous_hash == walk.entry_hash
    if line.sequence == expected and is_own and not follows:
        found = (
            f"it follows an entry with hash {line.previous_hash[:12]}…, but entry "
            f"{walk.sequence} has {walk.entry_hash[:12]}…: one of the two was exchanged or put in"
        )
        walk.breaches.append(_breach("inserted", line, found))
    walk.sequence = max(walk.sequence, line.sequence)
    walk.entry_hash = line.entry_hash
    walk.is_broken = not is_own


def _is_own(line: Line) -> bool:
    """Tell whether a line fits its hash, and its details are one JSON value and no more."""
    try:
        msgspec.json.decode(line.details)
        return hash_of(line) == line.entry_hash
    except (msgspec.DecodeError, TypeError, ValueError):
        return False


def _tell_moves(walk: _Walk) -> None:
    """Where a broken entry fits its hash under another number, say that it was moved from there."""
    places = sorted({line.sequence for line in walk.broken} | set(walk.missing))
    for line in walk.broken:
        for place in places:
            if _is_own(line._replace(sequence=place)):
                at = next(
                    i
                    for i, b in enumerate(walk.breaches)
                    if b.rule == "altered" and b.sequence == line.sequence
                )
                walk.breaches[at] = _breach("moved", line, f"it was entry {place}")
                break


def _breach(rule: str, line: Line, found: str) -> Breach:
    return Breach(rule, line.sequence, line.battery_id, line.kind, found)


def _cut_off(walk: _Walk, last: int, why: str) -> Breach:
    first = walk.sequence + 1
    which = f"entry {first}" if last == first else f"entries {first}–{last}"
    return Breach("cut-off", first, "", "", f"{which} ({why}) are not there")
