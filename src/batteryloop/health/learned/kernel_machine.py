"""Robust kernel regression on a few landmarks, kept as plain arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_SQRT5 = 5.0**0.5
_HUBER_KNEE = 2.2
_LINEAR_SCALE = 0.3
_N_REWEIGHT = 2
_N_ROWS_AT_ONCE = 8192


@dataclass(frozen=True, slots=True)
class KernelMachine:
    """A fitted kernel regression.

    `columns` (d,) of the standardised input are looked at; `landmarks` (m, d) are the scaled
    training rows that carry the kernel; `weights` (m + d + 1,) the coefficients of the kernels,
    of the linear terms and the constant; `inverse_length` one over the common length scale.
    """

    columns: NDArray[np.int16]
    landmarks: Array
    weights: Array
    inverse_length: float


def matern52(left: Array, right: Array) -> Array:
    """Return the Matérn 5/2 kernel between the rows of two matrices, (n, d), (m, d) -> (n, m).

    Examples
    --------
    >>> float(matern52(np.zeros((1, 2)), np.zeros((1, 2)))[0, 0])
    1.0
    """
    square = left @ right.T
    square *= -2.0
    square += np.einsum("ij,ij->i", left, left)[:, None]
    square += np.einsum("ij,ij->i", right, right)[None, :]
    np.maximum(square, 0.0, out=square)
    distance = np.sqrt(square)
    kernel: Array = (1.0 + _SQRT5 * distance + (5.0 / 3.0) * square) * np.exp(-_SQRT5 * distance)
    return kernel


def _design(rows: Array, landmarks: Array) -> Array:
    return np.hstack([matern52(rows, landmarks), _LINEAR_SCALE * rows, np.ones((len(rows), 1))])


def fit_kernel_machine(
    rows: Array,
    target: Array,
    weight: Array,
    columns: NDArray[np.int16],
    *,
    n_landmarks: int,
    ridge_frac: float,
    rng: np.random.Generator,
    length_frac: float = 1.0,
) -> KernelMachine:
    """Fit by subset of regressors with Huber weights (iteratively reweighted ridge).

    Parameters
    ----------
    rows, target, weight : NDArray of float64
        Standardised inputs (n, all columns), standardised target (n,), weights of mean one (n,).
    columns : NDArray of int16
        The columns to use, shape (d,).
    n_landmarks : int
        At most this many training rows become landmarks.
    ridge_frac : float
        Variance of the noise over the prior variance of the function [1].
    rng : numpy.random.Generator
        Draws the landmarks.
    length_frac : float, optional
        Length scale, in root d standard deviations [1].

    Notes
    -----
    Subset of regressors: Quiñonero-Candela and Rasmussen, JMLR 6 (2005) 1939.
    """
    inverse_length = 1.0 / (length_frac * len(columns) ** 0.5)
    scaled = rows[:, columns] * inverse_length
    chosen = rng.choice(len(rows), min(n_landmarks, len(rows)), replace=False)
    landmarks = scaled[np.sort(chosen)]
    design = _design(scaled, landmarks)
    m = len(landmarks)
    penalty = np.diag(np.concatenate([np.zeros(m), np.ones(len(columns)), [1e-4]]))
    penalty[:m, :m] = matern52(landmarks, landmarks) + 1e-6 * np.eye(m)
    current: Array = weight.copy()
    coefficients: Array = np.zeros(design.shape[1])
    for _ in range(_N_REWEIGHT):
        weighted = (design * current[:, None]).T
        normal = weighted @ design + ridge_frac * penalty
        coefficients = np.asarray(np.linalg.solve(normal, weighted @ target), dtype=np.float64)
        residual = np.abs(target - design @ coefficients)
        knee = _HUBER_KNEE * float(np.median(residual)) + 1e-12
        current = np.asarray(weight / np.maximum(1.0, residual / knee), dtype=np.float64)
    return KernelMachine(columns.astype(np.int16), landmarks, coefficients, inverse_length)


def predict_kernel_machine(machine: KernelMachine, rows: Array) -> Array:
    """Return the prediction for standardised rows, (n, all columns) -> (n,)."""
    scaled = rows[:, machine.columns] * machine.inverse_length
    parts = [
        _design(scaled[start : start + _N_ROWS_AT_ONCE], machine.landmarks) @ machine.weights
        for start in range(0, len(scaled), _N_ROWS_AT_ONCE)
    ]
    return np.concatenate(parts) if parts else np.empty(0)
