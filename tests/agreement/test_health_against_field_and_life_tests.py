"""The health report against measurements that do not come with the package."""

import numpy as np
import polars as pl
import pytest

from batteryloop.health import evaluate
from batteryloop.record import BatteryIdentity
from batteryloop.telemetry.frame import as_frame

pytestmark = pytest.mark.shared_data


@pytest.fixture(scope="module")
def leaf(shared_data):
    """The vehicle's log: milliamperes and percent as the logger writes them, discharge positive."""
    raw = pl.read_parquet(shared_data / "field_ev" / "leaf_2013.parquet").sort(
        "t", maintain_order=True
    )
    sensors = [f"Pack T{n} C" for n in (1, 2, 4)]
    return as_frame(
        raw.select(
            pl.lit("LEAF").alias("battery_id"),
            pl.col("t").dt.replace_time_zone("UTC").alias("time"),
            (-pl.col("Pack Amps")).alias("current_a"),
            pl.col("Pack Volts").alias("voltage_v"),
            (pl.col("soc_pct") / 100).alias("soc_frac"),
            pl.concat_list(
                [(pl.col(f"CP{n}") / 1000).cast(pl.Float32) for n in range(1, 97)]
            ).alias("cell_voltages_v"),
            pl.min_horizontal(sensors).alias("temperature_min_degc"),
            pl.max_horizontal(sensors).alias("temperature_max_degc"),
            pl.col("ahr").alias("reported_capacity_ah"),
        ),
        subject="leaf",
    )


@pytest.fixture(scope="module")
def judged_leaf(leaf):
    return evaluate(leaf, BatteryIdentity("LEAF", "LMO-NCA", rated_capacity_ah=66.2))


def test_vehicle_on_the_road_gets_the_capacity_its_own_computer_says(leaf, judged_leaf):
    report = judged_leaf
    own = leaf.get_column("reported_capacity_ah").drop_nulls()
    assert report.identity.n_cells_series == 96
    assert report.capacity_ah.low <= own[-1] <= report.capacity_ah.high
    assert report.capacity_ah.value == pytest.approx(own[-1], rel=0.05)


def test_vehicle_on_the_road_resists_more_than_new_cells_do(judged_leaf):
    report = judged_leaf
    # 96 pairs of the sample's cells would have 96 * 1.9 mohm / 2 = 91 mohm after ten seconds,
    # 77 mohm after one; the vehicle's samples are five seconds apart.
    assert 0.05 < report.resistance_ohm.value < 0.12
    assert report.resistance_ratio_frac.value > 1.0


@pytest.mark.parametrize("cell", ["B0028", "B0042", "B0054", "B0056"])
def test_nasa_cells_give_a_full_discharge_in_all_but_broken_runs(shared_data, cell):
    raw = pl.read_parquet(shared_data / "cycle_life" / "nasa_discharges.parquet").filter(
        pl.col("cell") == cell
    )
    start = pl.col("start_time").str.to_datetime().dt.replace_time_zone("UTC")
    frame = as_frame(
        raw.select(
            pl.col("cell").alias("battery_id"),
            (start + pl.duration(microseconds=(pl.col("time_s") * 1e6).cast(pl.Int64))).alias(
                "time"
            ),
            pl.col("current").alias("current_a"),
            pl.col("voltage").alias("voltage_v"),
            pl.col("temperature").alias("temperature_degc"),
            pl.col("cycle_number").alias("cycle_count"),
        ),
        subject=cell,
    )
    history = evaluate(frame, BatteryIdentity(cell, rated_capacity_ah=2.0)).capacity_history
    assert history.height >= 0.94 * raw.get_column("cycle_number").n_unique()
    hours = pl.col("time").diff().over("cycle_count").dt.total_microseconds() / 3.6e9
    mean_a = (pl.col("current_a") + pl.col("current_a").shift().over("cycle_count")) / 2
    summed = frame.group_by("cycle_count").agg((-mean_a * hours).sum().alias("summed_ah"))
    both = history.join(summed, on="cycle_count")
    ratio = (both["capacity_ah"] / both["summed_ah"]).to_numpy()
    assert np.median(ratio) == pytest.approx(1.0, abs=0.005)


def test_calce_cell_is_followed_to_its_end_without_knowing_its_chemistry(shared_data):
    raw = (
        pl.read_parquet(shared_data / "cycle_life" / "calce_CS2_35.parquet")
        .filter(pl.col("file") != "CS2_35_2_10_11.xlsx")  # holds the rows of another file again
        .unique(["file", "Test_Time(s)"], keep="first", maintain_order=True)
        .with_columns(pl.col("Date_Time").first().over("file").alias("begun"))
        .sort("begun", "Test_Time(s)", maintain_order=True)
    )
    since = (pl.col("Test_Time(s)") - pl.col("Test_Time(s)").first().over("file")) * 1e6
    counters = {
        "charge_capacity_ah": "Charge_Capacity(Ah)",
        "discharge_capacity_ah": "Discharge_Capacity(Ah)",
    }
    rises = {
        ours: pl.when(pl.col(theirs).diff() < 0)
        .then(pl.col(theirs))
        .otherwise(pl.col(theirs).diff().fill_null(0))
        .cum_sum()
        for ours, theirs in counters.items()
    }
    frame = as_frame(
        raw.select(
            pl.lit("CS2_35").alias("battery_id"),
            (pl.col("begun") + pl.duration(microseconds=since.cast(pl.Int64)))
            .dt.replace_time_zone("UTC")
            .alias("time"),
            pl.col("Current(A)").alias("current_a"),
            pl.col("Voltage(V)").alias("voltage_v"),
            pl.col("Cycle_Index").alias("cycle_count"),
            *(rise.alias(name) for name, rise in rises.items()),
        ),
        subject="CS2_35",
    )
    report = evaluate(frame, BatteryIdentity("CS2_35", rated_capacity_ah=1.1))
    history = report.capacity_history.get_column("capacity_ah").to_numpy()
    assert history.size > 850
    assert history[:5] == pytest.approx(1.135, abs=0.01)
    assert report.soh_frac.value == pytest.approx(0.28, abs=0.02)
    assert report.resistance_ratio_frac.value > 1.2
