from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.health.open_circuit.curve import OcvCurve, typical_ocv
from batteryloop.health.open_circuit.points import OcvPoint
from batteryloop.health.open_circuit.reported_soc import check_reported_soc, corrected_capacity
from batteryloop.health.trace import trace_of
from batteryloop.quantities import Estimate

CURVE = OcvCurve(np.array([0.0, 1.0]), np.array([3.0, 4.2]), voltage_sd_v=0.004)
CAPACITY_AH = 50.0


def use(lie, curve=CURVE):
    """Ten days down and up again between 20 and 90 %, resting at each end: trace, rested points."""
    start, rows, soc, second = datetime(2026, 1, 1, tzinfo=UTC), [], 0.9, 0
    rests = []
    for day in range(10):
        for target in (0.2 + 0.04 * day, 0.9):
            amps = -20.0 if target < soc else 20.0
            while abs(target - soc) > 0.002:
                soc += amps * 30 / 3600 / CAPACITY_AH
                second += 30
                rows.append((second, amps, soc))
            for _ in range(3):
                second += 30
                rows.append((second, 0.0, soc))
            rests.append(len(rows) - 1)
    true = np.array([row[2] for row in rows])
    frame = pl.DataFrame(
        {
            "battery_id": "A",
            "time": [start + timedelta(seconds=row[0]) for row in rows],
            "current_a": [row[1] for row in rows],
            "voltage_v": curve.voltage_at(true),
            "soc_frac": np.clip(lie(true), 0, 1),
        }
    )
    trace = trace_of(frame)
    points = [OcvPoint(k, float(curve.voltage_at(true[k])), 0.002, "rested 60 min") for k in rests]
    return trace, points


def check(lie, curve=CURVE):
    trace, points = use(lie, curve)
    return check_reported_soc(trace, points, curve, capacity_ah=CAPACITY_AH)


def rules(found):
    return {finding.rule for finding in found.findings}


def test_an_honest_report_is_believed():
    found = check(lambda soc: soc)
    assert found.is_believable is True
    assert found.findings == ()
    assert found.slope_frac.value == pytest.approx(1.0, abs=0.01)


def test_a_shifted_report_is_found_and_its_changes_still_count():
    found = check(lambda soc: soc - 0.1)
    assert rules(found) == {"reported-soc-offset"}
    assert found.offset_frac.value == pytest.approx(-0.1, abs=0.01)
    assert found.slope_frac.low <= 1.0 <= found.slope_frac.high


def test_a_wrong_slope_is_found_and_put_right():
    found = check(lambda soc: 0.5 + 0.8 * (soc - 0.5))
    assert rules(found) == {"reported-soc-slope"}
    assert found.slope_frac.low <= 0.8 <= found.slope_frac.high
    trusting = Estimate("capacity_ah", CAPACITY_AH / 0.8, 61.0, 64.0, 0.9, "reported-soc-window v1")
    right = corrected_capacity(trusting, found)
    assert right.low <= CAPACITY_AH <= right.high
    assert right.value == pytest.approx(CAPACITY_AH, rel=0.02)


def test_a_report_that_sticks_is_found_and_gives_no_capacity():
    found = check(lambda soc: np.full(soc.size, 0.55))
    assert "reported-soc-stuck" in rules(found)
    assert found.is_believable is False
    trusting = Estimate("capacity_ah", 50.0, 48.0, 52.0, 0.9, "reported-soc-window v1")
    assert "stands still" in corrected_capacity(trusting, found).reason


def test_a_jump_is_found_with_its_rows():
    def jump(soc):
        seen = soc.copy()
        seen[700:] -= 0.12
        return seen

    finding = next(f for f in check(jump).findings if f.rule == "reported-soc-jump")
    assert (finding.row_first, finding.row_last) == (699, 700)
    assert "-12%" in finding.found


def test_where_the_curve_is_flat_it_cannot_know_and_says_so():
    curve = typical_ocv("LFP")
    trace, points = use(lambda soc: 0.4 + 0.2 * (soc - 0.4), curve)
    found = check_reported_soc(
        trace, [p for p in points if 3.25 < p.voltage_v < 3.335], curve, capacity_ah=CAPACITY_AH
    )
    assert found.is_believable is None
    assert not found.slope_frac.is_known
    assert "the curve tells the charge" in found.slope_frac.reason


def test_without_a_report_there_is_nothing_to_check():
    found = check(lambda soc: np.full(soc.size, np.nan))
    assert found.is_believable is None
    assert found.offset_frac.reason == "the battery reports no state of charge"


@settings(max_examples=25, deadline=None)
# within these no report runs into the ends of its scale, where it would be cut
@given(st.floats(0.7, 1.0), st.floats(-0.05, 0.05))
def test_any_straight_lie_is_told_by_its_slope_and_offset(slope, offset):
    found = check(lambda soc: 0.5 + offset + slope * (soc - 0.5) * 0.9)
    assert found.slope_frac.low <= 0.9 * slope <= found.slope_frac.high
    assert found.offset_frac.low <= offset <= found.offset_frac.high
