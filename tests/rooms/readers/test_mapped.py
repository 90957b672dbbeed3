from pathlib import Path

import polars as pl
import pytest

from batteryloop.errors import ColumnMissing, FileDamaged, OptionWrong
from batteryloop.readers import Mapping, read

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "mappings"
LEAST = {"columns": {"elapsed_s": "t", "current_a": "I", "voltage_v": "U"}}


def write(path, text, encoding="utf-8"):
    path.write_text(text, encoding=encoding)
    return path


def test_units_sign_and_battery_come_from_the_mapping(tmp_path):
    mapping = Mapping.of(
        {
            "battery_id": "B7",
            "positive_is": "discharge",
            "columns": {
                "elapsed_s": {"column": "m", "unit": "min"},
                "current_a": {"column": "I", "unit": "mA"},
                "voltage_v": {"column": "U", "scale": 0.5},
                "soc_frac": {"column": "S", "unit": "%"},
            },
        }
    )
    recording = read(
        write(tmp_path / "x", "m,I,U,S\n0,500,7.4,50\n2,-250,7.6,40\n"), mapping=mapping
    )
    frame = recording.frame
    assert frame["current_a"].to_list() == [-0.5, 0.25]
    assert frame["voltage_v"].to_list() == [3.7, 3.8]
    assert frame["soc_frac"].to_list() == [0.5, 0.4]
    assert frame["time"].dt.epoch("s").to_list() == [0, 120]
    assert frame["battery_id"].unique().to_list() == ["B7"]
    assert recording.source.is_time_relative


def test_a_format_and_a_time_zone_make_utc(tmp_path):
    columns = LEAST["columns"] | {"time": {"column": "at", "format": "%d.%m.%Y %H:%M"}}
    del columns["elapsed_s"]
    mapping = Mapping.of({"columns": columns, "time_zone": "Europe/Berlin"})
    path = write(tmp_path / "x", "at,I,U\n02.07.2024 12:00,1,3.7\n03.12.2024 12:00,1,3.8\n")
    times = read(path, mapping=mapping).frame["time"]
    assert [t.isoformat() for t in times] == [
        "2024-07-02T10:00:00+00:00",
        "2024-12-03T11:00:00+00:00",
    ]


def test_an_unknown_time_zone_is_refused(tmp_path):
    mapping = Mapping.of(
        {"columns": {"time": "t", "current_a": "I", "voltage_v": "U"}, "time_zone": "Mars/Base"}
    )
    with pytest.raises(OptionWrong, match="Mars"):
        read(write(tmp_path / "x", "t,I,U\n2024-01-01 00:00:00,1,3\n"), mapping=mapping)


def test_a_missing_column_offers_the_near_ones(tmp_path):
    path = write(tmp_path / "x", "t,Ia,U\n0,1,3\n")
    with pytest.raises(ColumnMissing, match="did you mean Ia"):
        read(path, mapping=Mapping.of(LEAST))


def test_separator_decimal_header_line_and_encoding_can_be_said(tmp_path):
    text = "t;I;U\nMessung vom März\nt;I;U\n0;1,5;3,7\n1;1,5;3,8\n"
    mapping = Mapping.of(
        LEAST | {"separator": ";", "decimal": ",", "header_line": 3, "encoding": "latin-1"}
    )
    frame = read(write(tmp_path / "x", text, "latin-1"), mapping=mapping).frame
    assert frame["current_a"].to_list() == [1.5, 1.5]
    assert frame["voltage_v"].to_list() == [3.7, 3.8]


def test_a_list_of_cells_is_put_together_from_its_columns(tmp_path):
    mapping = Mapping.load(EXAMPLES / "pack_of_cells.toml")
    cells = [f"cell_{i:02d}_mV" for i in range(1, 13)]
    head = ",".join(["minutes", "load_mA", *cells, "temp_F", "soc"])
    row = ",".join(["1", "2000", *(str(3600 + i) for i in range(12)), "77", "55"])
    recording = read(write(tmp_path / "x.csv", f"{head}\n{row}\n"), mapping=mapping)
    frame = recording.frame
    assert frame["cell_voltages_v"][0].len() == 12
    assert frame["cell_voltages_v"][0][11] == pytest.approx(3.611)
    assert frame["current_a"][0] == -2.0
    assert frame["temperature_degc"][0] == pytest.approx(25.0)


def test_start_and_elapsed_time_make_the_time_of_each_discharge(tmp_path):
    mapping = Mapping.load(EXAMPLES / "nasa_discharges.toml")
    rows = [
        (t, 3.7, -2.0, 25.0, n, start, 24, cell)
        for cell, n, start in [
            ("B2", 1, "2009-02-02T00:00:00"),
            ("B1", 3, "2009-02-01T06:00:00"),
            ("B1", 1, "2009-02-01T00:00:00"),
        ]
        for t in (0.0, 9.5)
    ]
    names = ["time_s", "voltage", "current", "temperature", "cycle_number", "start_time"]
    names += ["ambient_temperature", "cell"]
    pl.DataFrame(rows, schema=names, orient="row").write_parquet(tmp_path / "p")
    recording = read(tmp_path / "p", mapping=mapping)
    frame = recording.frame
    assert frame["battery_id"].to_list() == ["B1"] * 4 + ["B2"] * 2
    assert frame["cycle_count"].to_list() == [1, 1, 3, 3, 1, 1]
    assert frame["time"][1].isoformat() == "2009-02-01T00:00:09.500000+00:00"
    assert frame["time"][2].isoformat() == "2009-02-01T06:00:00+00:00"
    assert not recording.source.is_time_relative


def test_an_empty_file_is_damaged_with_a_mapping_too(tmp_path):
    with pytest.raises(FileDamaged, match="empty"):
        read(write(tmp_path / "x", ""), mapping=Mapping.of(LEAST))
