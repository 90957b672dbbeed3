"""What the record promises, on both databases."""

import hashlib
from datetime import timedelta

import pytest
import rfc8785
from sqlalchemy import text

from batteryloop.errors import InputWrong, NotKnown, OptionWrong, RecordSaysNo, ValueOutOfRange
from batteryloop.record import EventKind, LifeEvent, LifeStatus, Party, PartyRole, Stage
from batteryloop.record.ledger import GENESIS
from batteryloop.record.verification import verify
from batteryloop.storage.records import open_record
from batteryloop.storage.records.rebuild import PROJECTIONS


def test_an_entry_hash_is_that_of_the_canonical_json_of_all_its_other_fields(record, keep, life):
    keep(*life(codes={"gs1-digital-link": 'a "quoted" ü\n'}))
    previous = GENESIS
    for entry in record.entries():
        event = entry.event
        said = {
            "sequence": entry.sequence,
            "event_id": event.event_id,
            "battery_id": event.battery_id,
            "kind": event.kind.value,
            "happened_at": f"{event.happened_at:%Y-%m-%dT%H:%M:%S.%fZ}",
            "party_id": event.party_id,
            "details": event.details,
            "recorded_at": f"{entry.recorded_at:%Y-%m-%dT%H:%M:%S.%fZ}",
            "recorded_by": entry.recorded_by,
            "previous_hash": previous,
        }
        assert entry.previous_hash == previous
        previous = hashlib.sha256(rfc8785.dumps(said)).hexdigest()
        assert entry.entry_hash == previous


def test_a_life_comes_to_a_state(record, keep, life):
    keep(*life(model="Leaf 24 kWh", rated_capacity_ah=65.6))
    state = record.battery("B1")
    assert state.battery.rated_capacity_ah == 65.6
    assert (state.stage, state.status) == (Stage.DECIDE, LifeStatus.ORIGINAL)
    assert (state.holder_id, state.responsible_id) == ("operator", "importer")
    assert (state.country, state.site, state.grade) == ("DE", "depot", "A")
    assert (state.soh_frac, state.severity, state.n_events) == (0.9, 0, 7)
    assert not state.is_ended


def test_the_same_event_sent_twice_is_kept_once(record, keep, life):
    first = keep(*life())
    assert keep(*life()) == first
    assert [entry.sequence for entry in record.entries()] == [1, 2, 3, 4, 5, 6, 7]
    assert record.battery("B1").n_events == 7


def test_the_same_event_twice_in_one_call_is_kept_once(record, keep, made):
    entries = keep(made(), made())
    assert [entry.sequence for entry in entries] == [1, 1]


def test_an_id_that_was_used_for_another_event_is_refused(keep, made, happened):
    keep(made())
    with pytest.raises(RecordSaysNo, match="its id was used for a different event, entry 1"):
        keep(happened("noted", event_id=made().event_id, day=1, text="something else"))


def test_of_a_call_with_one_bad_event_nothing_is_kept(record, keep, made, happened):
    with pytest.raises(RecordSaysNo, match="the battery is not known"):
        keep(made(), happened("in-service", "B2"))
    assert list(record.entries()) == []
    with pytest.raises(NotKnown):
        record.battery("B1")


def test_after_the_end_only_notes_are_taken(keep, life, happened):
    keep(*life(), happened("recycled", day=1000))
    keep(happened("noted", day=1001, text="certificate filed"))
    with pytest.raises(RecordSaysNo, match="life ended"):
        keep(happened("in-service", day=1002))


def test_what_lies_ahead_has_not_happened(keep, made, now):
    late = made()
    late = LifeEvent("late", "B1", EventKind.MADE, now + timedelta(days=30), "m", late.details)
    with pytest.raises(RecordSaysNo, match="lies ahead"):
        keep(late)


def test_details_of_another_form_are_refused(keep, made, happened):
    keep(made())
    with pytest.raises(ValueOutOfRange, match="soh_frac is 91"):
        keep(happened("evaluated", day=1, soh_frac=91))
    with pytest.raises(InputWrong, match="severity is None"):
        keep(happened("warned", day=1))


def test_a_replaced_part_takes_its_cells_with_it(record, keep, life, happened):
    keep(*life()[:3])
    keep(
        happened(
            "part-replaced", day=20, serial_out="B1-M2", serial_in="N9",
            components=[{"serial": "N9-C1", "kind": "cell", "parent_serial": "N9"}],
        )
    )  # fmt: skip
    parts = {part.serial: part for part in record.components("B1")}
    assert not any(serial.startswith("B1-M2") for serial in parts)
    assert (parts["N9"].kind, parts["N9"].position) == ("module", 2)
    assert parts["N9-C1"].parent_serial == "N9"
    with pytest.raises(RecordSaysNo, match="'B1-M2' is not in the battery"):
        keep(happened("part-replaced", day=21, serial_out="B1-M2", serial_in="N10"))


def test_twelve_modules_of_three_packs_become_one_store(record, keep, life, happened):
    for name in ("P1", "P2", "P3"):
        keep(*life(name))
    parents = [
        {"battery_id": p, "serials": [f"{p}-M{m}" for m in (1, 2, 3, 4)]} for p in ("P1", "P2")
    ] + [{"battery_id": "P3", "serials": ["P3-M1", "P3-M3"]}]
    keep(
        happened(
            "repurposed", "S1", day=1000, by="second-life",
            battery={"application": "stationary-storage"}, parents=parents,
            components=[{"serial": "S1-BMS", "kind": "management-unit"}],
        )
    )  # fmt: skip
    store = record.battery("S1")
    assert store.status is LifeStatus.REPURPOSED
    assert store.responsible_id == "second-life"
    moved = {part.serial for part in record.components("S1") if part.kind == "module"}
    assert len(moved) == 10
    assert len(record.components("S1")) == 10 * 3 + 1
    assert record.components("P1") == []
    assert {p.serial for p in record.components("P3") if p.kind == "module"} == {"P3-M2", "P3-M4"}
    assert record.battery("P1").is_ended
    assert not record.battery("P3").is_ended
    assert record.lineage("P3").child_ids == ("S1",)
    assert set(record.lineage("S1").parent_ids) == {"P1", "P2", "P3"}
    assert record.history("P1")[0].event.battery_id == "S1"


def test_lineage_is_told_over_generations(record, keep, life, happened):
    keep(*life("P1"))
    battery = {"battery": {"application": "stationary-storage"}}
    keep(happened("repurposed", "S1", day=1000, parents=[{"battery_id": "P1"}], **battery))
    keep(happened("repurposed", "S2", day=1200, parents=[{"battery_id": "S1"}], **battery))
    steps = [(d.parent_id, d.child_id) for d in record.lineage("P1").descents]
    assert steps == [("P1", "S1"), ("S1", "S2")]


def test_a_module_cannot_go_into_two_batteries(keep, life, happened):
    keep(*life("P1"))
    first = {"battery_id": "P1", "serials": ["P1-M1"]}
    battery = {"battery": {"application": "stationary-storage"}}
    keep(happened("repurposed", "S1", day=1000, parents=[first], **battery))
    with pytest.raises(RecordSaysNo, match="'P1-M1' is not in P1"):
        keep(happened("repurposed", "S2", day=1001, parents=[first], **battery))


def test_responsibility_moves_only_when_both_have_signed(record, keep, made, happened):
    keep(made(by="maker"))
    signed = [
        {"party_id": name, "key_id": f"{name}-key", "signature": "…"} for name in ("maker", "next")
    ]
    moves = {"from_id": "maker", "to_id": "next"}
    with pytest.raises(RecordSaysNo, match="next has not signed"):
        keep(happened("responsibility-transferred", day=1, signatures=signed[:1], **moves))
    keep(happened("responsibility-transferred", day=1, signatures=signed, **moves))
    assert record.battery("B1").responsible_id == "next"
    with pytest.raises(RecordSaysNo, match="maker does not answer for it, next does"):
        keep(happened("responsibility-transferred", day=2, signatures=signed, **moves))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger SET party_id = 'someone else' WHERE sequence = 2",
        "DELETE FROM ledger WHERE sequence = 7",
    ],
)
def test_the_database_itself_refuses_to_change_the_ledger(record, keep, life, change):
    keep(*life())
    with (
        pytest.raises(RecordSaysNo, match="append-only"),
        record.database.writing() as connection,
    ):
        connection.execute(text(change))
    assert verify(record.lines(), head=record.head()).is_whole


def test_sqlite_does_not_let_an_entry_be_replaced(record, keep, life):
    if not record.database.is_sqlite:
        pytest.skip("PostgreSQL has no INSERT OR REPLACE")
    keep(*life())
    names = "event_id, battery_id, kind, happened_at, party_id, details, recorded_at, recorded_by"
    copied = f"SELECT 2, {names}, previous_hash, entry_hash FROM ledger WHERE sequence = 3"
    with (
        pytest.raises(RecordSaysNo, match="append-only"),
        record.database.writing() as connection,
    ):
        connection.execute(text(f"INSERT OR REPLACE INTO ledger {copied}"))


def test_projections_made_anew_from_the_ledger_are_the_same(record, keep, life, happened):
    keep(*life("P1"), *life("P2", soh_frac=None))
    keep(
        happened(
            "repurposed", "S1", day=1000, battery={"application": "stationary-storage"},
            parents=[{"battery_id": "P1", "serials": ["P1-M1"]}, {"battery_id": "P2"}],
        )
    )  # fmt: skip
    before = _projections(record)
    assert record.rebuild() == 15
    assert _projections(record) == before
    assert before["component"]


def _projections(record):
    found = {t: sorted(map(repr, record.database.rows(f"SELECT * FROM {t}"))) for t in PROJECTIONS}
    # A group that is empty need not be remembered.
    found["fleet_count"] = [row for row in found["fleet_count"] if not row.endswith(", 0)")]
    return found


def test_parties_are_kept_and_brought_up_to_date(record):
    record.add_party(Party("p1", "Pack Maker", "DE", (PartyRole.PRODUCER,)))
    record.add_party(Party("p1", "Pack Maker SE", "DE", (PartyRole.PRODUCER,), "DE-123"))
    assert record.party("p1").name == "Pack Maker SE"
    assert [party.party_id for party in record.parties()] == ["p1"]
    with pytest.raises(NotKnown, match="did you mean p1"):
        record.party("p2")


def test_a_document_is_kept_under_its_hash(record, now):
    sha256 = record.keep_document("B1", "evaluation", b"{}")
    assert record.keep_document("B1", "evaluation", b"{}") == sha256
    assert sha256 == hashlib.sha256(b"{}").hexdigest()
    assert record.document(sha256) == b"{}"
    assert record.documents("B1", "evaluation") == [(sha256, now)]
    with pytest.raises(NotKnown):
        record.document("0" * 64)


def test_a_battery_is_found_by_its_code(record, keep, made):
    keep(made(codes={"gbt-34014": "ABCPE0112345679A1B000001"}))
    assert record.battery_with_code("ABCPE0112345679A1B000001") == "B1"
    with pytest.raises(NotKnown, match="no battery bears it"):
        record.battery_with_code("XYZ")


def test_opening_again_changes_nothing(record, keep, life, url, now):
    keep(*life())
    with open_record(url, now=lambda: now) as again:
        assert again.migrate()[0] == again.migrate()[1]
        assert again.battery("B1") == record.battery("B1")


def test_a_record_of_a_newer_version_is_left_alone(record, url, now):
    with record.database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(RecordSaysNo, match="newer version"):
        open_record(url, now=lambda: now)


def test_a_record_must_be_somewhere():
    with pytest.raises(OptionWrong, match="lies in memory"):
        open_record("sqlite:///:memory:", now=None)
    with pytest.raises(OptionWrong, match="cannot be kept in mysql"):
        open_record("mysql://somewhere/else", now=None)
