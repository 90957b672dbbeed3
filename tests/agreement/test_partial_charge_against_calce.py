"""Partial charges of two cells followed to their end (CALCE CS2), held to their discharges.

Each cell is judged by curves learnt from the other. `python -m benchmarks.partial_charge_accuracy`
prints the same figures over more windows.
"""

import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from benchmarks.partial_charge_accuracy import (
    CELLS,
    errors,
    family_from,
    followed_errors,
    life_cycles,
    summary,
)

pytestmark = pytest.mark.shared_data
REFERENCES = (4, 12)


@pytest.fixture(scope="module")
def lives(shared_data):
    return {name: life_cycles(shared_data / "cycle_life" / f"{name}.parquet") for name in CELLS}


@pytest.fixture(scope="module")
def families(lives):
    """Return for each cell the family learnt from the other."""
    return {
        name: family_from([life for other, life in lives.items() if other != name])
        for name in lives
    }


def judged(lives, families, every):
    return {
        name: pl.concat(
            errors(
                life,
                reference=reference,
                family=families if isinstance(families, str) else families[name],
                every=every,
                rng=np.random.default_rng(reference),
            )
            for reference in REFERENCES
        )
        for name, life in lives.items()
    }


@pytest.fixture(scope="module")
def windows(lives, families):
    return judged(lives, families, every=8)


def healthy(table):
    return summary(table.filter(pl.col("soh_frac") >= 0.7))


def test_down_to_seventy_percent_the_median_error_is_under_three_percent(windows):
    figures = [healthy(pl.concat(windows.values())), *(healthy(t) for t in windows.values())]
    assert [f["median"] for f in figures] == pytest.approx([0.02] * 3, abs=0.01)
    assert max(f["refused"] for f in figures) < 0.05


def test_nine_in_ten_intervals_hold_the_discharge_in_each_cell(windows):
    for table in windows.values():
        assert 0.85 <= healthy(table)["cover"] <= 0.96
    assert 0.85 <= healthy(pl.concat(windows.values()))["cover"] <= 0.95


@pytest.mark.parametrize(("low", "high"), [(0.9, 1.1), (0.8, 0.9), (0.7, 0.8)])
def test_each_band_of_health_is_held(windows, low, high):
    both = pl.concat(windows.values())
    band = summary(both.filter(pl.col("soh_frac").is_between(low, high)))
    assert band["median"] < 0.04
    assert band["cover"] >= 0.8


def test_below_seventy_percent_it_is_less_good_and_says_so(windows):
    both = pl.concat(windows.values()).filter(pl.col("soh_frac") < 0.7)
    figures = summary(both)
    assert figures["median"] < 0.08
    assert figures["cover"] >= 0.75
    assert figures["width"] > healthy(pl.concat(windows.values()))["width"]


def test_of_an_unknown_kind_of_cell_little_is_said_but_what_is_said_holds(lives):
    both = healthy(pl.concat(judged(lives, "none", every=40).values()))
    assert both["cover"] >= 0.85
    assert both["refused"] > 0.2


def test_the_family_that_ships_is_recognised_by_an_early_charge(lives):
    recognised = judged(lives, "recognised", every=40)
    for table in recognised.values():
        assert healthy(table)["median"] < 0.03
        assert healthy(table)["width"] < 0.2


def test_followed_over_its_life_a_battery_is_known_better_than_from_one_window(
    lives, families, windows
):
    tables = [
        followed_errors(
            life, reference=10, family=families[name], every=8, rng=np.random.default_rng(1)
        )
        for name, life in lives.items()
    ]
    joined, alone = healthy(pl.concat(tables)), healthy(pl.concat(windows.values()))
    assert joined["median"] < alone["median"]
    assert joined["p90"] < 0.6 * alone["p90"]
    assert 0.85 <= joined["cover"] <= 0.99
    worn = pl.concat(tables).filter(pl.col("soh_frac").is_between(0.5, 0.7))
    assert summary(worn)["median"] < 0.05
