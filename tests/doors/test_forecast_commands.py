"""The commands that look ahead, as a person calls them."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from batteryloop.health.lifetime.early_life import CHARGE_FEATURES


@pytest.fixture(scope="module")
def ageing_csv(tmp_path_factory):
    """Thirty full cycles of a 2 Ah cell that loses 0.4 % in each, three hours a cycle."""
    begin, rows = datetime(2026, 1, 1, tzinfo=UTC), []
    for cycle in range(30):
        capacity = 2.0 * (1.0 - 0.004 * cycle)
        for half, sign in enumerate((1.0, -1.0)):
            for k in range(31):
                share = k / 30 if sign > 0 else 1.0 - k / 30
                at = begin + timedelta(seconds=10_800 * cycle + 5400 * half + 118.0 * k)
                current = sign * capacity * 3600 / (118.0 * 30) if k else 0.0
                rows.append((at.isoformat(), current, 2.5 + 1.7 * share))
    path = tmp_path_factory.mktemp("ageing") / "cell-9.csv"
    pl.DataFrame(rows, schema=["time", "current_a", "voltage_v"], orient="row").write_csv(path)
    return path


@pytest.fixture(scope="module")
def charges(tmp_path_factory):
    """Forty cells whose mean charge voltage rises the faster the shorter they live."""
    rng, tables = np.random.default_rng(1), []
    for number in range(40):
        life = int(np.exp(rng.uniform(np.log(200.0), np.log(900.0))))
        cycle = np.arange(life + 40)
        made = {name: np.full(cycle.size, 0.1 * k) for k, name in enumerate(CHARGE_FEATURES)}
        made["voltage_mean"] = 3.4 + 0.3 * cycle / life
        capacity = 1.1 - 0.22 * (cycle / life) ** 6
        tables.append(pl.DataFrame({"cell": f"c{number}", "capacity": capacity, **made}))
    path = tmp_path_factory.mktemp("charges") / "charges.parquet"
    pl.concat(tables).write_parquet(path)
    return path


def test_a_forecast_has_bounds_and_a_path_that_falls(batteryloop, ageing_csv):
    ended = batteryloop("health", "forecast", ageing_csv, "--threshold", "0.8", "--json")
    (entry,) = ended.document
    life = entry["estimates"]["remaining_efc"]
    assert life["low"] < life["value"] < life["high"]
    health = [point["soh_frac"] for point in entry["path"]]
    assert health == sorted(health, reverse=True)
    assert entry["remaining_days"] == pytest.approx(life["value"] / entry["efc_per_day"])


def test_a_forecast_on_the_screen_says_on_what_it_rests(batteryloop, ageing_csv):
    out = batteryloop("health", "forecast", ageing_csv).out
    assert "Forecast to 80% state of health, 90 % intervals" in out
    assert "cells of other laboratories" in out


def test_the_same_seed_gives_the_same_forecast(batteryloop, ageing_csv):
    words = ("health", "forecast", ageing_csv, "--json", "--seed", "4")
    assert batteryloop(*words).out == batteryloop(*words).out


def test_a_hot_future_of_few_cycles_takes_more_in_each(batteryloop, ageing_csv):
    words = ("health", "forecast", ageing_csv, "--chemistry", "NMC111", "--json")
    (same,) = batteryloop(*words).document
    (hot,) = batteryloop(*words, "--duty", "temperature_degc=45,efc_per_day=1").document
    assert hot["remaining_efc"] < same["remaining_efc"]
    assert hot["duty_ratio_frac"] > 1.2
    assert any("past temperature_degc is not recorded" in note for note in hot["notes"])


def test_a_duty_without_a_chemistry_is_refused(batteryloop, ageing_csv):
    ended = batteryloop("health", "forecast", ageing_csv, "--duty", "temperature_degc=45")
    assert ended.code == 2
    assert "--chemistry" in ended.err


@pytest.mark.parametrize("threshold", ["0", "1", "80"])
def test_a_threshold_that_cannot_be_is_refused(batteryloop, ageing_csv, threshold):
    ended = batteryloop("health", "forecast", ageing_csv, "--threshold", threshold)
    assert ended.code == 2
    assert "--threshold" in ended.err


def test_one_cycle_gets_a_reason_instead_of_a_forecast(batteryloop, discharge_csv):
    (entry,) = batteryloop("health", "forecast", discharge_csv, "--json").document
    assert entry["end_of_life_efc"] is None
    assert "a forecast needs 8 or more" in entry["reason"]


def test_a_forecast_is_drawn_dashed_beyond_now(batteryloop, ageing_csv, tmp_path):
    batteryloop("health", "forecast", ageing_csv, "--plots", tmp_path)
    drawing = (tmp_path / "cell-9-forecast.svg").read_text()
    assert "stroke-dasharray" in drawing
    assert "state of health [%]" in drawing
    assert ">now<" in drawing


def test_siblings_are_named_in_what_it_rests_on(batteryloop, ageing_csv):
    ended = batteryloop("health", "forecast", ageing_csv, "--siblings", ageing_csv, "--json")
    assert ended.document[0]["population"].startswith("1 sibling and ")


def test_life_is_told_from_the_first_charges_after_training(batteryloop, charges, tmp_path):
    ended = batteryloop(
        "health", "train-early", charges, "--threshold-ah", "0.9", "--out", tmp_path, "--json"
    )
    card = ended.document["card"]
    assert card["n_cells"] == 40
    assert card["error_mean_frac"] < 0.1
    assert sum(group["n_cells"] for group in card["error_by_life"].values()) >= 40
    told = batteryloop("health", "forecast-early", charges, "--model", tmp_path, "--json").document
    lives = [c["end_of_life_efc"] for c in told["cells"]]
    assert len(lives) == 40
    assert min(lives) < 300 < 600 < max(lives)
    assert "Life to 0.9 Ah" in batteryloop("health", "forecast-early", charges, "--model",
                                           tmp_path).out  # fmt: skip


def test_a_model_that_is_not_there_is_refused(batteryloop, charges, tmp_path):
    ended = batteryloop("health", "forecast-early", charges, "--model", tmp_path / "none")
    assert ended.code == 2
    assert "is not there" in ended.err


def test_a_damaged_model_is_refused(batteryloop, charges, tmp_path):
    (tmp_path / "early-life.npz").write_bytes(b"PK\x03\x04 broken")
    (tmp_path / "early-life.json").write_text("{}")
    ended = batteryloop("health", "forecast-early", charges, "--model", tmp_path)
    assert ended.code == 2
    assert "train it anew" in ended.err


def test_a_table_without_the_features_is_refused(batteryloop, discharge_csv, tmp_path):
    ended = batteryloop("health", "train-early", discharge_csv, "--threshold-ah", "1")
    assert ended.code == 2
    assert "voltage_kurtosis" in ended.err


def test_a_threshold_that_no_cell_reaches_is_refused(batteryloop, charges, tmp_path):
    ended = batteryloop(
        "health", "train-early", charges, "--threshold-ah", "0.1", "--out", tmp_path
    )
    assert ended.code == 2
    assert "no cell lastingly reaches 0.1 Ah" in ended.err
