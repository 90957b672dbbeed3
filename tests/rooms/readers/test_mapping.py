import json

import pytest

from batteryloop.errors import NotKnown, OptionWrong, OutsideFailed, UnitUnknown
from batteryloop.readers import Mapping

LEAST = {"columns": {"elapsed_s": "t", "current_a": "I", "voltage_v": "U"}}


def test_toml_and_json_say_the_same(tmp_path):
    (tmp_path / "m.toml").write_text(
        'name = "n"\npositive_is = "discharge"\n[columns]\nelapsed_s = "t"\nvoltage_v = "U"\n'
        'current_a = { column = "I", unit = "mA" }\n'
    )
    data = {
        "name": "n",
        "positive_is": "discharge",
        "columns": {
            "elapsed_s": "t",
            "voltage_v": "U",
            "current_a": {"column": "I", "unit": "mA"},
        },
    }
    (tmp_path / "m.json").write_text(json.dumps(data))
    assert Mapping.load(tmp_path / "m.toml") == Mapping.load(tmp_path / "m.json")


def test_a_pattern_stands_for_a_list_of_columns():
    spec = {"pattern": "cell_{:02d}", "first": 9, "last": 11, "unit": "mV"}
    mapping = Mapping.of({"columns": LEAST["columns"] | {"cell_voltages_v": spec}})
    assert mapping.columns[-1].labels == ("cell_09", "cell_10", "cell_11")


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"colums": {}}, NotKnown, "columns"),
        ({"columns": {}}, OptionWrong, "no column"),
        ({"columns": {"curent_a": "I"}}, NotKnown, "current_a"),
        ({"columns": {"current_a": {"column": "I", "unit": "mV"}}}, UnitUnknown, "mA"),
        ({"columns": {"current_a": {"colum": "I"}}}, NotKnown, "column"),
        ({"columns": {"current_a": 3}}, OptionWrong, "3"),
        ({"columns": {"current_a": {"columns": ["a", "b"]}}}, OptionWrong, "2 columns"),
        ({"columns": {"current_a": {"column": "I", "scale": "x"}}}, OptionWrong, "number"),
        ({"columns": {"cell_voltages_v": {"pattern": "CP"}}}, OptionWrong, "pattern"),
        ({"positive_is": "up"}, OptionWrong, "charge"),
        ({"header_line": -1}, OptionWrong, "line"),
        ({"restarts": 4}, OptionWrong, "quotes"),
    ],
)
def test_what_is_wrong_is_named_with_a_way_out(change, error, says):
    with pytest.raises(error, match=says):
        Mapping.of(LEAST | change)


@pytest.mark.parametrize("text", ["a = ", "{", "\xff", "[[[[", "{" * 100_000])
def test_a_file_that_is_neither_toml_nor_json_is_refused(text, tmp_path):
    (tmp_path / "m").write_bytes(text.encode("latin-1"))
    with pytest.raises(OptionWrong):
        Mapping.load(tmp_path / "m")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(OutsideFailed, match="cannot be read"):
        Mapping.load(tmp_path / "m.toml")
