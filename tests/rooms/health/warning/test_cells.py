"""Lists of readings as a matrix."""

import numpy as np
import polars as pl
import pytest

from batteryloop.errors import InputWrong
from batteryloop.health.warning.cells import as_matrix

LISTS = pl.List(pl.Float32)


def test_lists_of_one_length_are_not_copied() -> None:
    lists = pl.Series(values=np.arange(6, dtype=np.float32).reshape(3, 2)).cast(LISTS)
    matrix = as_matrix(lists)
    assert matrix.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert not matrix.flags.owndata


def test_missing_lists_and_missing_readings_are_nan() -> None:
    matrix = as_matrix(pl.Series([[1.0, None], None, [3.0, 4.0]], dtype=LISTS))
    assert np.isnan(matrix).tolist() == [[False, True], [True, True], [False, False]]


def test_a_column_without_any_list_is_empty_rows() -> None:
    assert as_matrix(pl.Series([None, None], dtype=LISTS)).shape == (2, 0)
    assert as_matrix(pl.Series([], dtype=LISTS)).shape == (0, 0)


def test_lists_of_different_length_are_refused() -> None:
    with pytest.raises(InputWrong, match="lists of 1 to 2 values"):
        as_matrix(pl.Series([[1.0, 2.0], [3.0]], dtype=LISTS))
