from batteryloop.readers import read


def test_millivolts_and_milliamperes_become_volts_and_amperes(dialects, is_the_cell):
    recording = read(dialects / "pec.csv")
    is_the_cell(recording)
    assert recording.source.format == "pec"
    assert recording.frame["battery_id"][0] == "pec"
    assert recording.frame["ambient_temperature_degc"].to_list()[:2] == [None, 24.5]


def test_a_capacity_in_milliwatt_hours_is_an_energy(dialects):
    frame = read(dialects / "pec.csv").frame
    assert round(frame["charge_energy_wh"].max(), 6) == 0.148
    assert round(frame["discharge_energy_wh"].max(), 6) == 0.0718


def test_several_cells_in_one_file_stay_apart(dialects, tmp_path):
    text = (dialects / "pec.csv").read_text()
    head, rows = text.split("ReasonCode,Ambient temperature (°C),\n")
    second = rows.replace("12,1,SBT1", "12,2,SBT1")
    both = head + "ReasonCode,Ambient temperature (°C),\n" + rows + second
    (tmp_path / "two.csv").write_text(both)
    frame = read(tmp_path / "two.csv").frame
    assert frame["battery_id"].value_counts().sort("battery_id").rows() == [
        ("12-1", 11),
        ("12-2", 11),
    ]
