"""The health report against packs of known truth. SIMULATED: it shows mistakes, not accuracy."""

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from batteryloop.health import evaluate
from batteryloop.health.open_circuit.curve import ocv_from_table
from batteryloop.record import BatteryIdentity
from batteryloop.reference.ocv import ocv_curve
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


def test_a_flat_curve_gives_the_truth_inside_the_interval_or_no_figure():
    spec = FleetSpec(
        n_packs=4,
        horizon=Horizon(datetime(2025, 1, 6, tzinfo=UTC), 14),
        duties=("private-ev", "delivery-truck"),
        chemistries=("LFP",),
    )
    known = ocv_curve("LFP")
    table = pl.DataFrame({"soc_frac": known.soc_frac, "voltage_v": known.voltage_v})
    for pack in fleet(spec, rng=np.random.default_rng(9)):
        mean = pl.col("cell_voltages_v").list.mean().cast(pl.Float64)
        frame = pack.recording.frame.select(
            "battery_id", "time", "current_a", cell_voltage_mean_v=mean
        )
        identity = BatteryIdentity(pack.spec.battery_id, None, pack.spec.rated_capacity_ah)
        capacity = evaluate(frame, identity, ocv=ocv_from_table(table)).capacity_ah
        truth_ah = pack.truth.item(-1, "cell_capacity_mean_ah")
        if capacity.low is None or capacity.high is None:
            assert "flat" in capacity.reason
        else:
            assert capacity.low <= truth_ah <= capacity.high
