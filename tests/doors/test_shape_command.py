"""`batteryloop health shape`: on the screen, as JSON, as plots."""

import pytest

from batteryloop.samples import sample


@pytest.fixture
def pulses(tmp_path):
    path = tmp_path / "cell.parquet"
    sample("leaf_cell_2013_discharge_1c").write_parquet(path)
    return path


def test_figures_or_reasons_are_on_the_screen(batteryloop, pulses):
    ended = batteryloop("health", "shape", pulses, "--chemistry", "LMO-NCA")
    assert ended.code == 0
    assert "lithium lost [%]" in ended.out
    assert "R after 10 s, 25 °C [mΩ]" in ended.out
    assert "no half cells of LMO-NCA" in " ".join(ended.out.split())


def test_json_is_one_document_with_every_estimate(batteryloop, pulses):
    ended = batteryloop("health", "shape", pulses, "--chemistry", "LMO-NCA", "--json")
    (entry,) = ended.document
    assert set(entry["estimates"]) >= {"lithium_loss_frac", "resistance_10s_ohm", "soc_slope_frac"}
    for estimate in entry["estimates"].values():
        assert (estimate["value"] is None) == bool(estimate["reason"])


def test_plots_are_written_for_what_is_known(batteryloop, pulses, tmp_path):
    batteryloop("health", "shape", pulses, "--chemistry", "LMO-NCA", "--plots", tmp_path / "plots")
    names = sorted(path.name for path in (tmp_path / "plots").glob("*.svg"))
    assert any(name.endswith("-incremental-capacity.svg") for name in names)
    assert not any("degradation-modes" in name for name in names)


def test_a_missing_file_is_the_callers_fault(batteryloop, tmp_path):
    assert batteryloop("health", "shape", tmp_path / "absent.csv").code == 2
