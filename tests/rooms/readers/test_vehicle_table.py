import numpy as np
import polars as pl
import pytest

from batteryloop.readers import read
from batteryloop.readers.vehicle_table import positive_is_discharge


@pytest.fixture
def log(dialects):
    return read(dialects / "leafspy.csv")


def test_positive_amperes_that_sag_the_voltage_are_turned(log):
    # the log has +60 A while driving and -30 A while braking
    assert log.frame["current_a"].unique().sort().to_list() == [-60, 0, 30]
    (finding,) = [f for f in log.findings if f.rule == "current-sign"]
    assert "sags" in finding.found


def test_a_log_that_counts_charge_as_positive_is_left_as_it_is(dialects, tmp_path):
    rows = pl.read_csv(dialects / "leafspy.csv").with_columns(-pl.col("Pack Amps"))
    rows.write_csv(tmp_path / "x.csv")
    frame = read(tmp_path / "x.csv").frame
    assert frame["current_a"].unique().sort().to_list() == [-60, 0, 30]


def test_too_few_steps_of_the_current_tell_nothing():
    assert (
        positive_is_discharge(np.array([0.0, 50.0, 0.0]), np.array([380.0, 377.0, 380.0])) is None
    )
    assert positive_is_discharge(np.zeros(50), np.linspace(380, 370, 50)) is None


def test_cells_are_volts_in_order_and_a_minus_is_a_shunt(log):
    first = log.frame["cell_voltages_v"][0].to_list()
    assert first == pytest.approx([3.898, 3.899, 3.9, 3.901, 3.902, 3.903])
    assert log.frame["n_balancing"].sum() == 1
    assert log.frame["n_balancing"][9] == 1
    assert log.frame["cell_voltages_v"][9].min() > 3.7


def test_a_cell_voltage_that_cannot_be_is_null_with_a_finding(log):
    assert log.frame["cell_voltages_v"][7].to_list()[3] is None
    (finding,) = [f for f in log.findings if f.rule == "cell-voltage-invalid"]
    assert (finding.row_first, finding.row_last, finding.n_rows) == (7, 7, 1)


def test_scaled_integers_become_shares_and_ampere_hours(log):
    assert log.frame["soc_frac"][0] == pytest.approx(0.64)
    assert log.frame["reported_capacity_ah"][0] == pytest.approx(54.0)
    assert log.frame["reported_soh_frac"][0] == pytest.approx(0.835)


def test_fahrenheit_is_noticed_and_converted(log):
    assert log.frame["ambient_temperature_degc"][0] == pytest.approx(24.0)
    assert "unit-converted" in {f.rule for f in log.findings}


def test_unix_seconds_are_the_time(log):
    assert log.frame["time"].dt.epoch("s")[0] == 1711359000
    assert not log.source.is_time_relative
    assert log.source.metadata["n_cells_series"] == "6"


def test_parquet_reads_as_its_csv(log, dialects, tmp_path):
    pl.read_csv(dialects / "leafspy.csv").write_parquet(tmp_path / "p")
    recording = read(tmp_path / "p", battery_id="leafspy")
    assert recording.source.format == "vehicle-parquet"
    assert recording.frame.equals(log.frame)


def test_fillers_of_the_logger_are_null_with_a_finding(dialects, tmp_path):
    rows = pl.read_csv(dialects / "leafspy.csv").with_columns(
        pl.when(pl.int_range(pl.len()) == 3).then(-4013).otherwise("Odo(km)").alias("Odo(km)"),
        pl.when(pl.int_range(pl.len()) == 5).then(0).otherwise("SOC").alias("SOC"),
    )
    rows.write_csv(tmp_path / "x.csv")
    recording = read(tmp_path / "x.csv")
    assert recording.frame["odometer_km"][3] is None
    assert recording.frame["soc_frac"][5] is None
    assert {"value-impossible", "value-not-read"} <= {f.rule for f in recording.findings}
