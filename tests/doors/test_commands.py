"""Every command works, is documented, and fails in one way."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from docs_tables import every_command

from batteryloop.cli.main import app

COMMANDS = every_command(app)
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(("words", "command"), COMMANDS, ids=[w for w, _ in COMMANDS])
def test_every_command_says_what_it_does_with_an_example(words, command):
    assert re.search(rf"Example: `{re.escape(words)}", command.help), command.help
    assert all(p.help for p in command.params if p.name != "help"), [
        p.name for p in command.params if not getattr(p, "help", None)
    ]


@pytest.mark.parametrize(("words", "command"), COMMANDS, ids=[w for w, _ in COMMANDS])
def test_every_command_can_speak_json(words, command):
    assert any("--json" in p.opts for p in command.params)


@pytest.mark.parametrize(("words", "command"), COMMANDS, ids=[w for w, _ in COMMANDS])
def test_every_command_is_in_the_guides(words, command):
    pages = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "docs").rglob("*.md"))
    assert words in pages


def test_the_version_is_printed(batteryloop):
    assert re.fullmatch(r"batteryloop \d+\.\d+\.\d+\n", batteryloop("--version").out)


def test_help_starts_without_loading_plots():
    code = "import batteryloop.cli.main, sys; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_missing_file_is_one_line_and_exit_2(batteryloop, tmp_path):
    ended = batteryloop("telemetry", "read", tmp_path / "absent.csv")
    assert ended.code == 2
    assert "absent.csv" in ended.err
    assert ended.err.count("\n") == 1
    assert "Traceback" not in ended.err


def test_an_empty_folder_is_said_to_hold_no_file(batteryloop, tmp_path):
    ended = batteryloop("health", "evaluate", tmp_path)
    assert ended.code == 2
    assert "holds no file" in ended.err


def test_a_wrong_chemistry_gets_the_nearest_names(batteryloop, discharge_csv):
    ended = batteryloop("health", "evaluate", discharge_csv, "--chemistry", "NMC662")
    assert ended.code == 2
    assert "NMC622" in ended.err


def test_a_confidence_that_cannot_be_is_refused(batteryloop, discharge_csv):
    ended = batteryloop("health", "evaluate", discharge_csv, "--confidence", "1.5")
    assert ended.code == 2
    assert "0.5 to 0.999" in ended.err


def test_reading_says_rows_and_span(batteryloop, discharge_csv):
    document = batteryloop("telemetry", "read", discharge_csv, "--json").document
    (recording,) = document["recordings"]
    assert recording["battery_id"] == "cell-7"
    assert recording["n_rows"] == 1083
    assert document["refused"] == []


def test_a_batch_goes_on_after_a_bad_file(batteryloop, discharge_csv):
    (discharge_csv.parent / "note.txt").write_text("called the customer, will ring back")
    document = batteryloop("telemetry", "read", discharge_csv.parent, "--json").document
    assert [r["battery_id"] for r in document["recordings"]] == ["cell-7"]
    assert [r["subject"] for r in document["refused"]] == ["note.txt"]


def test_health_of_a_cell_is_its_capacity_over_the_rated(batteryloop, discharge_csv):
    ended = batteryloop(
        "health", "evaluate", discharge_csv, "--rated-capacity-ah", "2.5", "--chemistry", "NMC622",
        "--json",
    )  # fmt: skip
    (entry,) = ended.document
    assert entry["capacity_ah"] == pytest.approx(2.0, rel=0.01)
    assert entry["soh_frac"] == pytest.approx(0.8, rel=0.01)
    assert entry["soh_low_frac"] < entry["soh_frac"] < entry["soh_high_frac"]


def test_health_on_the_screen_shows_the_interval(batteryloop, discharge_csv):
    ended = batteryloop("health", "evaluate", discharge_csv, "--rated-capacity-ah", "2.5")
    assert "90 % intervals" in ended.out
    assert re.search(r"8\d\.\d \(\d\d\.\d–\d\d\.\d\)", ended.out)


def test_cycles_are_written_where_they_are_wanted(batteryloop, discharge_csv, tmp_path):
    ended = batteryloop("telemetry", "cycles", discharge_csv, "--out", tmp_path / "cycles.csv")
    assert ended.code == 0
    assert "discharge_capacity_ah" in (tmp_path / "cycles.csv").read_text()


def test_plots_are_drawings_with_units(batteryloop, discharge_csv, tmp_path):
    batteryloop("health", "evaluate", discharge_csv, "--plots", tmp_path / "plots")
    drawings = {p.name: p.read_text() for p in (tmp_path / "plots").glob("*.svg")}
    assert "cell-7-capacity.svg" in drawings
    assert "capacity [Ah]" in drawings["cell-7-capacity.svg"]


def test_a_lake_gives_the_same_health_as_the_file(batteryloop, discharge_csv, tmp_path):
    lake = tmp_path / "lake"
    words = ("--rated-capacity-ah", "2.5", "--chemistry", "NMC622")
    assert batteryloop("telemetry", "import", discharge_csv, "--out", lake, *words).code == 0
    (from_lake,) = batteryloop("health", "evaluate", lake, "--json").document
    (from_file,) = batteryloop("health", "evaluate", discharge_csv, *words, "--json").document
    assert from_lake["capacity_ah"] == pytest.approx(from_file["capacity_ah"])
    assert from_lake["soh_frac"] == pytest.approx(from_file["soh_frac"])


def test_a_simulated_fleet_says_so_everywhere(batteryloop, tmp_path):
    lake = tmp_path / "lake"
    ended = batteryloop("simulate", "--packs", 2, "--days", 2, "--out", lake, "--json")
    assert ended.code == 0
    assert all(b["battery_id"].startswith("SIM-") for b in ended.document["batteries"])
    report = batteryloop("health", "evaluate", lake, "--json").document
    assert all(entry["is_simulated"] for entry in report)
    assert "SIMULATED" in batteryloop("health", "evaluate", lake).out
