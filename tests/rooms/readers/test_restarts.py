import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.readers import Mapping, read
from batteryloop.readers.restarts import run_on
from batteryloop.readers.tabular import Table

MAPPING = Mapping.of(
    {
        "restarts": "file",
        "columns": {
            "time": "at",
            "elapsed_s": "t",
            "current_a": "I",
            "voltage_v": "U",
            "cycle_count": "n",
            "charge_capacity_ah": "Q",
        },
    }
)


def part(name, day, charge_ah=1.0, first_cycle=1):
    rows = [(10.0 * i, first_cycle + i // 2, charge_ah * i / 3) for i in range(4)]
    return pl.DataFrame(
        {
            "file": [name] * 4,
            "at": [f"2024-01-{day:02d} 00:00:{int(t):02d}" for t, _, _ in rows],
            "t": [t for t, _, _ in rows],
            "I": [1.0] * 4,
            "U": [3.7 + day / 100] * 4,
            "n": [n for _, n, _ in rows],
            "Q": [q for _, _, q in rows],
        }
    )


def read_parts(tmp_path, *parts):
    pl.concat(parts).write_parquet(tmp_path / "p")
    return read(tmp_path / "p", mapping=MAPPING)


def test_parts_are_ordered_by_date_not_by_name(tmp_path):
    frame = read_parts(tmp_path, part("10_15", 15), part("8_17", 2), part("9_1", 9)).frame
    assert frame["time"].is_sorted()
    assert frame["voltage_v"].unique(maintain_order=True).to_list() == pytest.approx(
        [3.72, 3.79, 3.85]
    )


def test_cycle_counts_are_unlike_and_counters_run_on(tmp_path):
    frame = read_parts(tmp_path, part("b", 9), part("a", 2), part("c", 15)).frame
    assert frame["cycle_count"].to_list() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]
    assert frame["charge_capacity_ah"].is_sorted()
    assert frame["charge_capacity_ah"][-1] == pytest.approx(3.0)


def test_a_part_given_twice_is_left_out_once_and_told(tmp_path):
    again = part("b", 2).with_columns(pl.lit("b again").alias("file"))
    recording = read_parts(tmp_path, part("b", 2), part("c", 3), again)
    assert recording.frame.height == 8
    (finding,) = [f for f in recording.findings if f.rule == "part-repeated"]
    assert finding.n_rows == 4
    assert "b again repeats b" in finding.found


def test_a_part_that_differs_in_one_value_is_kept(tmp_path):
    other = part("c", 2).with_columns(
        pl.when(pl.int_range(pl.len()) == 2).then(9.0).otherwise("I").alias("I")
    )
    assert read_parts(tmp_path, part("b", 2), other).frame.height == 8


def test_without_a_moment_elapsed_time_runs_on_in_the_order_of_the_file():
    frame = pl.DataFrame(
        {
            "group": ["x", "x", "y", "y"],
            "elapsed_s": [0.0, 10.0, 5.0, 7.0],
            "current_a": [1.0, 1.0, 1.0, 2.0],
            "voltage_v": [3.7, 3.8, 3.7, 3.8],
        }
    )
    assert run_on(Table(frame), group="group").frame["elapsed_s"].to_list() == [0, 10, 15, 17]


def test_cycle_counts_that_go_on_already_are_kept(tmp_path):
    frame = read_parts(tmp_path, part("a", 2, first_cycle=4), part("b", 3, first_cycle=8)).frame
    assert frame["cycle_count"].to_list() == [4, 4, 5, 5, 8, 8, 9, 9]


@given(st.lists(st.floats(0.01, 10.0), min_size=1, max_size=6))
def test_the_total_is_the_sum_of_the_parts(charges):
    frame = pl.concat(
        [part(f"f{i}", i + 1, charge_ah=q).with_row_index("row") for i, q in enumerate(charges)]
    ).rename({"Q": "charge_capacity_ah", "file": "group", "t": "elapsed_s"})
    frame = frame.with_columns(pl.col("at").str.to_datetime().alias("time")).select(
        "group", "time", "elapsed_s", "charge_capacity_ah"
    )
    total = run_on(Table(frame), group="group").frame["charge_capacity_ah"]
    assert total[-1] == pytest.approx(sum(charges))
    assert total.is_sorted()
