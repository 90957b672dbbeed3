import json

import pytest

from batteryloop.health import evaluate
from batteryloop.health.types import ESTIMATES, bound_names
from batteryloop.quantities import unit_suffixes
from batteryloop.record import BatteryIdentity


def test_bounds_go_before_the_unit():
    assert bound_names("self_discharge_per_day") == (
        "self_discharge_low_per_day",
        "self_discharge_high_per_day",
    )
    assert bound_names("throughput_wh") == ("throughput_low_wh", "throughput_high_wh")


@pytest.mark.parametrize("name", [n for n in ESTIMATES if n != "equivalent_full_cycles"])
def test_every_estimate_ends_in_a_unit_and_so_do_its_bounds(name):
    for each in (name, *bound_names(name)):
        assert any(each.endswith(f"_{suffix}") for suffix in unit_suffixes()), each


def test_entry_can_be_written_as_json_and_read_back(cycled):
    report = evaluate(cycled, BatteryIdentity("CELL", "NMC", rated_capacity_ah=10.0))
    entry = report.as_dict()
    assert json.loads(json.dumps(entry, allow_nan=False)) == json.loads(json.dumps(entry))
    for name, estimate in report.estimates.items():
        assert entry[name] == estimate.value
        assert entry["estimates"][name]["method"] == estimate.method


def test_span_is_counted_in_days(cycled):
    report = evaluate(cycled, BatteryIdentity("CELL"))
    assert report.time_span_days == pytest.approx((cycled.height - 1) * 10 / 86_400)
    assert evaluate(cycled.head(0), BatteryIdentity("CELL")).time_span_days == 0.0
