"""What may follow what in a battery's life, and what it changes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.errors import BatteryloopError, InputWrong, NotKnown, RecordSaysNo
from batteryloop.record import EventKind, LifeEvent, LifeStatus, Stage
from batteryloop.record.description import battery_of, description_of
from batteryloop.record.details import _FORMS
from batteryloop.record.life import advance
from batteryloop.record.projection import fold
from batteryloop.record.rules import life_rules

BORN = datetime(2022, 1, 1, tzinfo=UTC)
DETAILS = {
    EventKind.MADE: {"battery": {"application": "car"}},
    EventKind.WARNED: {"severity": 3},
    EventKind.PART_REPLACED: {"serial_out": "a", "serial_in": "b"},
    EventKind.FIRMWARE_CHANGED: {"version": "2"},
    EventKind.SWAPPED: {"into": "station"},
    EventKind.GRADED: {"grade": "B"},
    EventKind.TRIAGED: {"route": "repurpose"},
    EventKind.PASSPORT_ISSUED: {"passport_id": "p"},
    EventKind.PASSPORT_REVOKED: {"passport_id": "p"},
    EventKind.NOTED: {"text": "x"},
    EventKind.RESPONSIBILITY_TRANSFERRED: {
        "from_id": "maker", "to_id": "maker",
        "signatures": [{"party_id": "maker", "key_id": "k", "signature": "s"}],
    },
}  # fmt: skip


def event(kind, day=0, **details):
    kind = EventKind(kind)
    at = BORN + timedelta(days=day)
    return LifeEvent(f"{kind}-{day}", "B1", kind, at, "maker", DETAILS.get(kind, {}) | details)


def after(*events):
    state = None
    for happened in events:
        state = advance(state, happened)
    return state


def test_every_kind_of_event_has_a_row_whose_details_have_a_known_form():
    assert set(life_rules()) == set(EventKind)
    forms = {d.form for rows in life_rules().values() for row in rows for d in row.details}
    assert forms <= set(_FORMS)


def test_every_stage_but_the_first_is_reached_by_some_event():
    reached = {row.stage_after for rows in life_rules().values() for row in rows}
    assert reached >= set(Stage)


@given(st.lists(st.sampled_from(list(EventKind)), max_size=12))
def test_whatever_is_tried_a_life_stays_one(kinds):
    """An event is taken or refused with a reason; n_events counts those taken; the end is final."""
    state, n_taken = None, 0
    for day, kind in enumerate(kinds):
        was_ended = state is not None and state.is_ended
        try:
            state = advance(state, event(kind, day))
            n_taken += 1
        except BatteryloopError:
            continue
        assert state.n_events == n_taken
        assert state.is_ended or not was_ended
        assert state.is_ended == (state.stage is Stage.RECOVER)


def test_a_grave_warning_brings_it_into_care_and_service_out_of_it():
    used = (event("made"), event("in-service", 1))
    assert after(*used, event("warned", 2, severity=1)).stage is Stage.USE
    state = after(*used, event("warned", 2, severity=3))
    assert (state.stage, state.severity) == (Stage.CARE, 3)
    state = after(*used, event("warned", 2, severity=3), event("serviced", 3))
    assert (state.stage, state.severity) == (Stage.USE, 0)


def test_a_swapped_battery_is_at_the_station_until_it_is_given_out():
    used = (event("made"), event("in-service", 1), event("swapped", 2))
    assert after(*used).stage is Stage.SWAP
    assert after(*used, event("swapped", 3, into="vehicle")).stage is Stage.USE
    with pytest.raises(InputWrong, match="into of station, vehicle"):
        after(*used, event("swapped", 3, into="drawer"))


def test_collected_as_waste_it_is_waste_until_it_is_made_ready_for_use_again():
    used = (event("made"), event("in-service", 1))
    assert after(*used, event("collected", 2)).status is LifeStatus.ORIGINAL
    waste = (*used, event("collected", 2, is_waste=True))
    assert after(*waste).status is LifeStatus.WASTE
    assert after(*waste, event("repaired", 3, is_reuse=True)).status is LifeStatus.REUSED


def test_an_older_evaluation_does_not_replace_a_newer_one():
    state = after(
        event("made"),
        event("in-service", 1),
        event("evaluated", 300, soh_frac=0.8),
        event("evaluated", 200, soh_frac=0.9),
    )
    assert (state.soh_frac, state.n_events) == (0.8, 4)
    assert state.evaluated_at == state.last_event_at == BORN + timedelta(days=300)


def test_an_evaluation_that_knows_nothing_says_so():
    state = after(event("made"), event("evaluated", 1, soh_frac=0.9), event("evaluated", 2))
    assert state.soh_frac is None


def test_a_battery_begins_out_of_others_only_with_their_names():
    with pytest.raises(RecordSaysNo, match="details battery and parents"):
        after(event("repurposed", battery={"application": "industrial"}))


def test_nothing_happens_before_it_was_made():
    made = event("made", 5, battery={"application": "car", "manufactured_at": "2022-01-05"})
    with pytest.raises(RecordSaysNo, match="when the battery was made"):
        after(made, event("in-service", 1))


def test_parts_that_sit_in_one_another_are_told_so():
    ring = [{"serial": s, "parent_serial": p} for s, p in (("a", "b"), ("b", "a"))]
    with pytest.raises(InputWrong, match="sits in itself"):
        fold([event("made", components=ring)], {}, {})
    with pytest.raises(InputWrong, match="which is not in the battery"):
        fold([event("made", components=[{"serial": "a", "parent_serial": "x"}])], {}, {})


def test_a_description_survives_being_written_and_read():
    said = {
        "application": "bus", "chemistry": "LFP", "rated_capacity_ah": 314.0, "mass_kg": 1200.5,
        "n_cells_series": 180, "manufactured_at": "2024-02-01T00:00:00.000000Z",
        "codes": {"iso-15459": "UN1"}, "is_simulated": True,
    }  # fmt: skip
    assert description_of(battery_of("B1", said)) == said
    with pytest.raises(NotKnown, match="did you mean bus"):
        battery_of("B1", {"application": "buss"})
    with pytest.raises(InputWrong, match="rated_capacity_ah"):
        battery_of("B1", {"application": "bus", "rated_capacity": 3})
