"""The unified evaluation against real batteries: testers' counters, a car's own word, a life."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from batteryloop.evaluation import EvaluationReport, Statement
from batteryloop.evaluation.limits import limit
from batteryloop.health.lifetime.population import shipped_population
from batteryloop.readers import read
from batteryloop.record import BatteryIdentity
from batteryloop.record.categories import Application
from batteryloop.telemetry.cycles import cycles
from batteryloop.usecases.evaluate_battery import EvaluationOrder, evaluate_batteries
from batteryloop.usecases.recompute_evaluation import recompute_evaluation
from batteryloop.wiring.chance import seeded
from batteryloop.wiring.sources import telemetry_source

pytestmark = pytest.mark.shared_data


def evaluation(path: Path, identity: BatteryIdentity) -> EvaluationReport:
    order = EvaluationOrder(
        "batteryloop test",
        datetime(2026, 11, 25, tzinfo=UTC),
        Statement(application=Application.CAR, vehicle_class="M1", country="US"),
    )
    source = telemetry_source([path])
    (report,) = evaluate_batteries(source, identity, order, shipped_population(), seeded)
    assert isinstance(report, EvaluationReport)
    return report


@pytest.fixture(scope="module")
def leaf_path(shared_data) -> Path:
    return shared_data / "field_ev" / "leaf_2013.parquet"


@pytest.fixture(scope="module")
def leaf(leaf_path) -> EvaluationReport:
    return evaluation(leaf_path, BatteryIdentity("L", "LMO-NCA", 66.2, 96))


def test_a_real_car_is_judged_with_its_own_word_inside_the_interval(leaf):
    soh = leaf.figure("soh_frac").estimate
    said = leaf.figure("reported_soh_frac").estimate.value
    assert soh.low < said < soh.high


def test_the_interval_of_a_real_car_is_too_wide_for_a_grade_and_says_so(leaf):
    assert leaf.grade.name == ""
    assert leaf.grade.words.startswith("cannot tell")
    decisions = {
        v.profile: v.decision for v in leaf.verdicts if "5 years" in v.name and "M1" in v.name
    }
    assert decisions["euro-7"] == "cannot tell"


def test_all_ninety_six_cells_of_a_real_car_stand_in_the_report(leaf):
    assert len(leaf.health.cells.deviations_v) == 96
    assert 0.002 < leaf.figure("cell_voltage_spread_v").estimate.value < 0.03


def test_a_real_car_evaluated_again_gives_the_same_bytes(leaf, leaf_path):
    again = recompute_evaluation(
        leaf, telemetry_source([leaf_path]), "batteryloop test", shipped_population(), seeded
    )
    assert again.is_same


def test_full_cycles_of_a_life_test_are_those_of_its_counters(shared_data):
    path = shared_data / "cycle_life" / "calce_CS2_36.parquet"
    told = evaluation(path, BatteryIdentity("CS2_36", "LCO", 1.1))
    table = cycles(read(path).frame, rated_capacity_ah=1.1)
    counted = float((table["charge_capacity_ah"] + table["discharge_capacity_ah"]).sum()) / 2.2
    assert told.figure("equivalent_full_cycles").estimate.value == pytest.approx(counted, rel=0.01)
    assert told.figure("rainflow_full_cycles").estimate.value == pytest.approx(counted, rel=0.01)
    # Cycled to a fifth of its capacity: every bound is missed, the knee is behind it.
    assert told.grade.name == "E"
    assert told.figure("knee_efc").estimate.is_known
    assert all(life.remaining_efc.value == 0.0 for life in told.degradation.remaining)


@pytest.mark.parametrize("cell", ["CS2_35", "CS2_36"])
def test_energy_follows_capacity_within_the_stated_error_until_seventy_per_cent(shared_data, cell):
    frame = read(shared_data / "cycle_life" / f"calce_{cell}.parquet").frame
    table = cycles(frame, rated_capacity_ah=1.1).filter(pl.col("discharge_capacity_ah") > 0.7 * 1.1)
    energy, charge = (
        table[f"discharge_{what}"].to_numpy() for what in ("energy_wh", "capacity_ah")
    )
    ratio = (energy / energy[:5].mean()) / (charge / charge[:5].mean())
    assert np.quantile(np.abs(ratio - 1), 0.9) < 1.645 * limit("soce_shape_sd_frac")
