"""The house keeps its own rules."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import draw_loop  # noqa: E402
import file_sizes  # noqa: E402
import unit_names  # noqa: E402

TRACKED_TEXT = [
    path
    for path in ROOT.rglob("*")
    if path.is_file()
    and not {".git", ".venv", "site", "data", ".hypothesis"} & set(path.relative_to(ROOT).parts)
    and not any(part.startswith(".") and part.endswith("_cache") for part in path.parts)
    and path.suffix in {".py", ".md", ".toml", ".txt", ".csv", ".yml", ".yaml", ".json", ".cff", ""}
]


def test_every_public_float_parameter_names_its_unit(capsys):
    assert unit_names.main() == 0, capsys.readouterr().out


def test_a_parameter_without_unit_is_found():
    tree = ast.parse("def f(voltage: float, *, capacity_ah: float | None, n_cells: float): ...")
    assert [name for _, _, name in unit_names.unnamed_units(tree)] == ["voltage"]


def test_no_module_is_too_long_to_read(capsys):
    assert file_sizes.main() == 0, capsys.readouterr().out


def test_a_module_that_is_too_long_is_found(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "long.py").write_text("x = 1\n" * 401)
    assert any("long.py: 401 lines" in line for line in file_sizes.too_long(tmp_path))


@pytest.mark.parametrize("forbidden", ["utils", "helpers", "common", "manager"])
def test_no_room_is_a_drawer_for_odds_and_ends(forbidden):
    names = {p.stem for p in (ROOT / "src").rglob("*")}
    assert forbidden not in names


def test_the_import_contracts_hold():
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_picture_of_the_loop_is_the_one_that_is_drawn():
    drawn = (ROOT / "docs" / "assets" / "loop.svg").read_text(encoding="utf-8")
    assert drawn == draw_loop.draw()


def test_no_registry_address_and_no_path_of_a_machine_is_in_any_file():
    pattern = re.compile(
        r"py[p]i\.org|pythonh[o]sted|registry\.npm[j]s|deb\.debi[a]n|(?<![\w.])/(?:work|farm|root)/"
    )
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in TRACKED_TEXT
        for match in [pattern.search(path.read_text(encoding="utf-8", errors="replace"))]
        if match
    ]
    assert found == []
