"""`batteryloop passport`: issue, show, validate, export, import, uploads."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FULL = ROOT / "examples" / "passports" / "ring_pack.toml"
LEAF = ROOT / "src" / "batteryloop" / "samples" / "leaf_cell_2013_passport.toml"


@pytest.fixture
def passport(batteryloop, tmp_path):
    path = tmp_path / "passport.json"
    assert batteryloop("passport", "issue", FULL, "--out", path).code == 0
    return path


def test_a_passport_is_issued_with_a_new_name_each_time(batteryloop):
    one, other = (batteryloop("passport", "issue", LEAF, "--json").document for _ in range(2))
    names = [d["versions"][0]["attributes"]["passport_id"]["value"] for d in (one, other)]
    assert names[0].startswith("urn:uuid:")
    assert names[0] != names[1]


def test_the_leaf_cells_passport_says_what_nobody_published(batteryloop):
    document = batteryloop("passport", "issue", LEAF, "--json").document
    attributes = document["versions"][0]["attributes"]
    assert attributes["rated_capacity_ah"]["value"] == 33.1
    assert attributes["manufactured_on"]["reason"].startswith("only the vehicle's year")
    assert not document["versions"][0]["is_simulated"]


def test_an_evaluation_makes_the_next_version(batteryloop, passport, tmp_path):
    values = {"soc_frac": {"value": 0.4, "determined_at": "2026-11-21T00:00:00Z"}}
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"passport_values": values}))
    empty = tmp_path / "nothing.json"
    empty.write_text("{}")
    words = ("--onto", passport, "--evaluation", report, "--out", passport)
    assert batteryloop("passport", "issue", empty, *words).code == 0
    shown = batteryloop("passport", "show", passport, "--as", "holder", "--json").document
    assert shown["version"] == 2
    assert shown["attributes"]["soc_frac"]["value"] == 0.4


def test_who_looks_decides_what_is_shown(batteryloop, passport):
    seen = {
        viewer: batteryloop("passport", "show", passport, "--as", viewer, "--json").document[
            "attributes"
        ]
        for viewer in ("public", "legitimate-interest", "authority", "holder", "issuer")
    }
    assert "soce_frac" not in seen["public"]
    assert "test_reports" in seen["authority"]
    assert "soce_frac" not in seen["authority"]
    assert "soce_frac" in seen["legitimate-interest"]
    assert "test_reports" not in seen["legitimate-interest"]
    both = batteryloop(
        "passport", "show", passport, "--as", "authority", "--as", "holder", "--json"
    ).document["attributes"]
    assert set(both) == set(seen["authority"]) | set(seen["holder"])


def test_a_simulated_passport_says_so_on_the_screen(batteryloop, passport):
    assert "SIMULATED" in batteryloop("passport", "show", passport).out


def test_a_version_before_the_first_is_refused(batteryloop, passport):
    ended = batteryloop("passport", "show", passport, "--at", "2001-01-01")
    assert "not yet issued" in ended.err


def test_a_wrong_viewer_gets_the_nearest(batteryloop, passport):
    ended = batteryloop("passport", "show", passport, "--as", "authorities")
    assert ended.code == 2
    assert "authority" in ended.err


def test_what_is_lacking_is_said_with_exit_2(batteryloop, passport, tmp_path):
    assert batteryloop("passport", "validate", passport, "--profile", "ec-guidance-1.0").code == 0
    leaf = tmp_path / "leaf.json"
    batteryloop("passport", "issue", LEAF, "--out", leaf)
    ended = batteryloop("passport", "validate", leaf, "--profile", "din-dke-spec-99100")
    assert ended.code == 2
    assert "mass_kg" in ended.out
    assert "second-hand" in ended.out


def test_a_profile_of_ones_own_is_a_csv(batteryloop, passport, tmp_path):
    mine = tmp_path / "mine.csv"
    mine.write_text(
        "attribute,electric-vehicle,light-transport,industrial,stationary-storage\n"
        "gbt_34014_code,mandatory,mandatory,mandatory,mandatory\n"
    )
    document = batteryloop("passport", "validate", passport, "--profile", mine, "--json").document
    assert document["is_complete"]
    assert document["profile"] == "mine"


@pytest.mark.parametrize("words", [(), ("--profile", "ec-guidance-1.0", "--model", "untp")])
def test_validate_wants_one_of_profile_and_model(batteryloop, passport, words):
    ended = batteryloop("passport", "validate", passport, *words)
    assert ended.code == 2
    assert "one of them" in ended.err


def test_a_loss_report_names_each_field(batteryloop, passport):
    ended = batteryloop("passport", "export", passport, "--model", "catenax", "--loss")
    assert ended.code == 0
    assert "n_deep_discharges" in ended.out
    assert "left-out" in ended.out
    assert "not checked" in ended.out


def test_an_export_for_the_public_holds_nothing_else(batteryloop, passport):
    document = batteryloop(
        "passport", "export", passport, "--model", "batterypass", "--as", "public", "--json"
    ).document
    assert "stateOfCertifiedEnergy" not in json.dumps(document["document"])
    assert document["problems"] is None


def test_what_was_exported_can_be_imported_and_issued_again(batteryloop, passport, tmp_path):
    theirs, ours = tmp_path / "untp.json", tmp_path / "battery.json"
    words = ("--model", "untp", "--fill", "--out", theirs)
    assert batteryloop("passport", "export", passport, *words).code == 0
    ended = batteryloop("passport", "import", theirs, "--model", "untp", "--out", ours, "--loss")
    assert ended.code == 0
    assert "placeholder" in ended.out
    issued = batteryloop("passport", "issue", ours, "--json").document
    attributes = issued["versions"][0]["attributes"]
    assert attributes["soce_frac"]["low"] == 0.92


def test_the_shell_wants_its_templates(batteryloop, passport):
    ended = batteryloop("passport", "export", passport, "--model", "idta")
    assert ended.code == 2
    assert "--schemas" in ended.err


def test_a_folder_without_schemas_is_refused(batteryloop, passport, tmp_path):
    words = ("--model", "catenax", "--schemas", tmp_path)
    ended = batteryloop("passport", "validate", passport, *words)
    assert ended.code == 2
    assert "no schema" in ended.err


def test_uploads_are_listed_and_written(batteryloop, tmp_path):
    events = tmp_path / "events.json"
    events.write_text(json.dumps([
        {"event_id": "e1", "battery_id": "b1", "kind": "recycled",
         "happened_at": "2025-03-03T04:00:00Z", "gbt_34014_code": "04QPB76836300JBC40000903"},
        {"event_id": "e2", "battery_id": "b1", "kind": "exploded", "happened_at": "2025-03-03"},
        {"event_id": "e3", "battery_id": "b1", "kind": "repaired",
         "happened_at": "2025-03-03T04:00:00Z", "is_told": True},
    ]))  # fmt: skip
    out = tmp_path / "due.csv"
    document = batteryloop("passport", "uploads", events, "--out", out, "--json").document
    (due,) = document["due"]
    assert due["deadline_on"] == "2025-04-14"
    assert due["is_late"]
    assert [r["subject"] for r in document["refused"]] == ["event 2"]
    assert out.read_text().splitlines()[1].startswith("e1,b1,04QPB76836300JBC40000903,recycled")
    assert "late" in batteryloop("passport", "uploads", events).out


STORE = """
status = "{status}"
[attributes]
battery_id = "urn:store:1"
category = "stationary-storage"
operator = {{ name = "Second Store", country = "DE" }}
[[originals]]
passport = "one.json"
serials = ["A-M1", "A-M2"]
[[originals]]
passport = "two.json"
serials = ["B-M1"]
"""


def _originals(batteryloop, folder):
    for name in ("one", "two"):
        batteryloop("passport", "issue", FULL, "--out", folder / f"{name}.json")


def test_a_second_life_has_a_new_passport_and_its_originals_know(batteryloop, tmp_path):
    _originals(batteryloop, tmp_path)
    (tmp_path / "store.toml").write_text(STORE.format(status="repurposed"))
    out = tmp_path / "out"
    out.mkdir()
    words = ("passport", "second-life", tmp_path / "store.toml", "--out", out, "--json")
    document = batteryloop(*words).document
    (version,) = document["passport"]["versions"]
    assert [link["serials"] for link in version["originals"]] == [["A-M1", "A-M2"], ["B-M1"]]
    assert version["is_simulated"]
    assert [move["to_operator"]["name"] for move in document["responsibility"]] == [
        "Second Store", "Second Store",
    ]  # fmt: skip
    one = json.loads((out / "one.json").read_text())["versions"][-1]
    assert one["version"] == 2
    name = version["attributes"]["passport_id"]["value"]
    assert [link["passport_id"] for link in one["successors"]] == [name]
    assert json.loads((tmp_path / "one.json").read_text())["versions"][-1]["version"] == 1


def test_remanufactured_is_refused_without_its_test(batteryloop, tmp_path):
    _originals(batteryloop, tmp_path)
    (tmp_path / "store.toml").write_text(STORE.format(status="remanufactured"))
    ended = batteryloop("passport", "second-life", tmp_path / "store.toml", "--out", tmp_path)
    assert ended.code == 1
    assert "was not tested" in ended.err
    assert json.loads((tmp_path / "one.json").read_text())["versions"][-1]["version"] == 1


def test_remanufacturing_is_judged_criterion_by_criterion(batteryloop, tmp_path):
    facts = {
        "original_rated_capacity_ah": 100.0,
        "capacity_ah": {"value": 90.0, "low": 89.0, "high": 91.0},
        "cells_soh_frac": [{"value": 0.9, "low": 0.89, "high": 0.91}],
        "n_cells": 1, "n_cells_evaluated": 1, "n_modules": 1, "n_modules_evaluated": 1,
        "is_same_purpose": True,
    }  # fmt: skip
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(facts))
    ended = batteryloop("passport", "remanufacture", path)
    assert ended.code == 2
    assert "▲ capacity" in ended.out
    path.write_text(json.dumps(facts | {"capacity_ah": {"value": 95.0, "low": 94.0, "high": 96.0}}))
    assert batteryloop("passport", "remanufacture", path, "--json").document["verdict"] == "met"
    path.write_text(json.dumps(facts | {"capacity_ah": 95.0}))
    assert "no interval" in batteryloop("passport", "remanufacture", path).err


def test_waste_is_answered_for_and_recycling_ends_the_passport(batteryloop, passport, tmp_path):
    ended = batteryloop("passport", "retire", passport, "--to", "recycled")
    assert ended.code == 1
    assert "cannot become recycled" in ended.err
    assert "who answers" in batteryloop("passport", "retire", passport, "--to", "waste").err
    operator = tmp_path / "recycler.json"
    operator.write_text(json.dumps({"name": "Ring Recycling", "country": "DE"}))
    words = ("--to", "waste", "--operator", operator)
    assert batteryloop("passport", "retire", passport, *words).code == 0
    assert "ceased" in batteryloop("passport", "retire", passport, "--to", "recycled").out
    again = batteryloop("passport", "issue", FULL, "--onto", passport)
    assert again.code == 1
    assert "ceased" in again.err


def test_an_issued_passport_is_signed_and_verified_as_it_is(
    batteryloop, passport, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    made = batteryloop("passport", "keys", "new", "--issuer", "https://maker.example.com")
    assert made.code == 0, made.err
    signed = batteryloop("passport", "sign", "passport.json", "--json")
    assert signed.code == 0, signed.err
    verdict = batteryloop("passport", "verify", "passport.json", "--json").document
    assert verdict["is_valid"]
    name = json.loads(passport.read_text())["versions"][-1]["attributes"]["passport_id"]["value"]
    assert name in json.dumps(signed.document)


def test_a_name_in_colons_is_no_emoji(batteryloop, tmp_path):
    bare = tmp_path / "bare.toml"
    bare.write_text('[attributes]\nbattery_id = "urn:ring:b2"\ncategory = "industrial"\n')
    assert "urn:ring:b2" in batteryloop("passport", "issue", bare).out
    passport = tmp_path / "bare.json"
    batteryloop("passport", "issue", bare, "--out", passport)
    assert "urn:ring:b2" in batteryloop("passport", "show", passport).out
