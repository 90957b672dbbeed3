"""Cycle tables against two laboratories' own figures: CALCE's counters, NASA's capacities."""

from pathlib import Path

import polars as pl
import pytest

from batteryloop.readers import read
from batteryloop.readers.mapping import Mapping
from batteryloop.telemetry.clean import clean
from batteryloop.telemetry.cycles import cycles, end_of_life
from batteryloop.telemetry.validate import validate

pytestmark = pytest.mark.shared_data
MAPPINGS = Path(__file__).resolve().parents[2] / "examples" / "mappings"


@pytest.fixture(scope="module", params=["CS2_35", "CS2_36"])
def calce(request, shared_data):
    """The cleaned frame and, from the raw table itself, the capacity of each cycle of each file."""
    path = shared_data / "cycle_life" / f"calce_{request.param}.parquet"
    recording = read(path, mapping=Mapping.load(MAPPINGS / "calce_arbin.toml"))
    frame, _ = clean(recording.frame, chemistry="LCO")
    counter = pl.col("Discharge_Capacity(Ah)")
    truth = (
        pl.read_parquet(path)
        .group_by("file", "Cycle_Index")
        .agg(pl.col("Date_Time").min().alias("at"), (counter.max() - counter.min()).alias("ah"))
        .unique(["at", "Cycle_Index"])  # one file is there twice
        .sort("at", "Cycle_Index")
    )
    return frame, truth


def first_below(capacities: pl.Series) -> int:
    """The first cycle, from 1, whose capacity is below 70 % of the first one's for good."""
    is_below = capacities.rolling_median(5, min_samples=1) < 0.7 * capacities[0]
    return int(is_below.arg_true()[0]) + 1


def errors(found: pl.DataFrame, truth: pl.DataFrame) -> pl.Series:
    assert found.height == truth.height
    both = pl.DataFrame({"found": found["discharge_capacity_ah"], "truth": truth["ah"]})
    return (
        both.filter(pl.col("truth") > 0.05)
        .select((pl.col("found") / pl.col("truth") - 1).abs())
        .to_series()
    )


@pytest.mark.parametrize(("prefer", "median_frac"), [("counter", 1e-6), ("integral", 1e-3)])
def test_capacities_are_those_of_the_testers_counters(calce, prefer, median_frac):
    frame, truth = calce
    found = cycles(frame, prefer=prefer)
    off = errors(found, truth)
    assert off.median() < median_frac
    assert off.quantile(0.95) < 0.01
    is_full = found["discharge_capacity_ah"] > 0.2
    assert found.filter(is_full)["coulombic_efficiency_frac"].median() == pytest.approx(1, abs=0.01)


def test_end_of_life_is_found_within_five_cycles(calce):
    frame, truth = calce
    expected = first_below(truth["ah"])
    for prefer in ("counter", "integral"):
        found = end_of_life(cycles(frame, prefer=prefer))
        assert abs(found["end_of_life_cycle"].item() - expected) <= 5


def test_cycles_counted_here_end_the_life_at_nearly_the_same_cycle(calce):
    frame, truth = calce
    uncounted = frame.drop("cycle_count")
    found = end_of_life(cycles(uncounted))
    expected = first_below(truth["ah"])
    assert abs(found["end_of_life_cycle"].item() - expected) <= 12  # some are no full cycles


def test_the_record_is_sound(calce):
    frame, _ = calce
    assert not [f for f in validate(frame, chemistry="LCO") if f.severity == "error"]
    assert not [f for f in validate(frame) if f.rule in ("charge-counters", "energy-counters")]


def test_nasa_capacities_are_the_charge_down_to_2_7_v(shared_data):
    path = shared_data / "cycle_life" / "nasa_discharges.parquet"
    recording = read(path, mapping=Mapping.load(MAPPINGS / "nasa_discharges.toml"))
    truth = (
        pl.read_parquet(path).group_by("cell", "cycle_number").agg(pl.col("capacity_ahr").first())
    )
    keys = {"left_on": ["battery_id", "cycle_count"], "right_on": ["cell", "cycle_number"]}
    found = cycles(recording.frame, end_voltage_v=2.7).join(truth, **keys)
    known = found.filter(pl.col("capacity_ahr") > 0.1)
    off = (known["discharge_capacity_ah"] / known["capacity_ahr"] - 1).abs()
    assert known.height > 600
    assert off.median() < 1e-4
    assert off.quantile(0.95) < 0.01
