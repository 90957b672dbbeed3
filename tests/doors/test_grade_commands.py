"""The commands that learn health and grade cells, as a person calls them."""

import numpy as np
import polars as pl
import pytest

from batteryloop.health.learned.charge_features import CHARGE_FEATURES
from batteryloop.health.learned.pulse_response import PULSE_AMPLITUDES, PULSE_VOLTAGES
from batteryloop.storage.models import write_model
from batteryloop.usecases.train_health import train_health


def _pulses(soh, soc, rng):
    """A record whose resistance grows as health falls, a little noisy."""
    ohmic, polar = np.array([0.02 / soh**2, 0.01 / soh]) * (1.0 + 0.01 * rng.normal(size=2))
    rest = 3.4 + 0.5 * soc + 2e-3 * rng.normal()
    voltages = [rest]
    for amplitude in PULSE_AMPLITUDES:
        on = rest + amplitude * ohmic
        end = on + amplitude * polar
        voltages += [on, end, end - amplitude * ohmic, rest + 1e-4 * amplitude]
    return np.array(voltages)


def _pulse_table(first, n_cells, seed, low=0.55, high=0.95):
    rng, rows = np.random.default_rng(seed), []
    for number in range(first, first + n_cells):
        soh = low + (high - low) * (number - first) / (n_cells - 1)
        for soc in (0.1, 0.2, 0.3, 0.4):
            rows.append((f"c{number}", "x" if number % 2 else "y", soh, *_pulses(soh, soc, rng)))
    return pl.DataFrame(rows, schema=["cell", "group", "SOH", *PULSE_VOLTAGES], orient="row")


@pytest.fixture(scope="module")
def pulses(tmp_path_factory):
    """Sixteen cells from 55 to 95 % health, four records each."""
    path = tmp_path_factory.mktemp("pulses") / "pulses.parquet"
    _pulse_table(0, 16, 1).write_parquet(path)
    return path


@pytest.fixture(scope="module")
def model(pulses):
    """A model of these cells."""
    table, rng = pl.read_parquet(pulses), np.random.default_rng(0)
    trained, card = train_health(table, "pulses", rng, data="pulses.parquet")
    arrays, parts = trained.as_arrays()
    return write_model(pulses.parent, "made-up", arrays, {**card, "parts": parts})[0]


def test_training_writes_a_model_and_a_card_that_says_how_good_it_is(batteryloop, pulses, tmp_path):
    table = tmp_path / "with-a-gap.parquet"
    broken = _pulse_table(50, 2, 7).with_columns(U3=pl.lit(None, pl.Float64))
    pl.concat([pl.read_parquet(pulses), broken]).write_parquet(table)
    words = ("health", "train", table, "--kind", "pulses", "--out", tmp_path / "m.npz")
    card = batteryloop(*words, "--json").document["card"]
    assert card["cells_left_out"] == ["c50", "c51"]
    assert (card["n_cells"], card["n_records"]) == (16, 64)
    assert card["error_mean_frac"] < 0.06
    assert {name: g["n_cells"] for name, g in card["error_by_group"].items()} == {"x": 8, "y": 8}
    assert card["range"]["U1"][0] == pytest.approx(3.45, abs=0.02)
    assert (tmp_path / "m.json").is_file()
    with np.load(tmp_path / "m.npz", allow_pickle=False) as arrays:
        assert "scores" in arrays.files


def test_cells_get_grades_by_the_thresholds_given(batteryloop, model, tmp_path):
    table = tmp_path / "returns.csv"
    _pulse_table(100, 8, 2, 0.6, 0.9).drop("SOH").write_csv(table)
    words = ("health", "grade", table, "--model", model, "--abstain-above", "0.5")
    cells = batteryloop(*words, "--thresholds", "good=0.85,fair=0.65", "--json").document["cells"]
    assert [cells[0]["grade"], cells[-1]["grade"]] == ["reject", "good"]
    known = [cell for cell in cells if cell["soh_frac"]]
    assert len(known) >= 7
    for cell in known:
        assert cell["soh_low_frac"] < cell["soh_frac"] < cell["soh_high_frac"]
        true = 0.6 + 0.3 * (int(cell["battery_id"][1:]) - 100) / 7
        assert cell["soh_frac"] == pytest.approx(true, rel=0.08)
    screen = batteryloop(*words).out
    assert "90 % intervals" in screen
    assert "8 cells: A" in screen


def test_a_strict_grader_abstains_and_says_why(batteryloop, model, pulses):
    words = ("health", "grade", pulses, "--model", model, "--abstain-above", "0.0001", "--json")
    cells = batteryloop(*words).document["cells"]
    assert {cell["grade"] for cell in cells} == {"abstain"}
    assert "at most ±0.0% is allowed" in cells[0]["reason"]


def test_a_cell_of_another_kind_is_refused_with_the_range(batteryloop, model, tmp_path):
    table = tmp_path / "lfp.parquet"
    other = _pulse_table(0, 4, 3).with_columns(pl.col(PULSE_VOLTAGES) - 1.0)
    other.write_parquet(table)
    cells = batteryloop("health", "grade", table, "--model", model, "--json").document["cells"]
    assert all(cell["grade"] == "abstain" and cell["soh_frac"] is None for cell in cells)
    assert cells[0]["reason"].startswith("U1 2.")
    assert "outside the trained range" in cells[0]["reason"]


def test_a_record_with_a_gap_leaves_the_other_cells_their_grades(batteryloop, model, tmp_path):
    table = tmp_path / "gap.parquet"
    rows = _pulse_table(0, 4, 4).with_columns(
        U7=pl.when(pl.col("cell") == "c2").then(None).otherwise(pl.col("U7"))
    )
    rows.write_parquet(table)
    document = batteryloop("health", "grade", table, "--model", model, "--json").document
    assert [cell["battery_id"] for cell in document["cells"]] == ["c0", "c1", "c3"]
    assert [refusal["subject"] for refusal in document["refused"]] == ["c2"]
    assert "4 with a voltage missing" in document["refused"][0]["found"]


def _charges():
    """Ten cells whose features follow the capacity, sixty charges each; one is infinite."""
    rng, direction = np.random.default_rng(5), np.linspace(1.0, 2.0, 16)
    tables = []
    for number in range(10):
        capacity = np.linspace(2.0, rng.uniform(1.2, 1.4), 60)
        rows = capacity[:, None] * direction + 0.005 * rng.normal(size=(60, 16))
        rows[7, 3] = np.inf
        made = pl.DataFrame(rows, schema=list(CHARGE_FEATURES), orient="row")
        tables.append(made.with_columns(cell=pl.lit(f"c{number}"), capacity=capacity))
    return pl.concat(tables)


def test_charges_are_learnt_from_capacity_and_the_rated_one(batteryloop, tmp_path):
    table, out = tmp_path / "charges.parquet", tmp_path / "deep" / "charges"
    _charges().write_parquet(table)
    words = ("health", "train", table, "--kind", "charge-features", "--out", out)
    refused = batteryloop(*words)
    assert refused.code == 2
    assert "--rated-capacity-ah" in refused.err
    card = batteryloop(*words, "--rated-capacity-ah", "2.0", "--json").document["card"]
    assert card["soh_high_frac"] == pytest.approx(1.0)
    assert card["error_mean_frac"] < 0.01
    cells = batteryloop("health", "grade", table, "--model", out, "--json").document["cells"]
    last = _charges().group_by("cell", maintain_order=True).agg(pl.col("capacity").last())
    told = {cell["battery_id"]: cell["soh_frac"] for cell in cells if cell["soh_frac"]}
    assert len(told) >= 8
    for name, capacity in last.iter_rows():
        assert told.get(name, capacity / 2) == pytest.approx(capacity / 2, rel=0.03)


@pytest.mark.parametrize("wrong", ["A", "A=much", "A=80", ""])
def test_thresholds_that_cannot_be_are_refused(batteryloop, model, pulses, wrong):
    ended = batteryloop("health", "grade", pulses, "--model", model, "--thresholds", wrong)
    assert ended.code == 2
    assert "thresholds" in ended.err


def test_a_table_of_something_else_is_refused(batteryloop, model, discharge_csv):
    ended = batteryloop("health", "grade", discharge_csv, "--model", model)
    assert ended.code == 2
    assert "U1" in ended.err


def test_a_model_that_is_not_there_or_of_another_command_is_refused(batteryloop, pulses, tmp_path):
    ended = batteryloop("health", "grade", pulses, "--model", tmp_path / "none.npz")
    assert ended.code == 2
    assert "is not there" in ended.err
    np.savez(tmp_path / "other.npz", a=np.ones(1))
    (tmp_path / "other.json").write_text("{}")
    ended = batteryloop("health", "grade", pulses, "--model", tmp_path / "other.npz")
    assert ended.code == 2
    assert "train it anew" in ended.err


def test_grades_and_errors_of_training_are_drawn(batteryloop, model, pulses, tmp_path):
    plots = tmp_path / "plots"
    batteryloop("health", "grade", pulses, "--model", model, "--plots", plots, "--json")
    words = ("health", "train", pulses, "--kind", "pulses", "--out", tmp_path / "m.npz")
    card = batteryloop(*words, "--plots", plots, "--json").document["card"]
    assert {path.name for path in plots.iterdir()} == {"pulses-grades.svg", "pulses-errors.svg"}
    assert "A from here" in (plots / "pulses-grades.svg").read_text("utf-8")
    errors = [abs(cell["error_frac"]) for cell in card["cells"].values()]
    assert len(errors) == 16
    assert np.mean(errors) <= card["error_mean_frac"] + 1e-9
