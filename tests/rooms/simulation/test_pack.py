"""A pack through its days: it says that it is simulated, its truth fits its telemetry."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from batteryloop.errors import NotKnown, OptionWrong
from batteryloop.reference.chemistries import chemistry
from batteryloop.reference.ocv import ocv_curve
from batteryloop.simulation import Fault, Horizon, PackSpec, Sensing, simulate_pack
from batteryloop.simulation.duties import duties
from batteryloop.simulation.truth import CELL_COLUMNS, FAULT_COLUMNS, PACK_COLUMNS
from batteryloop.telemetry.frame import COLUMNS, REQUIRED

START = datetime(2025, 3, 3, tzinfo=UTC)


def spec(**changes):
    plain = PackSpec(
        "SIM-1", "NMC622", "private-ev", "temperate", 96, 156.0, sensing=Sensing.ideal()
    )
    return replace(plain, **changes)


def simulate(asked, n_days=4, seed=11, **horizon):
    rng = np.random.Generator(np.random.PCG64(seed))
    return simulate_pack(asked, Horizon(START, n_days, **horizon), rng=rng)


@pytest.fixture(scope="module")
def week():
    return simulate(spec(soh_start_frac=0.9), n_days=7)


def test_everything_says_that_it_is_simulated(week):
    assert week.recording.source.is_simulated
    assert week.recording.source.metadata["note"] == "SIMULATED"
    for table in (week.truth, week.cell_truth, week.true_soc):
        assert set(table["note"]) == {"SIMULATED"}
    with pytest.raises(OptionWrong, match="SIM-"):
        spec(battery_id="BAT-1")


def test_the_frame_is_a_telemetry_frame_and_the_truth_has_its_columns(week):
    frame = week.recording.frame
    assert set(REQUIRED) <= set(frame.columns) <= set(COLUMNS)
    assert frame["time"].is_sorted()
    assert frame["time"].is_unique().all()
    assert frame["time"][0] > START
    assert frame["time"][-1] == START + timedelta(days=7)
    assert week.truth.columns == list(PACK_COLUMNS)
    assert week.cell_truth.columns == list(CELL_COLUMNS)
    assert week.fault_truth.columns == list(FAULT_COLUMNS)
    assert week.truth.height == 8  # each morning and the end
    assert week.cell_truth.height == 8 * 96


def test_charge_in_the_frame_is_the_change_of_true_charge(week):
    frame, soc = week.recording.frame, week.true_soc["soc_frac"].to_numpy()
    seconds = frame["time"].dt.epoch("us").to_numpy() / 1e6
    moved_ah = np.cumsum(frame["current_a"].to_numpy()[1:] * np.diff(seconds)) / 3600.0
    capacity = week.truth["cell_capacity_mean_ah"].mean()
    assert np.ptp(moved_ah) > 20.0
    # self-discharge, 0.005 % a day, and balancing take a little and never give
    taken = moved_ah / capacity - (soc[1:] - soc[0])
    assert taken.min() > -4e-4
    assert taken.max() < 0.006


def test_a_rested_pack_shows_the_open_circuit_voltage_of_its_true_charge(week):
    frame = week.recording.frame.with_columns(week.true_soc["soc_frac"].alias("true"))
    quiet = (pl.col("current_a").abs() < 1e-9).rolling_min(9) > 0
    rested = frame.filter(quiet & (pl.col("time").diff() == pl.duration(minutes=10)))
    assert rested.height > 100
    rested = rested.filter(
        pl.col("time").dt.epoch("s") - pl.col("time").dt.epoch("s").shift(9) == 5400
    )
    mean_v = np.array(rested["cell_voltages_v"].to_list()).mean(axis=1)
    expected = ocv_curve("NMC622").voltage_at(rested["true"].to_numpy())
    assert np.abs(mean_v - expected).max() < 0.004


def test_voltages_stay_within_the_chemistry_s_limits(week):
    limits = chemistry("NMC622")
    assert week.recording.frame["cell_voltage_min_v"].min() > limits.cell_voltage_min_v - 0.005
    assert week.recording.frame["cell_voltage_max_v"].max() < limits.cell_voltage_max_v + 0.005


def test_the_same_generator_gives_the_same_pack_and_another_gives_another():
    one, again, other = (simulate(spec(sensing=Sensing()), seed=s) for s in (1, 1, 2))
    assert one.recording.frame.equals(again.recording.frame)
    assert one.truth.equals(again.truth)
    assert not one.recording.frame.equals(other.recording.frame)


@pytest.mark.parametrize("name", sorted(duties()))
def test_every_duty_moves_charge_within_bounds(name):
    kind = duties()[name]
    pack = simulate(
        spec(
            duty=name,
            chemistry=kind.chemistries[0],
            n_cells_series=kind.n_cells_series,
            rated_capacity_ah=kind.rated_capacity_ah,
            climate=kind.climates[0],
            sensing=Sensing(sampling_s=60.0),
        ),
        n_days=6,
    )
    frame = pack.recording.frame
    cycles = pack.truth["n_equivalent_cycles"][-1]
    assert 0.1 < cycles < 6 * 4
    assert pack.true_soc["soc_frac"].min() > -0.01
    assert pack.true_soc["soc_frac"].max() < 1.02
    assert frame["temperature_max_degc"].max() < 50
    assert ("odometer_km" in frame.columns) == kind.is_vehicle
    if kind.is_vehicle:
        assert frame["odometer_km"].is_sorted()


def test_health_at_the_start_is_about_what_was_asked():
    for wanted in (0.7, 0.85, 1.0):
        pack = simulate(spec(soh_start_frac=wanted, climate="hot"), n_days=1)
        assert pack.truth["soh_frac"][0] == pytest.approx(wanted, abs=0.03)
        assert 0.3 <= pack.truth["ageing_factor"][0] <= 3.0
    aged = pack_ages(0.75)
    assert aged["age_days"][0] > 365
    assert aged["resistance_ratio_frac"][0] > 1.1
    assert aged["n_equivalent_cycles"][0] > 50


def pack_ages(wanted):
    return simulate(spec(soh_start_frac=wanted), n_days=1).truth


def test_health_only_falls_and_charge_lost_is_told_by_cause():
    pack = simulate(spec(), n_days=400, record_days=2, record_every_days=100)
    truth = pack.truth
    assert truth["cell_capacity_mean_ah"].is_sorted(descending=True)
    first, last = truth.row(0, named=True), truth.row(-1, named=True)
    lost = 1 - last["cell_capacity_mean_ah"] / first["cell_capacity_mean_ah"]
    told = last["capacity_calendar_loss_frac"] + last["capacity_cycle_loss_frac"]
    assert lost == pytest.approx(told, rel=0.02)
    assert 0.01 < lost < 0.1
    assert last["age_days"] == pytest.approx(400)


def test_only_the_windows_are_recorded_and_the_rest_is_lived():
    pack = simulate(spec(), n_days=70, record_days=2, record_every_days=30)
    days = pack.recording.frame["time"].dt.offset_by("-1us").dt.date().unique().sort()
    assert [(day - START.date()).days for day in days] == [0, 1, 30, 31, 60, 61]
    assert pack.truth["age_days"][-1] == pytest.approx(70)


def test_a_short_drains_its_cell_by_the_integral_of_its_current():
    onset = START + timedelta(days=1)
    fault = Fault("internal-short", 200.0, onset, cell=17)
    sick, sound = (simulate(spec(faults=f), n_days=6) for f in ((fault,), ()))
    apart = charge_apart(sick) - charge_apart(sound)
    per_day = 3.75 / 200.0 * 24.0 / 157.0
    assert apart[1] == pytest.approx(0.0, abs=1e-9)
    # balancing of the others makes up for some of it
    assert 0.8 * 5 * per_day < apart[-1] - apart[1] < 1.02 * 5 * per_day
    assert sick.fault_truth.row(0, named=True) == {
        "battery_id": "SIM-1",
        "kind": "internal-short",
        "strength": 200.0,
        "unit": "ohm",
        "cell": 17,
        "onset_at": onset,
        "note": "SIMULATED",
    }
    assert sick.truth["soh_frac"][-1] < sick.truth["soh_frac"][0]


def charge_apart(pack):
    mornings = pack.cell_truth.filter(pl.col("cell").is_in([16, 17])).pivot(
        on="cell", index="time", values="soc_frac"
    )
    return (mornings["16"] - mornings["17"]).to_numpy()


def test_a_weak_cell_limits_the_pack():
    fault = Fault("weak-cell", 0.3, START - timedelta(days=100), cell=5)
    pack = simulate(spec(faults=(fault,)), n_days=2)
    cells = pack.cell_truth.filter(pl.col("time") == START)
    assert cells.sort("capacity_ah")["cell"][0] == 5
    assert pack.truth["soh_frac"][0] < 0.75
    assert pack.truth["cell_capacity_mean_ah"][0] / 156.0 > 0.99


def test_a_loose_connection_follows_the_current_at_its_cell():
    fault = Fault("loose-connection", 2e-3, START - timedelta(days=30), cell=40)
    pack = simulate(spec(faults=(fault,)), n_days=3)
    frame = pack.recording.frame.filter(pl.col("current_a") < -60)
    volts = np.array(frame["cell_voltages_v"].to_list())
    apart = volts[:, 40] - np.median(volts, axis=1)
    ohm = apart / frame["current_a"].to_numpy()
    assert np.median(ohm) == pytest.approx(2e-3 * 0.85, rel=0.15)
    assert ohm.std() > 2e-4


def test_a_pack_that_says_nothing_has_an_empty_frame_and_its_truth():
    gaps = Fault("data-gaps", 1.0, START - timedelta(days=1))
    silent = replace(Sensing(), parked_sampling_s=None)
    pack = simulate(spec(sensing=silent, duty="city-car"), n_days=2, seed=3)
    assert pack.recording.frame["time"].diff().max() > timedelta(hours=2)
    nothing = simulate(spec(sensing=silent, faults=(gaps,)), n_days=2)
    assert nothing.recording.frame.height < 0.1 * pack.recording.frame.height
    assert nothing.truth.height == 3
    assert "cell_voltages_v" in nothing.recording.frame.columns


def test_the_odometer_goes_on_while_nobody_records():
    frame = simulate(spec(), n_days=70, record_days=2, record_every_days=60).recording.frame
    assert frame["odometer_km"].is_sorted()
    assert frame["odometer_km"][-1] - frame["odometer_km"][0] > 300


def test_a_step_of_current_meets_the_resistance_of_ten_seconds():
    truth = simulate(spec(), n_days=1).truth
    # (0.045 + 0.020 (1 - exp(-10/20)) + 0.030 (1 - exp(-10/900))) ohm Ah / 156 Ah · 96
    by_hand = (0.045 + 0.020 * 0.39347 + 0.030 * 0.01105) / 156.0 * 96
    assert truth["resistance_10s_ohm"][0] == pytest.approx(by_hand, rel=0.01)
    assert truth["resistance_ohm"][0] == pytest.approx(0.095 / 156.0 * 96, rel=0.01)


def test_ageing_past_the_laws_is_a_finding():
    cold = simulate(spec(chemistry="NMC111", climate="cold"), n_days=2)
    rules = [finding.rule for finding in cold.recording.findings]
    assert rules
    assert set(rules) == {"ageing-law-valid-range"}
    assert len(rules) == len({f.found.split(",")[-1] for f in cold.recording.findings})


def test_names_that_are_not_known_are_refused():
    for changes in ({"chemistry": "NMC999"}, {"duty": "tank"}, {"climate": "lunar"}):
        with pytest.raises(NotKnown):
            simulate(spec(**changes))
    with pytest.raises(NotKnown, match="open-circuit curve"):
        simulate(spec(chemistry="LMO-NMC"))


def test_a_horizon_must_be_a_horizon():
    for wrong in (
        lambda: Horizon(datetime(2025, 1, 1), 3),  # noqa: DTZ001
        lambda: Horizon(START, 0),
        lambda: Horizon(START, 30, record_days=31),
        lambda: Sensing(sampling_s=0.1),
    ):
        with pytest.raises(OptionWrong):
            wrong()
