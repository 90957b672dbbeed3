"""A blend as named arrays and plain values, for a file; and back."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batteryloop.errors import FileDamaged
from batteryloop.health.learned.blend_types import CellBlend, Expert, Scaling
from batteryloop.health.learned.kernel_machine import KernelMachine
from batteryloop.health.learned.tree_arrays import TreeArrays
from batteryloop.health.learned.varying_ridge import VaryingRidge

FORMAT_VERSION = 1
_LEARNERS: dict[type, str] = {KernelMachine: "kernel", TreeArrays: "trees", VaryingRidge: "lines"}


def blend_arrays(blend: CellBlend) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return the arrays of a blend, 32 bit where many, and what else there is to know of it."""
    arrays: dict[str, NDArray[Any]] = {
        "scores": blend.scores,
        "score_weights": blend.score_weights,
    }
    for name, scaling in blend.scaling.items():
        arrays |= {f"scaling/{name}/{key}": getattr(scaling, key) for key in _names(Scaling)}
    experts = []
    for i, expert in enumerate(blend.experts):
        record: type = type(expert.members[0])
        for j, member in enumerate(expert.members):
            for key in _names(record):
                array = np.asarray(getattr(member, key))
                is_wide = array.dtype == np.float64 and key != "weights"
                arrays[f"expert/{i}/{j}/{key}"] = array.astype(np.float32) if is_wide else array
        experts.append(
            {
                "view": expert.view,
                "learner": _LEARNERS[record],
                "weight_frac": expert.weight_frac,
                "n_members": len(expert.members),
            }
        )
    plain = {
        "format": FORMAT_VERSION,
        "views": list(blend.scaling),
        "experts": experts,
        "target_mean": blend.target_mean,
        "target_spread": blend.target_spread,
        "disagreement_floor": blend.disagreement_floor,
        "n_cells": blend.n_cells,
    }
    return arrays, plain


def blend_from(arrays: Mapping[str, NDArray[Any]], plain: Mapping[str, Any]) -> CellBlend:
    """Return the blend that `blend_arrays` laid out.

    Raises
    ------
    FileDamaged
        If it is of another format, or something is not there.
    """
    try:
        if plain["format"] != FORMAT_VERSION:
            raise FileDamaged(
                "model", f"is of format {plain['format']}", f"{FORMAT_VERSION}", "train it anew"
            )
        scaling = {
            name: Scaling(*(arrays[f"scaling/{name}/{key}"] for key in _names(Scaling)))
            for name in plain["views"]
        }
        experts = tuple(_expert(arrays, i, item) for i, item in enumerate(plain["experts"]))
        return CellBlend(
            scaling,
            experts,
            plain["target_mean"],
            plain["target_spread"],
            plain["disagreement_floor"],
            arrays["scores"],
            arrays["score_weights"],
            plain["n_cells"],
        )
    except (KeyError, TypeError) as exc:
        raise FileDamaged("model", f"lacks {exc}", next_step="train it anew") from exc


def _expert(arrays: Mapping[str, NDArray[Any]], i: int, item: Mapping[str, Any]) -> Expert:
    count, view, weight = item["n_members"], item["view"], item["weight_frac"]
    if item["learner"] == "trees":
        trees = tuple(
            TreeArrays(*(arrays[f"expert/{i}/{j}/{key}"] for key in _names(TreeArrays)))
            for j in range(count)
        )
        return Expert(view, trees, weight)
    if item["learner"] == "lines":
        lines = tuple(_line(arrays, f"expert/{i}/{j}") for j in range(count))
        return Expert(view, lines, weight)
    return Expert(view, tuple(_machine(arrays, f"expert/{i}/{j}") for j in range(count)), weight)


def _machine(arrays: Mapping[str, NDArray[Any]], at: str) -> KernelMachine:
    return KernelMachine(
        arrays[f"{at}/columns"],
        arrays[f"{at}/landmarks"].astype(float),
        arrays[f"{at}/weights"].astype(float),
        float(arrays[f"{at}/inverse_length"]),
    )


def _line(arrays: Mapping[str, NDArray[Any]], at: str) -> VaryingRidge:
    return VaryingRidge(
        arrays[f"{at}/quantiles"].astype(float),
        arrays[f"{at}/weights"].astype(float),
        int(arrays[f"{at}/n_knots"]),
    )


def _names(record: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(record))
