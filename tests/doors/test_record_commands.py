"""The commands of the record, as a person would use them."""

import json
import sqlite3
import zipfile

import pytest


@pytest.fixture
def work(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BATTERYLOOP_RECORD", raising=False)
    return tmp_path


@pytest.fixture
def begun(batteryloop, work):
    """Make a record of one battery in service."""
    batteryloop("record", "add", "BAT-7", "--by", "urn:maker", "--application", "car")
    words = ("--by", "urn:operator", "--detail", "country=DE", "--detail", "site=depot 3")
    assert batteryloop("record", "event", "BAT-7", "in-service", *words).code == 0
    return work / "batteryloop.sqlite"


@pytest.fixture
def keys(batteryloop, work):
    for name in ("maker", "operator"):
        batteryloop("passport", "keys", "new", "--issuer", f"urn:{name}", "--folder", name)
    return {name: work / name / "keys.json" for name in ("maker", "operator")}


def test_a_battery_is_added_used_and_shown(batteryloop, begun):
    shown = batteryloop("record", "show", "BAT-7")
    assert "electric-vehicle" in shown.out
    assert "depot 3 DE" in shown.out
    document = batteryloop("record", "show", "BAT-7", "--json").document
    assert (document["stage"], document["responsible_id"]) == ("use", "urn:maker")
    history = batteryloop("record", "history", "BAT-7", "--json").document["entries"]
    assert [entry["kind"] for entry in history] == ["in-service", "made"]


def test_many_are_added_from_a_table_and_the_bad_ones_are_refused(batteryloop, work):
    (work / "fleet.csv").write_text(
        "battery_id,application,rated_capacity_ah,code:iso-15459\n"
        "B1,bus,314,UN1\nB2,boat,20,\nB3,car,-1,\nB4,ship,150,\n"
    )
    document = batteryloop("record", "add", "fleet.csv", "--by", "maker", "--json").document
    assert [entry["battery_id"] for entry in document["entries"]] == ["B1", "B4"]
    assert [refusal["subject"] for refusal in document["refused"]] == ["B2", "B3"]
    again = batteryloop("record", "show", "B1", "--json").document
    assert again["battery"]["codes"] == {"iso-15459": "UN1"}


def test_toml_and_json_describe_batteries_too(batteryloop, work):
    (work / "pack.toml").write_text(
        '[[battery]]\nbattery_id = "T1"\napplication = "car"\nmanufactured_at = 2024-05-01\n'
        '[[battery.components]]\nserial = "M1"\nkind = "module"\n'
    )
    (work / "pack.json").write_text('{"battery_id": "J1", "application": "bus"}')
    ended = batteryloop("record", "add", "pack.toml", "pack.json", "--by", "maker")
    assert ended.out.startswith("2 batteries")
    assert "module M1" in batteryloop("record", "show", "T1").out
    # The same file again changes nothing.
    batteryloop("record", "add", "pack.toml", "--by", "maker")
    assert batteryloop("record", "verify", "--json").document["n_entries"] == 2


def test_an_event_that_cannot_be_is_refused_with_the_reason(batteryloop, begun):
    ended = batteryloop("record", "event", "BAT-7", "graded", "--by", "x", "--detail", "grade=A")
    assert ended.code == 1
    assert "is in use" in ended.err
    ended = batteryloop("record", "event", "BAT-7", "gradde", "--by", "x")
    assert ended.code == 2
    assert "did you mean graded" in ended.err


def test_an_altered_event_is_named(batteryloop, begun):
    assert "the chain is whole" in batteryloop("record", "verify", "--projections").out
    with sqlite3.connect(begun) as connection:
        connection.execute("DROP TRIGGER ledger_is_not_changed")
        connection.execute("UPDATE ledger SET party_id = 'someone' WHERE sequence = 2")
    connection.close()
    ended = batteryloop("record", "verify", "--json")
    assert ended.code == 1
    (breach,) = ended.document["breaches"]
    assert (breach["rule"], breach["sequence"]) == ("altered", 2)
    assert (breach["battery_id"], breach["kind"]) == ("BAT-7", "in-service")
    assert "altered" in batteryloop("record", "verify").out


def test_a_forged_table_is_found_and_made_anew(batteryloop, begun):
    with sqlite3.connect(begun) as connection:
        connection.execute("UPDATE battery_state SET soh_frac = 0.99")
    connection.close()
    (breach,) = batteryloop("record", "verify", "--projections", "--json").document["breaches"]
    assert "soh_frac 0.99, by the ledger None" in breach["found"]
    assert batteryloop("record", "migrate", "--rebuild").code == 0
    assert batteryloop("record", "verify", "--projections").code == 0


def test_a_tail_cut_off_with_all_its_traces_is_found_by_a_checkpoint(batteryloop, begun, keys):
    mark = ("--checkpoint", "head.json", "--keys", keys["maker"])
    assert batteryloop("record", "checkpoint", "--out", "head.json", "--folder", "maker").code == 0
    assert batteryloop("record", "verify", *mark).code == 0
    with sqlite3.connect(begun) as connection:
        connection.execute("DROP TRIGGER ledger_is_not_shortened")
        connection.execute("DELETE FROM ledger WHERE sequence = 2")
        connection.execute("DELETE FROM checkpoint")
        connection.execute(
            "UPDATE head SET sequence = 1, entry_hash = (SELECT entry_hash FROM ledger)"
        )
    connection.close()
    assert batteryloop("record", "verify").code == 0
    ended = batteryloop("record", "verify", *mark, "--json")
    assert [b["rule"] for b in ended.document["breaches"]] == ["cut-off"]
    forged = json.loads((begun.parent / "head.json").read_text()) | {"sequence": 1}
    (begun.parent / "head.json").write_text(json.dumps(forged))
    ended = batteryloop("record", "verify", *mark, "--json")
    assert [b["rule"] for b in ended.document["breaches"]] == ["checkpoint-forged"]


def test_a_record_goes_out_and_comes_in_as_it_was(batteryloop, begun, keys):
    batteryloop("record", "party", "urn:maker", "--name", "Maker SE", "--country", "DE")
    ended = batteryloop("record", "export", "all.blrec", "--folder", "maker")
    assert ended.code == 0, ended.err
    words = ("all.blrec", "--keys", keys["maker"], "--record", "other.sqlite")
    taken = batteryloop("record", "import", *words, "--json").document
    assert (taken["n_new"], taken["n_parties"], taken["is_as_it_was"]) == (2, 1, True)
    heads = [
        batteryloop("record", "verify", "--json", *more).document["head"]
        for more in ((), ("--record", "other.sqlite"))
    ]
    assert heads[0] == heads[1]
    again = batteryloop("record", "import", *words, "--json").document
    assert again["n_new"] == 0
    listed = batteryloop("record", "party", "--record", "other.sqlite", "--json").document
    assert listed["parties"][0]["name"] == "Maker SE"


def test_one_battery_goes_out_with_its_ancestors(batteryloop, begun, keys):
    batteryloop("record", "add", "BAT-8", "--by", "urn:maker", "--application", "car")
    batteryloop("record", "event", "BAT-7", "removed", "--by", "urn:operator")
    parents = 'parents=[{"battery_id": "BAT-7"}]'
    words = ("--detail", 'battery={"application": "stationary-storage"}', "--detail", parents)
    made = batteryloop("record", "event", "STORE-1", "repurposed", "--by", "urn:renewer", *words)
    assert made.code == 0, made.err
    out = batteryloop("record", "export", "one.blrec", "--battery", "STORE-1", "--folder", "maker")
    assert "entries: 4" in out.out
    words = ("one.blrec", "--keys", keys["maker"], "--record", "other.sqlite")
    assert batteryloop("record", "import", *words, "--json").document["n_new"] == 4
    shown = batteryloop("record", "show", "STORE-1", "--record", "other.sqlite").out
    assert "the whole of BAT-7 → STORE-1" in shown


def test_a_bundle_is_refused_with_its_reason(batteryloop, begun, keys, work):
    batteryloop("record", "export", "all.blrec", "--folder", "maker")
    words = ("--record", "other.sqlite")
    ended = batteryloop("record", "import", "all.blrec", "--keys", keys["operator"], *words)
    assert ended.code == 1
    assert "in no key set at hand" in ended.err
    with zipfile.ZipFile("all.blrec") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["entries.jsonl"] = members["entries.jsonl"].replace(b"depot 3", b"depot 4")
    with zipfile.ZipFile("bad.blrec", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    ended = batteryloop("record", "import", "bad.blrec", "--keys", keys["maker"], *words)
    assert ended.code == 2
    assert "entries.jsonl was altered" in ended.err
    (work / "no.blrec").write_bytes(b"no zip")
    ended = batteryloop("record", "import", "no.blrec", "--keys", keys["maker"], *words)
    assert "is no bundle" in ended.err
    assert not (work / "other.sqlite").exists()


def test_responsibility_goes_over_once_both_have_signed(batteryloop, begun, keys):
    parties = ("--from", "urn:maker", "--to", "urn:operator")
    batteryloop("record", "transfer-draft", "t.json", "--battery", "BAT-7", *parties)
    both = ("--keys", keys["maker"], "--keys", keys["operator"])
    batteryloop("record", "transfer-sign", "t.json", "--folder", "maker")
    ended = batteryloop("record", "transfer", "t.json", *both)
    assert ended.code == 1
    assert "has not signed" in ended.err
    batteryloop("record", "transfer-sign", "t.json", "--folder", "operator")
    ended = batteryloop("record", "transfer", "t.json", *both)
    assert "urn:operator answers for BAT-7" in ended.out
    shown = batteryloop("record", "show", "BAT-7", "--json").document
    assert shown["responsible_id"] == "urn:operator"


def test_a_record_that_is_not_there_is_not_made_by_looking(batteryloop, work):
    ended = batteryloop("record", "show", "BAT-7")
    assert ended.code == 2
    assert "batteryloop record add" in ended.err
    assert list(work.iterdir()) == []
