"""The forecast of returns, as a person calls it."""

import pytest


@pytest.fixture
def tables(tmp_path):
    sales, lives = tmp_path / "sales.csv", tmp_path / "lives.csv"
    rows = [f"EU,car,LFP,{year},{100 * (year - 2009)}" for year in range(2010, 2027)]
    sales.write_text("region,application,chemistry,year,mass_t\n" + "\n".join(rows) + "\n")
    ages = [f"car,LFP,{4 + i / 5},{'true' if i % 3 else 'false'}" for i in range(40)]
    lives.write_text("application,chemistry,age_years,is_ended\n" + "\n".join(ages) + "\n")
    return sales, lives


def test_returns_have_bands_and_curves(batteryloop, tables):
    sales, lives = tables
    document = batteryloop(
        "circular", "returns", sales, "--lives", lives, "--from", 2026, "--until", 2030,
        "--draws", 50, "--json",
    ).document  # fmt: skip
    total = document["forecast"]["total"]
    assert [year["year"] for year in total] == [2026, 2027, 2028, 2029, 2030]
    assert all(year["low"] < year["value"] < year["high"] for year in total)
    assert document["plan"] is None
    assert document["is_simulated"] is False


def test_a_bad_row_is_refused_and_the_rest_goes_on(batteryloop, tables):
    sales, lives = tables
    with sales.open("a") as table:
        table.write("EU,car,LFP,2020,-5\n")
    with lives.open("a") as table:
        table.write("car,LFP,3,perhaps\n")
    ended = batteryloop("circular", "returns", sales, "--lives", lives, "--draws", 20)
    assert ended.code == 0
    assert "sales, row 19" in ended.err
    assert "true or false" in ended.err


def test_the_simulated_market_says_so_and_plans_plants(batteryloop):
    ended = batteryloop(
        "circular", "returns", "--simulated", "--from", 2027, "--until", 2032, "--draws", 40
    )
    assert ended.code == 0
    assert "SIMULATED" in ended.out
    assert "Northern China: open in" in ended.out


def test_without_tables_the_next_step_is_said(batteryloop):
    ended = batteryloop("circular", "returns")
    assert ended.code == 2
    assert "--simulated" in ended.err
