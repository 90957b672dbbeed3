"""Whatever is done to a stored ledger is found and named."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.record import EventKind, LifeEvent
from batteryloop.record.checkpoints import Checkpoint
from batteryloop.record.ledger import GENESIS, Line, chained, hash_of
from batteryloop.record.verification import verify
from batteryloop.storage.records import open_record

_N = 12


@pytest.fixture(scope="module")
def chain():
    begin = datetime(2024, 1, 1, tzinfo=UTC)
    events = [
        LifeEvent(
            f"e{n}", f"B{n % 3}", EventKind.NOTED if n > 3 else EventKind.MADE,
            begin + timedelta(days=n), "maker",
            {"text": f"note {n}", "n": n} if n > 3 else {"battery": {"application": "car"}},
        )
        for n in range(1, _N + 1)
    ]  # fmt: skip
    return chained(events, recorded_by="tester", recorded_at=begin + timedelta(days=99))


@pytest.fixture
def stored(tmp_path, chain, now):
    """Return a function that gives the lines of a database in which something was done."""

    def tampered(*statements):
        path = tmp_path / "ledger.sqlite"
        path.unlink(missing_ok=True)
        with open_record(str(path), now=lambda: now) as record:
            record.adopt(chain)
            with sqlite3.connect(path) as connection:
                for name in ("changed", "shortened", "replaced"):
                    connection.execute(f"DROP TRIGGER ledger_is_not_{name}")
                for statement in statements:
                    connection.execute(*statement)
            connection.close()
            return verify(record.lines(), head=record.head())

    return tampered


_TEXTS = [name for name in Line._fields if name not in {"sequence"}]


@settings(max_examples=60, deadline=None)
@given(
    at=st.integers(0, _N - 1),
    field=st.sampled_from(_TEXTS),
    value=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
)
def test_any_field_that_was_altered_is_named(chain, at, field, value):
    line = chain[at]
    if getattr(line, field) == value:
        return
    lines = [*chain[:at], line._replace(**{field: value}), *chain[at + 1 :]]
    found = verify(lines, head=(_N, chain[-1].entry_hash)).breaches
    assert any(b.sequence == line.sequence and b.rule == "altered" for b in found)


@given(at=st.integers(0, _N - 1), byte=st.integers(0, 10_000), bit=st.integers(0, 6))
def test_any_flipped_bit_of_the_details_is_found(chain, at, byte, bit):
    details = bytearray(chain[at].details.encode())
    details[byte % len(details)] ^= 1 << bit
    line = chain[at]._replace(details=details.decode("utf-8", "replace"))
    found = verify([*chain[:at], line, *chain[at + 1 :]]).breaches
    assert (found[0].rule, found[0].sequence) == ("altered", line.sequence)
    assert found[0].battery_id == line.battery_id


@given(st.sets(st.integers(1, _N), min_size=1, max_size=_N - 1))
def test_removed_entries_are_named(chain, gone):
    kept = [line for line in chain if line.sequence not in gone]
    breaches = verify(kept, head=(_N, chain[-1].entry_hash)).breaches
    named = set()
    for breach in breaches:
        assert breach.rule in {"removed", "cut-off"}
        said = breach.found.split(" ")[1]
        first, _, last = said.partition("–")
        named |= set(range(int(first), int(last or first) + 1))
    assert named == gone


@given(st.permutations(range(_N)))
def test_entries_in_another_order_are_found(chain, order):
    """The order of storage, and the order of contents under unchanged numbers."""
    shuffled = [chain[at] for at in order]
    is_same = list(order) == list(range(_N))
    head = (_N, chain[-1].entry_hash)
    assert verify(shuffled, head=head).is_whole == is_same
    renumbered = [line._replace(sequence=n) for n, line in enumerate(shuffled, 1)]
    found = verify(renumbered, head=head).breaches
    assert (not found) == is_same
    moved = {b.sequence: b.found for b in found if b.rule == "moved"}
    assert moved == {n: f"it was entry {at + 1}" for n, at in enumerate(order, 1) if at + 1 != n}


@given(at=st.integers(0, _N), battery=st.sampled_from(["B0", "X"]))
def test_an_entry_that_was_put_in_is_found_even_with_a_right_hash(chain, at, battery):
    before = chain[at - 1].entry_hash if at else GENESIS
    forged = Line(
        at + 1, "forged", battery, "noted", chain[0].happened_at, "m", '{"text":"x"}',
        chain[0].recorded_at, "m", before, "",
    )  # fmt: skip
    forged = forged._replace(entry_hash=hash_of(forged))
    rest = [line._replace(sequence=line.sequence + 1) for line in chain[at:]]
    assert not verify([*chain[:at], forged, *rest], head=(_N, chain[-1].entry_hash)).is_whole
    beside = sorted([*chain, forged])
    assert not verify(beside, head=(_N, chain[-1].entry_hash)).is_whole


def test_a_chain_written_anew_from_some_entry_on_is_found_by_a_checkpoint(chain):
    mark = Checkpoint(9, chain[8].entry_hash, "2026-01-01T00:00:00.000000Z")
    anew, last = list(chain[:5]), chain[4].entry_hash
    for line in chain[5:]:
        changed = line._replace(party_id="another", previous_hash=last)
        changed = changed._replace(entry_hash=hash_of(changed))
        anew.append(changed)
        last = changed.entry_hash
    assert verify(anew, head=(_N, last)).is_whole
    (breach,) = verify(anew, head=(_N, last), checkpoints=[mark]).breaches
    assert (breach.rule, breach.sequence) == ("rewritten", 9)


def test_a_tail_that_was_cut_off_is_found_by_a_checkpoint(chain):
    mark = Checkpoint(_N, chain[-1].entry_hash, "2026-01-01T00:00:00.000000Z")
    short = chain[:-3]
    assert verify(short, head=(9, short[-1].entry_hash)).is_whole
    (breach,) = verify(short, head=(9, short[-1].entry_hash), checkpoints=[mark]).breaches
    assert breach.rule == "cut-off"
    assert breach.found.startswith("entries 10–12")


def test_what_is_changed_in_the_file_itself_is_named(stored):
    assert stored().is_whole
    (breach,) = stored(("UPDATE ledger SET party_id = 'x' WHERE sequence = 7",)).breaches
    assert (breach.rule, breach.sequence, breach.battery_id, breach.kind) == (
        "altered", 7, "B1", "noted",
    )  # fmt: skip
    (breach,) = stored(("DELETE FROM ledger WHERE sequence = 4",)).breaches
    assert (breach.rule, breach.found[:14]) == ("removed", "entry 4 is not")
    (breach,) = stored(("DELETE FROM ledger WHERE sequence >= 11",)).breaches
    assert (breach.rule, breach.sequence) == ("cut-off", 11)
    swap = [
        ("UPDATE ledger SET sequence = -1 WHERE sequence = 5",),
        ("UPDATE ledger SET sequence = 5 WHERE sequence = 8",),
        ("UPDATE ledger SET sequence = 8 WHERE sequence = -1",),
    ]
    found = stored(*swap).breaches
    assert {(b.rule, b.sequence, b.found) for b in found} == {
        ("moved", 5, "it was entry 8"), ("moved", 8, "it was entry 5"),
    }  # fmt: skip
    (breach,) = stored(("UPDATE ledger SET details = x'7b7d' WHERE sequence = 6",)).breaches
    assert (breach.rule, breach.sequence) == ("altered", 6)
