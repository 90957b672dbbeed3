"""Responsibility handed over from the command line, and the whole way of an issued passport."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SIDES = {"maker": "https://maker.example.com", "fleet": "https://fleet.example.com"}


@pytest.fixture
def sides(batteryloop, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("BATTERYLOOP_KEYS", "BATTERYLOOP_KEY_PASSWORD", "BATTERYLOOP_KEY_PASSWORD_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name, issuer in SIDES.items():
        words = ("--issuer", issuer, "--folder", name)
        assert batteryloop("passport", "keys", "new", *words).code == 0
    return tmp_path


def test_a_transfer_holds_when_both_sides_have_signed(batteryloop, sides):
    words = ("--from", SIDES["maker"], "--to", SIDES["fleet"])
    assert batteryloop("passport", "transfer", "new", "pack-1", "pack-2", *words).code == 0
    check = ("passport", "transfer", "verify", "transfer.json")
    keys = ("--keys", "maker/keys.json", "--keys", "fleet/keys.json")
    signed = batteryloop("passport", "transfer", "sign", "transfer.json", "--folder", "maker")
    assert "1 of 2 signatures" in signed.out
    ended = batteryloop(*check, *keys, "--json")
    assert ended.code == 2
    assert "fleet.example.com (to) has not signed" in ended.document["reason"]
    batteryloop("passport", "transfer", "sign", "transfer.json", "--folder", "fleet")
    ended = batteryloop(*check, *keys)
    assert ended.code == 0
    assert "2 batteries" in ended.out
    file = json.loads((sides / "transfer.json").read_text())
    file["transfer"]["batteries"].append("pack-3")
    (sides / "transfer.json").write_text(json.dumps(file))
    assert batteryloop(*check, *keys, "--json").document["flaw"] == "passport-altered"
    (sides / "transfer.json").write_text("[]")
    assert batteryloop(*check, *keys, "--json").document["flaw"] == "malformed"


def test_an_issued_passport_is_signed_by_version_verified_and_labelled(batteryloop, sides):
    pack = ROOT / "examples" / "passports" / "ring_pack.toml"
    assert batteryloop("passport", "issue", pack, "--out", "p.json").code == 0
    signed = batteryloop("passport", "sign", "p.json", "--folder", "maker", "--json").document
    assert signed["passport_version"] == "1"
    assert signed["subject_id"].startswith("urn:uuid:")
    check = ("passport", "verify", "p.json", "--folder", "maker", "--json")
    assert batteryloop(*check).document["is_valid"]
    assert batteryloop("passport", "issue", pack, "--onto", "p.json", "--out", "p.json").code == 0
    later = batteryloop(*check).document
    assert later["is_valid"], later["reason"]
    assert "newer version" in " ".join(later["notes"])
    whole = json.loads((sides / "p.json").read_text())
    whole["versions"][0]["attributes"]["mass_kg"]["value"] = 311.0
    (sides / "p.json").write_text(json.dumps(whole))
    assert batteryloop(*check).document["flaw"] == "passport-altered"
    whole["versions"].pop(0)
    (sides / "q.json").write_text(json.dumps(whole))
    gone = ("passport", "verify", "q.json", "--credential", "p.vc.jwt", "--folder", "maker")
    assert "has no version 1" in batteryloop(*gone, "--json").document["reason"]
    label = batteryloop("passport", "label", "q.json", "--json").document["labels"][0]
    assert label["link"] == "https://id.ring.example/01/09520123456788/21/A1"
    assert label["missing"] == []
