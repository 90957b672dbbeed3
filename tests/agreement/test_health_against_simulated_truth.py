"""The health report against packs of known truth. SIMULATED: it shows mistakes, not accuracy."""

from datetime import UTC, datetime

import numpy as np
import pytest

from batteryloop.health import evaluate
from batteryloop.record import BatteryIdentity
from batteryloop.simulation import FleetSpec, Horizon, fleet


@pytest.fixture(scope="module")
def judged():
    """Eight packs in use for ten days: (report, truth at the end)."""
    spec = FleetSpec(
        8,
        Horizon(datetime(2026, 3, 1, tzinfo=UTC), 10),
        duties=("city-car", "private-ev", "delivery-truck"),
    )
    out = []
    for pack in fleet(spec, rng=np.random.default_rng(11)):
        identity = BatteryIdentity(
            pack.spec.battery_id,
            pack.spec.chemistry,
            pack.spec.rated_capacity_ah,
            pack.spec.n_cells_series,
        )
        report = evaluate(pack.recording.frame, identity, is_simulated=True)
        out.append((report, pack.truth.row(-1, named=True)))
    return out


def test_capacity_intervals_hold_the_truth(judged):
    known = [(r.capacity_ah, t["capacity_ah"]) for r, t in judged if r.capacity_ah.is_known]
    assert len(known) >= 6
    held = [e.low <= truth <= e.high for e, truth in known]
    assert sum(held) >= 0.85 * len(held)


def test_capacities_are_within_a_tenth(judged):
    for report, truth in judged:
        if report.capacity_ah.is_known:
            assert report.capacity_ah.value == pytest.approx(truth["capacity_ah"], rel=0.1)


def test_resistance_after_ten_seconds_is_that_of_the_pack(judged):
    ratios = [
        report.resistance_ohm.value / truth["resistance_10s_ohm"]
        for report, truth in judged
        if report.resistance_ohm.is_known and "after 10 s" in report.resistance_ohm.method
    ]
    assert len(ratios) >= 5
    assert np.median(ratios) == pytest.approx(1.0, abs=0.1)


def test_every_report_says_that_it_is_simulated(judged):
    assert all(report.as_dict()["is_simulated"] for report, _ in judged)
