"""`batteryloop health watch`, as a person or a script calls it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from batteryloop.cli.main import app
from batteryloop.simulation import Horizon, simulate_pack
from batteryloop.simulation.types import Fault, PackSpec, Sensing

START = datetime(2025, 3, 1, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def drifting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a pack of which one sensor drifts by 60 mV in a month from day 10 on."""
    fault = Fault("voltage-sensor-drift", 0.06, START + timedelta(days=10), 5)
    spec = PackSpec(
        "SIM-1", "NMC622", "city-car", "temperate", 24, 66.0, None, (fault,), Sensing(60.0)
    )
    rng = np.random.Generator(np.random.PCG64(1))
    pack = simulate_pack(spec, Horizon(START, 25), rng=rng)
    path = tmp_path_factory.mktemp("watch") / "pack.parquet"
    pack.recording.frame.write_parquet(path)
    return path


def call(path: Path, *options: str) -> tuple[int, str]:
    known = ("--chemistry", "NMC622", "--rated-capacity-ah", "66", "--cells-in-series", "24")
    result = CliRunner().invoke(app, ["health", "watch", str(path), *known, *options])
    return result.exit_code, result.stdout


def test_warning_is_printed_with_cell_and_next_step(drifting: Path) -> None:
    code, said = call(drifting)
    assert code == 0
    assert "voltage-sensor" in said
    assert "cell 6" in said
    assert "sense wire" in said


def test_json_is_one_document_with_the_evidence(drifting: Path) -> None:
    code, said = call(drifting, "--json")
    assert code == 0
    (entry,) = json.loads(said)
    warning = entry["warnings"][0]
    assert (warning["kind"], warning["cell"], warning["cell_label"]) == (
        "voltage-sensor",
        5,
        "cell 6",
    )
    series = warning["evidence"]
    assert len(series["time"]) == len(series["values"]) > 3


def test_severity_leaves_out_what_is_slighter(drifting: Path) -> None:
    _, said = call(drifting, "--json", "--severity", "4")
    assert json.loads(said)[0]["warnings"] == []


def test_a_budget_out_of_range_is_the_callers_fault(drifting: Path) -> None:
    code, _ = call(drifting, "--false-alarms-per-pack-year", "0")
    assert code == 2


def test_a_watch_goes_on_where_the_last_one_ended(drifting: Path, tmp_path: Path) -> None:
    begun = tmp_path / "begun.parquet"
    frame = pl.read_parquet(drifting)
    frame.filter(pl.col("time") < START + timedelta(days=15)).write_parquet(begun)
    whole = json.loads(call(drifting, "--json")[1])[0]
    parts = [
        json.loads(call(path, "--json", "--state", str(tmp_path / "seen"))[1])[0]
        for path in (begun, drifting, drifting)
    ]
    assert [part["n_rows"] for part in parts] == [
        parts[0]["n_rows"],
        whole["n_rows"] - parts[0]["n_rows"],
        0,
    ]
    assert parts[0]["warnings"] + parts[1]["warnings"] == whole["warnings"]
    assert parts[2]["warnings"] == []


def test_evidence_is_drawn_a_file_each_warning(drifting: Path, tmp_path: Path) -> None:
    said = json.loads(call(drifting, "--json", "--plots", str(tmp_path))[1])[0]
    drawn = list(tmp_path.glob("*.svg"))
    assert len(drawn) == len(said["warnings"]) > 0
    for path in drawn:
        assert "voltage offset [V]" in path.read_text("utf-8")
