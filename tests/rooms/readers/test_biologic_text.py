from datetime import UTC, datetime

import pytest

from batteryloop.errors import FileDamaged, NotTimeSeries
from batteryloop.readers import read

BEGAN_AT = datetime(2024, 3, 25, 9, 30, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize("name", ["biologic_comma.mpt", "biologic_btlab.txt"])
def test_ec_lab_and_bt_lab_give_the_same_test(name, dialects, is_the_cell):
    recording = read(dialects / name)
    is_the_cell(recording, began_at=BEGAN_AT)
    assert recording.source.format == "biologic-text"
    assert recording.frame["temperature_degc"].unique().to_list() == [24.5]


def test_an_impedance_technique_is_refused(dialects, tmp_path):
    text = (dialects / "biologic_btlab.txt").read_text()
    text = text.replace("Modulo Bat", "Potentio Electrochemical Impedance Spectroscopy")
    (tmp_path / "eis.mpt").write_text(text)
    with pytest.raises(NotTimeSeries, match="impedance"):
        read(tmp_path / "eis.mpt")


def test_a_head_cut_short_is_damaged(dialects, tmp_path):
    text = (dialects / "biologic_btlab.txt").read_text()
    (tmp_path / "cut.mpt").write_text("\n".join(text.splitlines()[:5]))
    with pytest.raises(FileDamaged, match="9 lines"):
        read(tmp_path / "cut.mpt")


def test_a_head_longer_than_the_first_glance_is_read(dialects, is_the_cell, tmp_path):
    lines = (dialects / "biologic_btlab.txt").read_text().splitlines()
    many = ["Ns".ljust(20) * 100] * 60
    long = [lines[0], f"Nb header lines : {9 + len(many)}", *lines[2:8], *many, *lines[8:]]
    (tmp_path / "long.mpt").write_text("\n".join(long))
    is_the_cell(read(tmp_path / "long.mpt"), began_at=BEGAN_AT)


def test_without_current_it_is_no_time_series(dialects, tmp_path):
    text = (dialects / "biologic_btlab.txt").read_text().replace("I/mA", "something")
    (tmp_path / "ocv.mpt").write_text(text)
    with pytest.raises(NotTimeSeries, match="current"):
        read(tmp_path / "ocv.mpt")
