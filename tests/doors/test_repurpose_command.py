"""The second-life command, as a person calls it, and on real prices and sun."""

import math

import pytest


@pytest.fixture
def modules_csv(tmp_path):
    path = tmp_path / "modules.csv"
    rows = [f"M{k:02d},LFP,2.0,0.8,0.77,0.83,60" for k in range(20)]
    path.write_text(
        "module_id,chemistry,energy_kwh,soh_frac,soh_low_frac,soh_high_frac,price_eur\n"
        + "\n".join([*rows, "M99,unobtainium,2,0.8,0.7,0.9,60"])
        + "\n"
    )
    return path


@pytest.fixture
def prices_csv(tmp_path):
    path = tmp_path / "prices.csv"
    values = (0.2 + 0.15 * math.sin(hour / 24 * 2 * math.pi) for hour in range(8760))
    path.write_text("hour,eur\n" + "\n".join(f"{h},{v:.4f}" for h, v in enumerate(values)) + "\n")
    return path


def test_a_storage_is_sized_and_the_sheet_written(batteryloop, modules_csv, prices_csv, tmp_path):
    ended = batteryloop(
        "circular", "repurpose", modules_csv, "--prices", prices_csv, "--load", "20",
        "--use", "grid-service", "--reserve", "0.02", "--sheet", tmp_path / "sheet.md",
    )  # fmt: skip
    assert ended.code == 0
    assert "Warranty" in ended.out
    assert "unobtainium" in ended.err
    assert "**Worth**" in (tmp_path / "sheet.md").read_text()


def test_json_has_designs_with_intervals(batteryloop, modules_csv, prices_csv):
    document = batteryloop(
        "circular", "repurpose", modules_csv, "--prices", f"{prices_csv}:eur", "--load", "20",
        "--use", "peak-shaving", "--peak", "12", "--json",
    ).document  # fmt: skip
    best = document["designs"][0]
    npv = best["worth"]["npv_eur"]
    assert npv["low"] < npv["value"] < npv["high"]
    assert 0 <= best["forecast"]["break_frac"] <= 1
    assert len(best["forecast"]["left"]) == 9


def test_a_use_without_its_need_is_one_line_and_exit_2(batteryloop, modules_csv, prices_csv):
    ended = batteryloop("circular", "repurpose", modules_csv, "--prices", prices_csv)
    assert ended.code == 2
    assert "no sun" in ended.err


@pytest.mark.shared_data
def test_real_prices_and_sun_give_a_storage_for_own_use(batteryloop, modules_csv, shared_data):
    energy = shared_data / "energy"
    document = batteryloop(
        "circular", "repurpose", modules_csv, "--use", "self-consumption", "--load", "15",
        "--prices", f"{energy}/prices/belgium_day_ahead_2022_2024.csv:DAM_price",
        "--pv", f"{energy}/pv/netherlands_2019_hourly.csv:electricity", "--kwp", "60",
        "--export", "0.3", "--json",
    ).document  # fmt: skip
    best = document["designs"][0]
    assert best["with_storage"]["cost_eur"] < best["without"]["cost_eur"]
    assert best["with_storage"]["self_consumed_frac"] > best["without"]["self_consumed_frac"]
