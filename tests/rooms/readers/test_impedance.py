import polars as pl
import pytest

from batteryloop.errors import NotTimeSeries
from batteryloop.readers import read
from batteryloop.readers.impedance import without_impedance


@pytest.mark.parametrize(
    "text",
    [
        "ZPLOT2 ASCII\n  Measured Data\n1e5, 0.1, -0.2\n",
        "EXPLAIN\nTAG\tEISPOT\nTITLE\tLABEL\tx\n0\t1\t2\n",
        "Frequency\t Zre\t Zimg\n0.1\t 4.0\t -2.0\n0.2\t 3.0\t -1.0\n",
        "Freq/Hz, Z'/ohm, Z\"/ohm\n1e4, 9.8, -2.7\n",
        "Potential (V)\tCurrent (A)\tElapsed Time (s)\tFrequency (Hz)\tZre (ohms)\n3\t0\t1\t0\t0\n",
    ],
)
def test_spectra_of_many_instruments_are_refused_as_such(text, tmp_path):
    (tmp_path / "s").write_text(text)
    with pytest.raises(NotTimeSeries, match="impedance"):
        read(tmp_path / "s")


def test_a_table_that_is_mostly_spectrum_is_refused():
    frame = pl.DataFrame({"frequency_hz": [1e3, 1e2, None], "cycle_count": [1, 1, 1]})
    with pytest.raises(NotTimeSeries, match="2 of 3 rows"):
        without_impedance(frame, subject="x")


def test_a_few_points_in_a_test_are_left_out_and_the_rows_keep_their_numbers():
    frame = pl.DataFrame({"frequency_hz": [None, 1e2, 0.0, None], "cycle_count": [1, 1, 1, 1]})
    kept, (finding,) = without_impedance(frame, subject="x")
    assert kept["row_in_file"].to_list() == [0, 2, 3]
    assert finding.n_rows == 1


def test_a_frequency_of_nought_is_no_spectrum():
    frame = pl.DataFrame({"frequency_hz": [0.0, None]})
    kept, found = without_impedance(frame, subject="x")
    assert kept.equals(frame)
    assert found == []
