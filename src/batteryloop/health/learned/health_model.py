"""State of health learned from charges or pulses of cells whose capacity was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from batteryloop.errors import FileDamaged, InputWrong
from batteryloop.health.learned.blend_arrays import blend_arrays, blend_from
from batteryloop.health.learned.blend_types import BlendSettings, CellBlend, OutOfFold
from batteryloop.health.learned.cell_blend import fit_cell_blend, predict_cell_blend
from batteryloop.health.learned.charge_features import CHARGE_FEATURES
from batteryloop.health.learned.charge_history import clean_features, history_views
from batteryloop.health.learned.feature_range import (
    FeatureRange,
    check_feature_range,
    fit_feature_range,
    refusal_reason,
)
from batteryloop.health.learned.pulse_response import PULSE_VOLTAGES, SHAPE_COLUMNS, pulse_views
from batteryloop.quantities import Estimate

Array = NDArray[np.float64]
Kind = Literal["charge-features", "pulses"]

COLUMNS: dict[Kind, tuple[str, ...]] = {
    "charge-features": CHARGE_FEATURES,
    "pulses": PULSE_VOLTAGES,
}
METHODS: dict[Kind, str] = {
    "charge-features": "charge-curve blend v1",
    "pulses": "pulse-response blend v1",
}
SETTINGS: dict[Kind, BlendSettings] = {
    "charge-features": BlendSettings(),
    "pulses": BlendSettings(
        n_folds=8,
        n_landmarks=400,
        ridges_frac=(0.003, 0.01, 0.1, 0.3),
        length_frac=2.0,
        column_share_frac=1.0,
        n_kernels=1,
        n_kernels_fold=1,
        n_trees_fold=40,
        varying_views=("shape",),
    ),
}
RANGE_COLUMNS: dict[Kind, tuple[str, ...]] = {
    "charge-features": CHARGE_FEATURES,
    "pulses": SHAPE_COLUMNS,
}
# Pulses of one kind of cell look much like those of another: the stricter limit tells more apart.
DISTANCE_FACTORS: dict[Kind, float] = {"charge-features": 1.5, "pulses": 1.1}
N_CELLS_LEAST = 5


@dataclass(frozen=True, slots=True)
class HealthModel:
    """A blend, the range it was trained in, and above which half-width it had better abstain."""

    kind: Kind
    blend: CellBlend
    limits: FeatureRange
    halfwidth_max_frac: float

    def as_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return the model as arrays and plain values."""
        arrays, plain = blend_arrays(self.blend)
        for field in fields(FeatureRange):
            arrays[f"limits/{field.name}"] = np.asarray(getattr(self.limits, field.name))
        return arrays, {
            "kind": self.kind,
            "halfwidth_max_frac": self.halfwidth_max_frac,
            "blend": plain,
        }

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[Any]], plain: Mapping[str, Any]
    ) -> "HealthModel":
        """Return the model from `as_arrays`.

        Raises
        ------
        FileDamaged
            If something of it is not there.
        """
        try:
            low, high, mean, whitening, distance = (
                arrays[f"limits/{field.name}"] for field in fields(FeatureRange)
            )
            limits = FeatureRange(low, high, mean, whitening, float(distance))
            blend = blend_from(arrays, plain["blend"])
            kind: Kind = plain["kind"]
            if kind not in COLUMNS:
                raise FileDamaged("model", f"is of kind {kind!r}", ", ".join(COLUMNS))
            return cls(kind, blend, limits, plain["halfwidth_max_frac"])
        except (KeyError, TypeError) as exc:
            raise FileDamaged("model", f"lacks {exc}", next_step="train it anew") from exc


def model_views(kind: Kind, rows: Array) -> tuple[Array, dict[str, Array]]:
    """Return what the range is checked on (n, d), and the views, of the records of one cell."""
    if kind == "charge-features":
        return clean_features(rows), history_views(rows)
    views = pulse_views(rows)
    return views["shape"], views


def train_health_model(
    kind: Kind,
    cells: Sequence[Array],
    soh_frac: Sequence[Array],
    rng: np.random.Generator,
    *,
    settings: BlendSettings | None = None,
) -> tuple[HealthModel, OutOfFold]:
    """Train on cells whose state of health is known.

    Parameters
    ----------
    kind : {"charge-features", "pulses"}
        What the records are.
    cells : sequence of NDArray
        For each cell its records by `COLUMNS[kind]` in order, shape (n, d).
    soh_frac : sequence of NDArray
        For each cell the state of health at each record [1], shape (n,).
    rng : numpy.random.Generator
        For folds and learners.
    settings : BlendSettings, optional
        Those of the kind if not given.

    Returns
    -------
    tuple of HealthModel and OutOfFold
        The model, and how each cell was judged by members that never saw it.

    Raises
    ------
    InputWrong
        If there are fewer than five cells.
    """
    if len(cells) < N_CELLS_LEAST:
        raise InputWrong("training", f"{len(cells)} cells", f"{N_CELLS_LEAST} or more")
    made = [model_views(kind, rows) for rows in cells]
    views = {name: np.concatenate([v[name] for _, v in made]) for name in made[0][1]}
    index = np.repeat(np.arange(len(cells)), [len(rows) for rows in cells])
    blend, judged = fit_cell_blend(
        views, np.concatenate(soh_frac), index, settings or SETTINGS[kind], rng
    )
    limits = fit_feature_range(
        np.concatenate([checked for checked, _ in made]), factor=DISTANCE_FACTORS[kind]
    )
    by_cell = [judged.halfwidth_frac[judged.cell_index == c].mean() for c in range(len(cells))]
    finite = np.array([half for half in by_cell if np.isfinite(half)])
    most = float(np.quantile(finite, 0.9)) if finite.size else float("inf")
    return HealthModel(kind, blend, limits, most), judged


def judge_records(
    model: HealthModel, rows: Array, *, confidence_frac: float = 0.9
) -> list[Estimate]:
    """Return the state of health at each record of one cell, or why it is refused.

    Parameters
    ----------
    model : HealthModel
        From `train_health_model`.
    rows : NDArray of float64
        Records of one cell by `COLUMNS[model.kind]`, shape (n, d); charges from the cell's first.
    confidence_frac : float, optional
        Coverage wanted [1].
    """
    checked, views = model_views(model.kind, rows)
    found = predict_cell_blend(model.blend, views, confidence_frac=confidence_frac)
    check = check_feature_range(model.limits, checked)
    method, names = METHODS[model.kind], RANGE_COLUMNS[model.kind]
    estimates = []
    for i in range(len(rows)):
        reason = refusal_reason(model.limits, check, checked, i, names)
        if not np.isfinite(found.high[i]):
            reason = reason or f"too few cells were trained on to be {confidence_frac:.0%} sure"
        if reason:
            estimates.append(
                Estimate.unknown("soh_frac", method, reason, confidence_frac=confidence_frac)
            )
            continue
        bounds = (float(found.value[i]), float(found.low[i]), float(found.high[i]))
        n_rows = i + 1 if model.kind == "charge-features" else 1
        estimates.append(Estimate("soh_frac", *bounds, confidence_frac, method, n_rows=n_rows))
    return estimates


def judge_cell(model: HealthModel, rows: Array, *, confidence_frac: float = 0.9) -> Estimate:
    """Return the state of health of a cell: by its last charge, or the middle of its pulses.

    Of the pulse records that are not refused the median of value and of both bounds is given: it
    is no surer than one of them, for the errors of a cell's records go together. Where half of the
    records or more are refused, so is the cell.
    """
    estimates = judge_records(model, rows, confidence_frac=confidence_frac)
    if model.kind == "charge-features":
        return estimates[-1]
    known = [(e.value, e.low, e.high) for e in estimates if e.is_known]
    if 2 * len(known) <= len(estimates):
        return next(e for e in estimates if not e.is_known)
    value, low, high = (float(x) for x in np.median(np.array(known, dtype=float), axis=0))
    method = METHODS[model.kind]
    return Estimate("soh_frac", value, low, high, confidence_frac, method, n_rows=len(known))
