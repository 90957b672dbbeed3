"""Labels from the command line, and their codes read again."""

import io
import json

import zxingcpp
from PIL import Image

FACTS = {
    "link": "https://id.example.com/01/09521234543213/21/42",
    "battery_id": "SN 42",
    "chemistry": "LFP",
    "capacity_ah": 280,
}


def test_a_label_is_made_and_what_law_asks_beyond_it_is_named(batteryloop, tmp_path):
    (tmp_path / "facts.json").write_text(json.dumps(FACTS))
    (tmp_path / "broken.json").write_text("{")
    out, codes = tmp_path / "labels.html", tmp_path / "codes"
    ended = batteryloop(
        "passport", "label", tmp_path / "facts.json", tmp_path / "broken.json", "--out", out,
        "--codes", codes, "--largest-side", "1500x1200", "--json",
    )  # fmt: skip
    assert ended.code == 0
    (label,) = ended.document["labels"]
    assert label["code_kind"] == "GS1 Digital Link"
    assert any(item.startswith("Extinguishing agent (") for item in label["missing"])
    assert ended.document["symbol_side_mm"] == 50
    assert [r["subject"] for r in ended.document["refused"]] == ["broken.json"]
    assert "SN 42" in out.read_text()
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO((codes / "facts.png").read_bytes())))
    assert read.text == FACTS["link"]
    assert (codes / "facts.svg").read_text().startswith("<svg")


def test_a_data_matrix_label_of_its_own_size(batteryloop, tmp_path):
    (tmp_path / "facts.json").write_text(json.dumps(FACTS))
    out = tmp_path / "one.html"
    words = ("--single", "--code", "datamatrix", "--width-mm", 100, "--height-mm", 60)
    ended = batteryloop("passport", "label", tmp_path / "facts.json", "--out", out, *words)
    assert ended.code == 0
    assert "missing" in ended.out
    assert "--largest-side" in ended.out
    assert "size: 100mm 60mm" in out.read_text()


def test_a_battery_without_link_gets_none_until_one_is_given(batteryloop, tmp_path):
    (tmp_path / "facts.json").write_text(json.dumps({"battery_id": "7"}))
    out = tmp_path / "l.html"
    ended = batteryloop("passport", "label", tmp_path / "facts.json", "--out", out)
    assert ended.code == 2
    assert "code-make" in ended.err
    assert not out.exists()
    words = ("--link", "https://id.example.com/01/09521234543214/21/7")
    ended = batteryloop("passport", "label", tmp_path / "facts.json", "--out", out, *words)
    assert ended.code == 2
    assert "check digit" in ended.err
    words = ("--link", "https://x.example.com/7")
    assert batteryloop("passport", "label", tmp_path / "facts.json", "--out", out, *words).code == 0
    ended = batteryloop("passport", "label", tmp_path / "facts.json", "--largest-side", "big")
    assert ended.code == 2
