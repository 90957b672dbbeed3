"""An evaluation goes into the record, and a passport comes out of it, on both databases."""

import json
from datetime import timedelta
from itertools import count

import pytest

from batteryloop.errors import NotKnown
from batteryloop.evaluation import report_from_dict
from batteryloop.evaluation.types import Notice
from batteryloop.health.lifetime.population import shipped_population
from batteryloop.quantities import Estimate
from batteryloop.record import EventKind, Party, Stage
from batteryloop.samples import sample_paths
from batteryloop.usecases.evaluate_battery import EvaluationOrder, evaluate_batteries
from batteryloop.usecases.evaluate_recorded import order_of
from batteryloop.usecases.record_evaluation import record_evaluation, warning_details
from batteryloop.usecases.record_passport import record_passport, recorded_history
from batteryloop.wiring.chance import seeded
from batteryloop.wiring.sources import telemetry_source

LEAF = "ORNL-LEAF-2013"
NUMBERS = count(1)


def a_name():
    return f"urn:test:{next(NUMBERS)}"


@pytest.fixture
def leaf(record, keep, made, happened, now):
    """Return the record with the bundled cell on it, and how to evaluate it."""
    record.add_party(Party("maker", "Cell Works", "JP"))
    record.add_party(Party("importer", "Leaf Imports", "DE", registration_number="DE 4711"))
    keep(
        made(LEAF, application="car", chemistry="LMO-NCA", rated_capacity_ah=33.1),
        happened("placed-on-market", LEAF, day=5, by="importer", country="DE"),
    )

    def evaluate():
        state = record.battery(LEAF)
        order = order_of(record, state, EvaluationOrder(software="test", evaluated_at=now))
        paths = [p for p in sample_paths("leaf_cell_2013") if "1c" in p.name]
        source = telemetry_source(paths)
        (report,) = evaluate_batteries(
            source, state.battery.identity, order, shipped_population(), seeded
        )
        return report

    return evaluate


def entering(now):
    return {"party_id": "importer", "recorded_by": "tester", "now": now}


def test_a_recorded_battery_is_evaluated_and_gets_its_passport(record, leaf, now):
    report = leaf()
    assert report.responsibility.producer.name == "Leaf Imports"
    (entry,) = record_evaluation(record, report, new_event_id=a_name, **entering(now))
    state = record.battery(LEAF)
    assert state.soh_frac == report.figure("soh_frac").estimate.value
    kept = record.document(entry.event.details["document"])
    assert report_from_dict(json.loads(kept)) == report

    first = record_passport(
        record, LEAF, new_passport_id=a_name, new_event_id=a_name, **entering(now)
    )
    passport = first.history.latest
    assert passport.value("operator")["name"] == "Leaf Imports"
    assert passport.value("category") == "electric-vehicle"
    assert passport.value("placed_on_market_on").isoformat() == "2020-01-06"
    capacity = passport.attributes["remaining_capacity_ah"]
    assert capacity.low < capacity.value < capacity.high
    assert capacity.method.startswith("full-discharge")
    assert record.battery(LEAF).passport_id == passport.passport_id

    later = record_passport(
        record,
        LEAF,
        description={"attributes": {"mass_kg": 0.787}},
        new_passport_id=a_name,
        new_event_id=a_name,
        **entering(now + timedelta(days=1)),
    )
    assert [v.version for v in later.history.versions] == [1, 2]
    assert later.history.latest.passport_id == passport.passport_id
    assert later.history.latest.value("mass_kg") == 0.787
    assert recorded_history(record, LEAF) == later.history


def test_a_battery_that_is_not_on_record_gets_no_passport(record, now):
    with pytest.raises(NotKnown):
        record_passport(record, "B9", new_passport_id=a_name, new_event_id=a_name, **entering(now))


def test_a_battery_is_found_by_its_passports_name(record, keep, life, happened):
    keep(*life(), happened("passport-issued", day=950, passport_id="urn:uuid:0A-1"))
    assert record.battery_with_code("urn:uuid:0A-1") == "B1"
    with pytest.raises(NotKnown):
        record.battery_with_code("urn:uuid:0A-2")
    record.rebuild()
    assert record.battery_with_code("urn:uuid:0A-1") == "B1"


def test_a_warning_of_a_report_brings_the_battery_before_a_person(
    record, keep, life, happened, now
):
    size = Estimate("leak_a", 0.046, 0.031, 0.06, 0.9, "soc-gap v1")
    notice = Notice(
        "internal short", "cell 7", now, 3, 0.97, size, Estimate.unknown("h", "m", "r"),
        "leaks 46 mA", "isolate the pack",
    )  # fmt: skip
    keep(*life()[:4])
    keep(happened(EventKind.WARNED, day=700, **warning_details(notice)))
    state = record.battery("B1")
    assert (state.severity, state.stage) == (3, Stage.CARE)
