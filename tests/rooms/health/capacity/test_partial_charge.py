import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.errors import ColumnMissing, InputWrong
from batteryloop.health.capacity.partial_charge import (
    PARTIAL_CHARGES,
    capacity_between_rests,
    capacity_from_charges,
)
from batteryloop.health.open_circuit.curve import OcvCurve, ocv_from_table, typical_ocv

# The open-circuit curve of the cell that the `cell` fixture makes.
SOC = [0.0, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0]
OCV = [2.80, 3.30, 3.45, 3.58, 3.68, 3.85, 4.05, 4.20]
CURVE = ocv_from_table(pl.DataFrame({"soc_frac": SOC, "voltage_v": OCV}), voltage_sd_v=0.003)
LINE = OcvCurve(np.array([0.0, 1.0]), np.array([3.0, 4.0]), voltage_sd_v=0.0)


def commuted(cell, days=12, **options):
    """Return days of a battery that is driven down, rests, is charged a part and rests."""
    made = cell(span_s=30.0, **options)
    for day in range(days):
        made.rest(1.0).discharge(3.0, to_soc=0.25 + 0.02 * (day % 3)).rest(1.0)
        while made.soc < 0.75:
            made._sample(2.0)
    return made.rest(1.0)


def test_charge_over_change_of_state_of_charge_with_the_error_of_each():
    # 40 % for 20 Ah: 50 Ah; sd = 50 sqrt(2 (0.002 / 0.4)^2 + (0.1 / 20)^2 + 0.01^2) = 0.661 Ah
    found = capacity_between_rests(
        20.0, 3.2, 3.6, LINE, charge_sd_ah=0.1, current_gain_sd_frac=0.01
    )
    assert found.value == pytest.approx(50.0)
    assert found.high - found.value == pytest.approx(1.645 * 0.661, rel=2e-3)


def test_a_discharge_tells_as_much_as_a_charge():
    up = capacity_between_rests(20.0, 3.2, 3.6, LINE)
    down = capacity_between_rests(-20.0, 3.6, 3.2, LINE)
    assert down.value == pytest.approx(up.value)
    assert down.low == pytest.approx(up.low)


def test_on_the_plateau_of_iron_phosphate_the_capacity_stays_unknown_and_says_why():
    lfp = typical_ocv("LFP")
    first, last = lfp.voltage_at([0.4, 0.6])
    found = capacity_between_rests(20.0, float(first), float(last), lfp)
    assert not found.is_known
    assert "open-circuit voltage says too little" in found.reason


def test_charge_and_voltage_that_go_opposite_ways_are_no_measurement():
    found = capacity_between_rests(-20.0, 3.2, 3.6, LINE)
    assert "not of one sign" in found.reason
    assert "not known" in capacity_between_rests(float("nan"), 3.2, 3.6, LINE).reason


def test_days_of_partial_charges_give_the_capacity_within_the_interval(cell):
    found, table = capacity_from_charges(commuted(cell).frame(), ocv=CURVE)
    assert found.low <= 10.0 <= found.high
    assert found.value == pytest.approx(10.0, rel=0.02)
    assert table.height >= 20
    assert table.schema == pl.Schema(PARTIAL_CHARGES)
    assert found.n_segments >= 20


def test_the_frame_may_carry_cell_voltages_only(cell):
    frame = commuted(cell).frame()
    volts = pl.col("voltage_v")
    mean = frame.select(pl.exclude("voltage_v"), volts.alias("cell_voltage_mean_v"))
    ends = frame.select(
        pl.exclude("voltage_v"),
        (volts - 0.01).alias("cell_voltage_min_v"),
        (volts + 0.01).alias("cell_voltage_max_v"),
    )
    whole = capacity_from_charges(frame, ocv=CURVE)[0]
    for cells in (mean, ends):
        assert capacity_from_charges(cells, ocv=CURVE)[0].value == pytest.approx(whole.value, 1e-6)


def test_a_pack_of_96_in_series_is_read_by_its_mean_cell(cell):
    frame = commuted(cell).frame().with_columns(pl.col("voltage_v") * 96)
    found, _ = capacity_from_charges(frame, ocv=CURVE, n_cells_series=96)
    assert found.value == pytest.approx(10.0, rel=0.02)


def test_noise_and_coarse_steps_of_a_vehicle_stay_within_the_interval(cell):
    rng = np.random.default_rng(3)
    frame = commuted(cell).frame()
    noisy = frame.with_columns(
        (pl.col("voltage_v") + rng.normal(size=frame.height) * 0.003).round(2),
        (pl.col("current_a") + rng.normal(size=frame.height) * 0.05).round(1),
    )
    found, _ = capacity_from_charges(noisy, ocv=CURVE)
    assert found.low <= 10.0 <= found.high
    assert found.high - found.low < 0.2 * 10.0


def test_slow_charging_without_rests_is_corrected_for_resistance_and_less_sure(cell):
    made = cell(span_s=30.0, ohm=0.02)
    for _ in range(10):
        made.discharge(10.0, to_soc=0.25)
        while made.soc < 0.85:
            made._sample(2.0)
    corrected, table = capacity_from_charges(made.frame(), ocv=CURVE)
    rested, _ = capacity_from_charges(commuted(cell, days=10).frame(), ocv=CURVE)
    assert corrected.low <= 10.0 <= corrected.high
    assert table["evidence_last"].str.contains("resistance").any()
    assert corrected.high - corrected.low > rested.high - rested.low


def test_charge_that_flowed_unseen_is_not_counted_on(cell):
    made = commuted(cell, days=3)
    made.seconds += 5 * 3600
    made.soc = 0.3
    made.rest(0.5)
    while made.soc < 0.8:
        made._sample(2.0)
    made.rest(1.0)
    found, table = capacity_from_charges(made.frame(), ocv=CURVE)
    assert found.low <= 10.0 <= found.high
    assert (table["capacity_ah"] - 10.0).abs().max() < 1.0


def test_a_battery_that_never_rests_at_two_levels_has_a_reason(cell):
    idle, table = capacity_from_charges(cell().rest(5.0).frame(), ocv=CURVE)
    assert not idle.is_known
    assert "no two known open-circuit voltages" in idle.reason
    assert table.schema == pl.Schema(PARTIAL_CHARGES)


def test_an_iron_phosphate_battery_in_mid_range_is_not_guessed(cell):
    frame = commuted(cell).frame()
    lfp = typical_ocv("LFP")
    middle = frame.with_columns(pl.lit(lfp.voltage_at(0.5).item()).alias("voltage_v"))
    assert not capacity_from_charges(middle, ocv=lfp)[0].is_known


def test_empty_frames_and_samples_without_voltage_have_a_reason(cell):
    frame = commuted(cell, days=2).frame()
    assert not capacity_from_charges(frame.clear(), ocv=CURVE)[0].is_known
    blind = frame.with_columns(pl.lit(float("nan")).alias("voltage_v"))
    assert not capacity_from_charges(blind, ocv=CURVE)[0].is_known


def test_frames_without_voltage_or_of_two_batteries_are_refused(cell):
    frame = commuted(cell, days=2).frame()
    with pytest.raises(ColumnMissing, match="voltage"):
        capacity_from_charges(frame.drop("voltage_v"), ocv=CURVE)
    two = pl.concat([frame, frame.with_columns(pl.lit("OTHER").alias("battery_id"))])
    with pytest.raises(InputWrong, match="2 batteries"):
        capacity_from_charges(two, ocv=CURVE)


@settings(max_examples=40, deadline=None)
@given(
    soc=st.tuples(st.floats(0.05, 0.95), st.floats(0.05, 0.95)),
    capacity_ah=st.floats(0.5, 500),
)
def test_exact_voltages_give_the_exact_capacity_or_none(soc, capacity_ah):
    moved = capacity_ah * (soc[1] - soc[0])
    volts = LINE.voltage_at(soc)
    found = capacity_between_rests(moved, float(volts[0]), float(volts[1]), LINE)
    if found.is_known:
        assert found.value == pytest.approx(capacity_ah, rel=1e-6)
        assert found.low <= capacity_ah <= found.high
    else:
        assert abs(soc[1] - soc[0]) < 0.01
