"""Life from the first cycles: how the end of the charge curve moved, before capacity does.

Features after the idea of Severson et al. 2019 (doi:10.1038/s41560-019-0356-8): change over the
first hundred cycles, here of the statistics of the last charge voltages instead of the discharge
curve. An ensemble of randomised trees predicts the rate ``1 / life``; intervals are conformal over
cells (cross-validated residuals), never over rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from batteryloop.errors import InputWrong
from batteryloop.health.learned.tree_arrays import TreeArrays, flat_trees, predict_trees
from batteryloop.quantities import Estimate

if TYPE_CHECKING:
    from sklearn.ensemble import ExtraTreesRegressor

Array = NDArray[np.float64]

METHOD = "early charge-curve trees v1"
N_CYCLES = 100
MAX_EARLY_LOSS_FRAC = 0.015
CHARGE_FEATURES = (
    "voltage_mean",
    "voltage_std",
    "voltage_kurtosis",
    "voltage_skewness",
    "cc_q",
    "cc_charge_time",
    "voltage_slope",
    "voltage_entropy",
)
_WINDOWS = ((5, 15), (45, 55), (90, 100))
_RATE_SCALE_CYCLES = 300.0
_N_FOLDS = 8


@dataclass(frozen=True, slots=True)
class EarlyLifeModel:
    """A forest as arrays, its conformal scores and its trained range: nothing to unpickle.

    `feature`, `split`, `right` and `root` are those of `TreeArrays`, the leaves a rate [300 cycles
    / life]. `log_errors` (n,) are out-of-fold errors in log life, one a training cell; `low`,
    `high` (f,) the trained range.
    """

    feature: NDArray[np.int16]
    split: Array
    right: NDArray[np.int32]
    root: NDArray[np.int32]
    log_errors: Array
    low: Array
    high: Array

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the model as named arrays, for an npz file."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "EarlyLifeModel":
        """Return the model from `as_arrays`."""
        return cls(**{name: arrays[name] for name in cls.__slots__})


def early_features(charge: Mapping[str, Array]) -> Array:
    """Return what the first 100 charges show: levels at the end and changes up to there.

    Parameters
    ----------
    charge : mapping of str to NDArray of float64
        Each of `CHARGE_FEATURES`, one value a cycle, shape (n,), n at least 100. Values that are
        not finite are passed over.

    Returns
    -------
    NDArray of float64
        Shape (25,): for each feature its median near cycle 100 and the changes since cycles 10
        and 50, and the log of the rise of the mean voltage since cycle 10.

    Raises
    ------
    InputWrong
        If there are fewer than 100 cycles.
    """
    values: list[float] = []
    for name in CHARGE_FEATURES:
        x = np.asarray(charge[name], dtype=float)
        if x.size < N_CYCLES:
            raise InputWrong("early life", f"{x.size} cycles of {name}", f"at least {N_CYCLES}")
        x = np.where(np.isfinite(x), x, np.nan)
        early, middle, late = (float(np.nanmedian(x[a:b])) for a, b in _WINDOWS)
        values += [late, late - early, late - middle]
    values.append(float(np.log(max(values[1], 1e-4))))
    return np.array(values)


def early_loss_frac(capacity_ah: Array) -> float:
    """Return the share of capacity lost between cycles 10 and 95 [1]; below 0 for a gain.

    Examples
    --------
    >>> round(early_loss_frac(np.linspace(1.0, 0.9, 101)), 3)
    0.086
    """
    first = float(np.median(capacity_ah[_WINDOWS[0][0] : _WINDOWS[0][1]]))
    last = float(np.median(capacity_ah[_WINDOWS[2][0] : _WINDOWS[2][1]]))
    return 1.0 - last / first


def _forest(features: Array, rate: Array, n_trees: int, seed: int) -> "ExtraTreesRegressor":
    # Heavy to load, and not needed to predict.
    from sklearn.ensemble import ExtraTreesRegressor

    forest = ExtraTreesRegressor(n_trees, max_features=0.5, random_state=seed)
    return forest.fit(features, rate)


def _log_life(rate: Array) -> Array:
    life: Array = np.log(_RATE_SCALE_CYCLES) - np.log(np.maximum(rate, 0.05))
    return life


def train_early_life(
    features: Array, life_efc: Array, rng: np.random.Generator, *, n_trees: int = 300
) -> EarlyLifeModel:
    """Train on cells whose life is known.

    Parameters
    ----------
    features : NDArray of float64
        One row a cell from `early_features`, shape (n, f).
    life_efc : NDArray of float64
        Equivalent full cycles to the end of life, shape (n,), n at least 16.
    rng : numpy.random.Generator
        For the trees and the folds.
    n_trees : int, optional
        Trees.

    Returns
    -------
    EarlyLifeModel

    Raises
    ------
    InputWrong
        If there are fewer than 16 cells: no interval could be calibrated.
    """
    n = life_efc.size
    if n < 2 * _N_FOLDS:
        raise InputWrong(
            "early life model", f"{n} cells", f"at least {2 * _N_FOLDS}, to calibrate an interval"
        )
    rate = _RATE_SCALE_CYCLES / life_efc
    fold = rng.permutation(n) % _N_FOLDS
    errors = np.empty(n)
    for k in range(_N_FOLDS):
        out = fold == k
        part = _forest(features[~out], rate[~out], n_trees // 2, int(rng.integers(2**31)))
        errors[out] = np.log(life_efc[out]) - _log_life(part.predict(features[out]))
    forest = _forest(features, rate, n_trees, int(rng.integers(2**31)))
    trees = flat_trees(forest, is_exact=True)
    return EarlyLifeModel(
        trees.feature,
        trees.split.astype(np.float64),
        trees.right,
        trees.root,
        errors,
        features.min(0),
        features.max(0),
    )


def predict_log_life(model: EarlyLifeModel, features: Array) -> Array:
    """Return the log of the life [log cycles] for rows of features, shape (n, f) -> (n,)."""
    trees = TreeArrays(model.feature, model.split, model.right, model.root)
    return _log_life(predict_trees(trees, np.atleast_2d(features)))


def predict_life(
    model: EarlyLifeModel,
    features: Array,
    loss_frac: float,
    *,
    confidence_frac: float = 0.9,
    margin_frac: float = 0.25,
) -> Estimate:
    """Return the life of one cell with its interval, or why it cannot be told.

    Parameters
    ----------
    model : EarlyLifeModel
        From `train_early_life`.
    features : NDArray of float64
        From `early_features`, shape (f,).
    loss_frac : float
        From `early_loss_frac` [1].
    confidence_frac : float, optional
        Coverage wanted [1].
    margin_frac : float, optional
        How far outside the trained range a feature may lie, in widths of that range [1].

    Returns
    -------
    Estimate
        `end_of_life_efc`; unknown for a cell that already fades (see its own trajectory
        instead) and outside the trained range.
    """
    quantity = "end_of_life_efc"
    if loss_frac > MAX_EARLY_LOSS_FRAC:
        reason = (
            f"lost {loss_frac:.1%} by cycle {N_CYCLES}: past early life, forecast its trajectory"
        )
        return Estimate.unknown(quantity, METHOD, reason, confidence_frac=confidence_frac)
    width = margin_frac * (model.high - model.low)
    n_out = int(((features < model.low - width) | (features > model.high + width)).sum())
    if n_out > features.size // 8:
        reason = f"{n_out} of {features.size} features outside the trained range"
        return Estimate.unknown(quantity, METHOD, reason, confidence_frac=confidence_frac)
    centre = float(predict_log_life(model, features)[0])
    n = model.log_errors.size
    rank = min(int(np.ceil((n + 1) * confidence_frac)), n) - 1
    half = float(np.sort(np.abs(model.log_errors))[rank])
    low, value, high = (float(v) for v in np.exp([centre - half, centre, centre + half]))
    return Estimate(quantity, value, low, high, confidence_frac, METHOD, n_rows=N_CYCLES)
