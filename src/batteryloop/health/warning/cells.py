"""Lists of cell voltages as a matrix, without a copy where the lists are of one length."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from batteryloop.errors import InputWrong

Floats32 = NDArray[np.float32]


def as_matrix(lists: pl.Series, *, n_wide: int | None = None) -> Floats32:
    """Return a list column as a matrix, shape (n_rows, n_wide), NaN where a value is missing.

    Parameters
    ----------
    lists : polars.Series
        Of lists; a missing list is a row of NaN.
    n_wide : int, optional
        How long each list shall be; by default as long as the first.

    Raises
    ------
    InputWrong
        If a list has another length.

    Examples
    --------
    >>> as_matrix(pl.Series([[3.5, 3.6], None], dtype=pl.List(pl.Float32))).tolist()
    [[3.5, 3.5999999046325684], [nan, nan]]
    """
    lengths = lists.list.len()
    known = lengths.drop_nulls()
    seen = known.unique().sort().to_list()
    wide = n_wide if n_wide is not None else (int(known[0]) if known.len() else 0)
    if seen not in ([], [wide]):
        raise InputWrong(
            f"column {lists.name}",
            f"lists of {seen[0]} to {seen[-1]} values",
            f"{wide} in every row",
            "leave out the rows that are incomplete",
        )
    inner = lists.drop_nulls().explode(empty_as_null=False).cast(pl.Float32)
    flat = inner.fill_null(float("nan")).to_numpy() if inner.null_count() else inner.to_numpy()
    dense = np.asarray(flat, np.float32).reshape(known.len(), wide)
    if known.len() == lists.len():
        return dense
    matrix = np.full((lists.len(), wide), np.nan, np.float32)
    matrix[lists.is_not_null().to_numpy()] = dense
    return matrix
