"""Keys, signing, revoking and verifying from the command line, from files alone."""

import json
import os
import stat

import pytest
from joserfc.jwk import OKPKey

PASSPORT = {
    "passport_id": "https://id.example.com/01/09521234543213/21/42",
    "version": 3,
    "soh_frac": 0.93,
}


@pytest.fixture
def desk(batteryloop, tmp_path, monkeypatch):
    """An issuer's folder, a passport, and it signed; the working folder is theirs."""
    monkeypatch.chdir(tmp_path)
    for name in ("BATTERYLOOP_KEYS", "BATTERYLOOP_KEY_PASSWORD", "BATTERYLOOP_KEY_PASSWORD_FILE"):
        monkeypatch.delenv(name, raising=False)
    made = batteryloop("passport", "keys", "new", "--issuer", "https://maker.example.com", "--json")
    assert made.code == 0, made.err
    (tmp_path / "p.json").write_text(json.dumps(PASSPORT))
    assert batteryloop("passport", "sign", "p.json", "--json").code == 0
    return tmp_path


def verify(batteryloop, *words):
    ended = batteryloop("passport", "verify", "p.json", *words, "--json")
    assert ended.document["is_valid"] == (ended.code == 0)
    assert ended.code in {0, 2}
    return ended.document


def test_a_passport_is_signed_and_verified_elsewhere_from_four_files(batteryloop, desk):
    elsewhere = desk / "elsewhere"
    elsewhere.mkdir()
    for name in ("p.json", "p.vc.jwt"):
        (desk / name).rename(elsewhere / name)
    for name in ("keys.json", "status-list.vc.jwt"):
        (desk / "batteryloop-keys" / name).rename(elsewhere / name)
    os.chdir(elsewhere)
    found = verify(batteryloop, "--keys", "keys.json", "--status-list", "status-list.vc.jwt")
    assert found["issuer"] == "https://maker.example.com"
    assert found["passport_version"] == "3"
    assert 0 <= found["status_list_age_days"] < 1


def test_a_changed_passport_ends_with_2_and_the_reason(batteryloop, desk):
    (desk / "p.json").write_text(json.dumps({**PASSPORT, "soh_frac": 0.94}))
    ended = batteryloop("passport", "verify", "p.json")
    assert ended.code == 2
    assert "not valid (passport-altered)" in ended.out
    (desk / "p.json").write_text("{")
    assert verify(batteryloop)["flaw"] == "passport-altered"
    (desk / "p.json").write_text('{"soh_frac": 0.93, "soh_frac": 1}')
    assert verify(batteryloop)["flaw"] == "passport-altered"


def test_a_revoked_passport_is_refused_with_the_reason_and_once(batteryloop, desk):
    ended = batteryloop("passport", "revoke", "p.vc.jwt", "--reason", "capacity was overstated")
    assert ended.code == 0
    found = verify(batteryloop)
    assert found["flaw"] == "revoked"
    assert "capacity was overstated" in found["reason"]
    again = batteryloop("passport", "revoke", "p.vc.jwt", "--reason", "again")
    assert again.code == 1
    assert "was revoked on" in again.err


def test_a_list_from_before_the_revocation_is_found_out_by_memory(batteryloop, desk):
    before = (desk / "batteryloop-keys" / "status-list.vc.jwt").read_text()
    (desk / "old.jwt").write_text(before)
    batteryloop("passport", "sign", "p.json", "--out", "other.vc.jwt")
    batteryloop("passport", "revoke", "p.vc.jwt", "--reason", "stolen")
    other = ("--credential", "other.vc.jwt", "--memory", "seen.json")
    assert verify(batteryloop, *other)["is_valid"]
    found = verify(batteryloop, "--status-list", "old.jwt", "--memory", "seen.json")
    assert found["flaw"] == "status-list-rolled-back"
    assert verify(batteryloop, "--status-list", "old.jwt")["is_valid"]  # without memory it passes


def test_a_rotated_key_still_speaks_for_its_time_and_a_compromised_one_does_not(batteryloop, desk):
    rotated = batteryloop("passport", "keys", "rotate", "--algorithm", "ES256", "--json").document
    assert [key["alg"] for key in rotated["keys"]] == ["EdDSA", "ES256"]
    assert verify(batteryloop)["algorithm"] == "EdDSA"
    batteryloop("passport", "sign", "p.json", "--out", "new.vc.jwt")
    old = rotated["keys"][0]["kid"]
    words = ("passport", "keys", "withdraw", "--reason", "compromised", "--", old[:12])
    assert batteryloop(*words).code == 0
    assert verify(batteryloop)["flaw"] == "key-withdrawn"
    assert verify(batteryloop, "--credential", "new.vc.jwt")["algorithm"] == "ES256"
    assert "compromised" in batteryloop("passport", "keys", "show").out


def test_without_a_status_list_it_is_not_valid_unless_nobody_asks(batteryloop, desk):
    (desk / "batteryloop-keys" / "status-list.vc.jwt").unlink()
    assert verify(batteryloop)["flaw"] == "status-unknown"
    assert verify(batteryloop, "--without-status")["is_valid"]
    published = batteryloop("passport", "publish-status", "--json").document
    assert (published["n_given"], published["n_revoked"]) == (1, 0)
    assert verify(batteryloop)["is_valid"]


def test_only_the_wanted_issuer_and_trusted_keys_count(batteryloop, desk):
    assert verify(batteryloop, "--issuer", "https://x.example.com")["flaw"] == "issuer-wrong"
    words = ("--issuer", "https://rival.example.com", "--folder", "rival")
    assert batteryloop("passport", "keys", "new", *words).code == 0
    assert verify(batteryloop, "--keys", "rival/keys.json")["flaw"] == "key-unknown"


def test_a_token_that_is_no_text_gets_a_verdict(batteryloop, desk):
    (desk / "p.vc.jwt").write_bytes(b"\xff\xfe\x00 not a token")
    assert verify(batteryloop)["flaw"] == "malformed"


def test_private_keys_are_for_the_owner_alone(batteryloop, desk):
    (pem,) = (desk / "batteryloop-keys" / "private").iterdir()
    for path in (pem, desk / "batteryloop-keys" / "status.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(pem.parent.stat().st_mode) == 0o700
    pem.chmod(0o644)
    ended = batteryloop("passport", "sign", "p.json")
    assert ended.code == 1
    assert "others may read this private key" in ended.err


def test_a_password_from_a_file_protects_the_private_key(batteryloop, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BATTERYLOOP_KEY_PASSWORD", raising=False)
    (tmp_path / "word").write_text("correct horse\n")
    (tmp_path / "p.json").write_text(json.dumps(PASSPORT))
    monkeypatch.setenv("BATTERYLOOP_KEY_PASSWORD_FILE", "word")
    assert batteryloop("passport", "keys", "new", "--issuer", "https://m.example.com").code == 0
    (pem,) = (tmp_path / "batteryloop-keys" / "private").iterdir()
    assert b"ENCRYPTED" in pem.read_bytes()
    with pytest.raises(Exception, match=r"."):
        OKPKey.import_key(pem.read_bytes())
    assert batteryloop("passport", "sign", "p.json").code == 0
    (tmp_path / "word").write_text("wrong")
    ended = batteryloop("passport", "sign", "p.json")
    assert ended.code == 2
    assert "password is wrong" in ended.err
    monkeypatch.delenv("BATTERYLOOP_KEY_PASSWORD_FILE")
    assert "no password is set" in batteryloop("passport", "sign", "p.json").err


def test_what_is_missing_is_said(batteryloop, desk):
    ended = batteryloop("passport", "sign", "absent.json")
    assert ended.code == 2
    assert "absent.json" in ended.err
    (desk / "nameless.json").write_text("{}")
    assert "--subject" in batteryloop("passport", "sign", "nameless.json").err
    assert batteryloop("passport", "sign", "nameless.json", "--subject", "urn:x:1").code == 0
    assert "keys new" in batteryloop("passport", "sign", "p.json", "--folder", "no").err
    ended = batteryloop("passport", "revoke", "urn:uuid:none", "--reason", "why")
    assert ended.code == 2
    again = batteryloop("passport", "keys", "new", "--issuer", "https://maker.example.com")
    assert "rotate the key instead" in again.err
