"""What a cell's charges say now and against its own past; nothing of its future."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from batteryloop.health.learned.charge_features import CHARGE_FEATURES

Array = NDArray[np.float64]
BASELINE_CYCLES = 10
SHORT_CYCLES = 5
LONG_CYCLES = 21
LAG_CYCLES = (50, 150, 400)


def clean_features(rows: Array) -> Array:
    """Replace what is not finite by the last finite value of its column, else by zero.

    Parameters
    ----------
    rows : NDArray of float64
        The charges of one cell in order, shape (n, d).

    Examples
    --------
    >>> clean_features(np.array([[1.0], [np.inf], [3.0]])).ravel().tolist()
    [1.0, 1.0, 3.0]
    """
    frame = pl.DataFrame(
        np.where(np.isfinite(rows), rows, np.nan), schema=_names(rows), orient="row"
    )
    filled: Array = frame.fill_nan(None).fill_null(strategy="forward").fill_null(0.0).to_numpy()
    return filled


def running_median(rows: Array, window_cycles: int) -> Array:
    """Return the median of the last `window_cycles` rows at each row (fewer at the start).

    Examples
    --------
    >>> running_median(np.array([[1.0], [9.0], [2.0]]), 3).ravel().tolist()
    [1.0, 5.0, 2.0]
    """
    frame = pl.DataFrame(rows, schema=_names(rows), orient="row")
    medians: Array = frame.select(pl.all().rolling_median(window_cycles, min_samples=1)).to_numpy()
    return medians


def history_views(rows: Array) -> dict[str, Array]:
    """Return three views of one cell's charges; row i is made of rows 0 to i only.

    Parameters
    ----------
    rows : NDArray of float64
        The sixteen features (`charge_features.CHARGE_FEATURES`) of each recorded charge from the
        first on, shape (n, 16); infinities and gaps are filled. A charge that was not recorded
        counts as nothing.

    Returns
    -------
    dict of str to NDArray
        `state` (n, 38): this charge and the median of the last five, with logarithms. `drift`
        (n, 38): the last five and their distance from the cell's first ten charges. `rate`
        (n, 112): these, the change over the last 50, 150 and 400 charges, and the mean distance
        from the first ten so far.
    """
    clean = clean_features(rows)
    n = len(clean)
    index = np.arange(n)
    short, long = running_median(clean, SHORT_CYCLES), running_median(clean, LONG_CYCLES)
    start = np.stack([np.median(clean[: k + 1], axis=0) for k in range(min(BASELINE_CYCLES, n))])
    baseline = start[np.minimum(index, len(start) - 1)]
    drift = short - baseline
    lags = [long - long[np.maximum(index - lag, 0)] for lag in LAG_CYCLES]
    mean_drift = np.cumsum(long - baseline, axis=0) / (index[:, None] + 1)
    logs = _logarithms(short)
    return {
        "state": np.hstack([clean, short, logs]),
        "drift": np.hstack([short, logs, drift]),
        "rate": np.hstack([short, baseline, drift, *lags, mean_drift]),
    }


def _names(rows: Array) -> list[str]:
    return [str(i) for i in range(rows.shape[1])]


def _logarithms(rows: Array) -> Array:
    column = dict(zip(CHARGE_FEATURES, rows.T, strict=True))

    def _log(values: Array, least: float) -> Array:
        logs: Array = np.log(np.maximum(values, least))
        return logs

    cc_time, cv_time = _log(column["cc_charge_time"], 1.0), _log(column["cv_charge_time"], 1.0)
    parts = [
        _log(column["cc_q"], 1e-3) - cc_time,
        _log(column["cv_q"], 1e-3) - cv_time,
        cc_time,
        cv_time,
        _log(-column["current_slope"], 1e-6),
        _log(column["voltage_slope"], 1e-6),
    ]
    return np.stack(parts, axis=1)
