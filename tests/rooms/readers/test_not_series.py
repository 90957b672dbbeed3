import polars as pl
import pytest

from batteryloop.errors import FormatUnknown, NotTimeSeries
from batteryloop.readers import read


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "Cycle_Index,Time_s,Q_chg,Q_dis,CE\n1,0,1.1,1.0,0.9\n2,9,1.1,1.0,0.9\n",
            "table of cycles",
        ),
        ('{"a": 1}', "JSON"),
        ("[1, 2, 3]", "JSON"),
        ("<html><body>x</body></html>", "XML or HTML"),
        ("Dear colleague,\nthe cell is in the oven.\nRegards\n", "text without a table"),
        ("# Notes\n\n- charged\n- put aside\n", "text without a table"),
    ],
)
def test_what_holds_no_samples_is_refused_with_the_reason(text, says, tmp_path):
    (tmp_path / "x").write_text(text)
    with pytest.raises(NotTimeSeries, match=says):
        read(tmp_path / "x")


def test_results_in_parquet_are_refused(tmp_path):
    pl.DataFrame({"cycle": [1, 2], "capacity": [1.0, 0.9]}).write_parquet(tmp_path / "r")
    with pytest.raises(NotTimeSeries, match="current and voltage"):
        read(tmp_path / "r")


@pytest.mark.parametrize(
    "text", ["3.1,0.04,-0.02\n3.9,0.05,-0.02\n", "a,b,c\n" + "1,2,3\n" * 20, "t;x;y\n1;2;3\n" * 9]
)
def test_a_table_without_known_names_is_unknown_and_says_what_was_looked_for(text, tmp_path):
    (tmp_path / "x").write_text(text)
    with pytest.raises(FormatUnknown) as raised:
        read(tmp_path / "x")
    assert "Maccor" in raised.value.allowed
    assert "mapping" in raised.value.next_step
    assert "spectra" not in raised.value.allowed
