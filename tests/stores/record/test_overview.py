"""A fleet at a glance, on both databases."""

from batteryloop.record import EventKind, Stage


def test_a_fleet_at_a_glance_counts_stages_health_and_passports(record, keep, life, happened, made):
    keep(*life(battery_id="B1"))
    keep(made(battery_id="B2", is_simulated=True))
    keep(happened("passport-issued", "B2", day=1, passport_id="P2"))
    seen = record.overview()
    assert seen.n_batteries == 2
    assert seen.stage_counts[Stage.MAKE] == 1
    assert seen.n_with_passport == 1
    assert seen.is_simulated
    # The one that was evaluated has 0.9, in the bin from 0.90 to 0.92.
    assert seen.soh_counts[20] == 1
    assert sum(seen.soh_counts) == 1


def test_a_glance_is_taken_anew_after_the_next_entry(record, keep, made):
    keep(made(battery_id="B1"))
    assert record.overview().n_batteries == 1
    keep(made(battery_id="B2"))
    assert record.overview().n_batteries == 2


def test_an_organisation_sees_its_own_fleet_alone(record, keep, life, made):
    keep(*life(battery_id="B1"))
    keep(made(battery_id="B2", by="rival"))
    assert record.overview(frozenset({"rival"})).n_batteries == 1
    assert record.overview(frozenset()).n_batteries == 0
    assert {e.event.battery_id for e in record.latest(frozenset({"rival"}))} == {"B2"}
    assert record.latest(frozenset()) == []


def test_the_latest_come_first(record, keep, life):
    keep(*life())
    latest = record.latest(n_most=3)
    assert [entry.sequence for entry in latest] == [7, 6, 5]


def test_the_latest_of_some_kinds_are_found_among_all(record, keep, life, made):
    keep(*life(battery_id="B1"))
    keep(made(battery_id="B2", by="rival"))
    kinds = {EventKind.MADE}
    assert [e.event.battery_id for e in record.latest(kinds=kinds)] == ["B2", "B1"]
    ours = record.latest(frozenset({"rival"}), kinds=kinds)
    assert [e.event.battery_id for e in ours] == ["B2"]
    assert record.latest(kinds={EventKind.DISPOSED}) == []
