"""Triage and matching from the command line."""

import polars as pl
import pytest

from batteryloop.simulation.returns import simulated_facilities
from batteryloop.usecases.simulate_returns import simulate_returns
from batteryloop.wiring.chance import seeded


@pytest.fixture
def batch(tmp_path):
    made = simulate_returns(60, rng=seeded(3))
    made.returns.write_csv(tmp_path / "returns.csv")
    made.facilities.write_csv(tmp_path / "network.csv")
    return tmp_path


def test_triage_says_where_each_pack_goes_and_proves_it(batteryloop, batch):
    ended = batteryloop(
        "circular", "triage", batch / "returns.csv", "--facilities", batch / "network.csv",
        "--why", "SIM-R-00000", "--on", "2026-11-25", "--json",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    plan = ended.document
    assert len(plan["packs"]) == 60
    assert plan["value_eur"] <= plan["bound_eur"] + 1e-6
    assert plan["gap_frac"] < 0.02
    assert plan["value_low_eur"] <= plan["value_eur"] <= plan["value_high_eur"]
    assert sum(row["n_packs"] for row in plan["fates"]) == 60
    assert plan["why"][0]["sentence"].startswith("SIM-R-00000 goes to ")
    flows = plan["sankey"]["links"]
    names = {node["name"] for node in plan["sankey"]["nodes"]}
    assert {link["source"] for link in flows} | {link["target"] for link in flows} == names
    fates = {row["fate"] for row in plan["fates"]}
    assert sum(link["n_packs"] for link in flows if link["target"] in fates) == 60


def test_triage_of_simulated_packs_says_so(batteryloop):
    ended = batteryloop("circular", "triage", "--simulate", 40, "--no-tests")
    assert ended.code == 0, ended.err
    assert "SIMULATED: 40 packs" in ended.out
    assert "no plan is worth more than" in ended.out


def test_a_bad_row_is_refused_and_the_rest_is_triaged(batteryloop, batch):
    table = pl.read_csv(batch / "returns.csv").with_columns(
        soh_high_frac=pl.when(pl.col("battery_id") == "SIM-R-00001")
        .then(85.0)
        .otherwise("soh_high_frac")
    )
    table.write_csv(batch / "returns.csv")
    ended = batteryloop(
        "circular", "triage", batch / "returns.csv", "--facilities", batch / "network.csv",
        "--no-tests", "--json",
    )  # fmt: skip
    assert [refused["subject"] for refused in ended.document["refused"]] == ["SIM-R-00001"]
    assert len(ended.document["packs"]) == 59


def test_triage_without_a_network_says_what_it_wants(batteryloop):
    ended = batteryloop("circular", "triage")
    assert ended.code == 2
    assert "--facilities" in ended.err


def test_a_pack_that_is_not_there_cannot_be_explained(batteryloop):
    ended = batteryloop("circular", "triage", "--simulate", 5, "--no-tests", "--why", "SIM-R-9")
    assert ended.code == 2
    assert "SIM-R-00004" in ended.err


def test_matching_builds_packs_and_says_their_lineage(batteryloop, tmp_path):
    table = pl.DataFrame(
        {
            "module_id": [f"M{i}" for i in range(9)],
            "pack_id": [f"OLD-{i % 3}" for i in range(9)],
            "capacity_ah": [93.0, 92.5, 92.0, 91.8, 92.2, 93.4, 94.0, 91.9, 70.0],
        }
    )
    table.write_csv(tmp_path / "modules.csv")
    words = ("circular", "match", tmp_path / "modules.csv", "--pack", "2x2")
    found = batteryloop(*words, "--rated-capacity-ah", 200, "--json").document
    assert found["left_over"] == ["M8"]
    assert len(found["packs"]) == 2
    assert all(pack["is_remanufactured"] for pack in found["packs"])
    assert len(found["lineage"]) == 8
    assert "left over" in batteryloop(*words).out


def test_a_pack_that_is_no_design_is_said(batteryloop, tmp_path):
    pl.DataFrame({"module_id": ["a"], "capacity_ah": [1.0]}).write_csv(tmp_path / "m.csv")
    ended = batteryloop("circular", "match", tmp_path / "m.csv", "--pack", "eight")
    assert ended.code == 2
    assert "12x2" in ended.err


def test_the_simulated_network_offers_every_fate():
    offered = {fate for facility in simulated_facilities(1.0) for fate in facility.fates}
    assert offered == {
        "reuse", "repair", "remanufacture", "repurpose", "recycle", "test-first",
    }  # fmt: skip
