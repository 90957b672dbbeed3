"""What the binary readers make of real files, against what physics allows."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from access_parser import AccessParser

from batteryloop.readers import read
from batteryloop.readers.access_tables import Database, fixed_columns

pytestmark = pytest.mark.shared_data

# rows as the files themselves count them: the head of the data module, of the table, of the records
N_ROWS = {
    "20160805_test001_45_cc_01.res": 10_261,
    "GCPL-0.mpr": 4,
    "PEIS-0.mpr": 60,
    "biol.mpr": 23_561,
    "new_nda_file.nda": 439,
    "filetype14-0.ndax": 67,
    "test_2.ndax": 108_563,
}
# those in which a battery was charged or discharged by more than noise, and how closely the
# trapezes between their samples can follow the tester's own counting
WORKED = {"20160805_test001_45_cc_01.res": 0.02, "biol.mpr": 0.01, "test_2.ndax": 0.01}


@pytest.fixture(scope="module")
def frames(shared_data):
    folder = shared_data / "cycler_exports"
    return {name: read(folder / name).frame for name in N_ROWS}


def unrolled(counter: pl.Series) -> float:
    """Return what a counter that restarts has counted in all."""
    rise = counter.diff().clip(lower_bound=0)
    return float(rise.sum()) + float(counter[0])


def integrals(frame: pl.DataFrame, values: pl.Series) -> tuple[float, float]:
    """Return the integrals over hours of the positive and of the negative part, by trapezes."""
    hours = frame["time"].diff().dt.total_microseconds().to_numpy()[1:] / 3.6e9
    value = values.to_numpy()
    mean = (value[1:] + value[:-1]) / 2
    part = mean * hours
    return float(part[part > 0].sum()), float(-part[part < 0].sum())


@pytest.mark.parametrize("name", N_ROWS)
def test_every_row_that_the_file_counts_is_there(frames, name):
    assert len(frames[name]) == N_ROWS[name]


@pytest.mark.parametrize("name", N_ROWS)
def test_time_never_runs_back(frames, name):
    assert frames[name]["time"].is_sorted()
    assert frames[name]["time"].null_count() == 0


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("20160805_test001_45_cc_01.res", date(2016, 8, 5)),  # its name and its table of tests
        ("GCPL-0.mpr", date(2024, 9, 2)),  # the date in the head of its modules
        ("biol.mpr", date(2017, 3, 15)),
        ("new_nda_file.nda", date(2020, 3, 25)),  # the date behind its first word
        ("test_2.ndax", date(2025, 3, 26)),  # the start time in its TestInfo.xml
    ],
)
def test_the_first_sample_is_of_the_day_that_the_file_names(frames, name, day):
    assert frames[name]["time"][0].date() == day


@pytest.mark.parametrize("name", N_ROWS)
def test_voltages_are_those_of_one_cell(frames, name):
    assert frames[name]["voltage_v"].is_between(-0.2, 5.0).all()


@pytest.mark.parametrize(("name", "tolerance_frac"), WORKED.items())
def test_the_counters_agree_with_the_integral_of_the_current(frames, name, tolerance_frac):
    frame = frames[name]
    put_in, taken_out = integrals(frame, frame["current_a"])
    assert unrolled(frame["charge_capacity_ah"]) == pytest.approx(put_in, rel=tolerance_frac)
    if taken_out > 0.01 * put_in:
        assert unrolled(frame["discharge_capacity_ah"]) == pytest.approx(
            taken_out, rel=tolerance_frac
        )


@pytest.mark.parametrize(("name", "tolerance_frac"), WORKED.items())
def test_the_energies_agree_with_the_integral_of_the_power(frames, name, tolerance_frac):
    frame = frames[name]
    put_in, taken_out = integrals(frame, frame["current_a"] * frame["voltage_v"])
    assert unrolled(frame["charge_energy_wh"]) == pytest.approx(put_in, rel=2 * tolerance_frac)
    if taken_out > 0.01 * put_in:
        assert unrolled(frame["discharge_energy_wh"]) == pytest.approx(
            taken_out, rel=2 * tolerance_frac
        )


@pytest.mark.parametrize("name", WORKED)
def test_the_voltage_rises_while_the_current_is_positive(frames, name):
    sign = pl.col("current_a").sign()
    runs = (
        frames[name]
        .with_columns(run=((sign != sign.shift()) | (pl.col("step_index").diff() != 0)).cum_sum())
        .group_by("run")
        .agg(
            sign.first().alias("direction"),
            (pl.col("voltage_v").last() - pl.col("voltage_v").first()).alias("moved_v"),
            pl.len().alias("n"),
        )
        .filter((pl.col("direction") != 0) & (pl.col("n") >= 10) & (pl.col("moved_v").abs() > 0.01))
    )
    agree = runs["direction"].to_numpy() == np.sign(runs["moved_v"].to_numpy())
    assert len(agree) >= 3
    assert agree.mean() > 0.95


def test_the_charge_beside_a_biologic_current_is_that_current_times_time(frames):
    # both are columns of their own in the file
    frame = frames["biol.mpr"]
    net = frame["charge_capacity_ah"][-1] - frame["discharge_capacity_ah"][-1]
    put_in, taken_out = integrals(frame, frame["current_a"])
    assert net == pytest.approx(put_in - taken_out, rel=0.005)


def test_the_rows_that_numpy_takes_from_an_access_file_are_those_of_the_library(shared_data):
    path = shared_data / "cycler_exports" / "20160805_test001_45_cc_01.res"
    theirs = AccessParser(str(path)).parse_table("Channel_Normal_Table")
    ours = fixed_columns(Database(path).table("Channel_Normal_Table"), tuple(theirs))
    assert set(ours.columns) == set(theirs)
    for name in ours.columns:
        assert ours[name].cast(pl.Float64).to_list() == theirs[name], name
