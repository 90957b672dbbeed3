"""Match modules into packs: which go together, in which place, and whether the law calls it so."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from batteryloop.circular.gates import Gate
from batteryloop.circular.remanufacture.exact import best_grouping, is_small
from batteryloop.circular.remanufacture.group import grouped, spread_bound, squared_spread
from batteryloop.circular.remanufacture.kernels import Floats, Integers
from batteryloop.circular.remanufacture.types import (
    FEATURES,
    OBJECTIVES,
    Lineage,
    MatchedPack,
    Matching,
    Modules,
    PackDesign,
    checked_modules,
)
from batteryloop.errors import NotKnown


def match(
    modules: Modules,
    design: PackDesign,
    *,
    rng: np.random.Generator,
    objective: str = "spread",
    gates: Sequence[Gate] = (),
    is_exact: bool | None = None,
    n_rounds: int | None = None,
) -> Matching:
    """Return packs of matched modules.

    `spread` makes packs even in every feature measured; `capacity` sorts, which uses most of the
    capacity of series strings and leaves packs uneven among one another; `resistance` sorts by
    resistance, so that strings heat evenly. Modules that fill no whole pack are left over: those
    of least capacity.

    Parameters
    ----------
    modules : Modules
        What there is.
    design : PackDesign
        What a pack takes.
    rng : numpy.random.Generator
        The same state finds the same packs.
    objective : str, optional
        Of `OBJECTIVES`.
    gates : sequence of Gate, optional
        From `circular.gates.gates`; they need the design's rated capacity.
    is_exact : bool, optional
        Whether to prove the least spread; if not given, where the batch is small.
    n_rounds : int, optional
        Rounds of the search.

    Raises
    ------
    InputWrong
        If the modules are too few, named twice or without capacity.
    NotKnown
        If the objective is none.
    """
    checked_modules(modules, design)
    if objective not in OBJECTIVES:
        raise NotKnown.among("objective", objective, OBJECTIVES)
    n_each = design.n_modules
    n_packs = modules.n_modules // n_each
    order = np.argsort(-modules.capacity_ah, kind="stable")
    used = np.sort(order[: n_packs * n_each])
    left = tuple(modules.module_ids[i] for i in np.sort(order[n_packs * n_each :]))
    points, names = _points(modules, used)
    method, exact = "halving and swaps", False
    if objective == "spread":
        label = grouped(points, n_each, rng=rng, n_rounds=n_rounds)
        bound = spread_bound(points, n_each)
        if is_exact or (is_exact is None and is_small(used.size, n_each)):
            label, bound = best_grouping(points, n_each, label)
            method, exact = "set partition", True
    else:
        values = modules.capacity_ah if objective == "capacity" else modules.resistance_ohm
        if objective == "resistance" and "resistance_ohm" not in names:
            raise NotKnown.among("feature measured of every module", "resistance_ohm", names)
        label = _in_order(values[used], n_each)
        method, bound = f"sorted by {objective}", spread_bound(points, n_each)
    packs = tuple(
        _pack(modules, used[label == g], design, f"PACK-{g + 1:05d}", gates) for g in range(n_packs)
    )
    first = tuple(
        _pack(modules, used[g * n_each : (g + 1) * n_each], design, "", ()) for g in range(n_packs)
    )
    return Matching(
        packs,
        left,
        _lineage(modules, packs),
        objective,
        method,
        names,
        squared_spread(points, label, n_each),
        bound,
        exact,
        usable_share(packs, modules, used),
        usable_share(first, modules, used),
        label,
    )


def usable_share(packs: Sequence[MatchedPack], modules: Modules, used: Integers) -> float:
    """Return the share of all modules' capacity that the packs can use."""
    n_series = len(packs[0].places) if packs else 1
    given = sum(pack.capacity_ah for pack in packs) * n_series
    return float(given / modules.capacity_ah[used].sum())


def _points(modules: Modules, used: Integers) -> tuple[Floats, tuple[str, ...]]:
    """Return the features that every module has, in standard deviations."""
    columns, names = [], []
    for name in FEATURES:
        values = np.asarray(getattr(modules, name), dtype=float)[used]
        if not np.isfinite(values).all():
            continue
        wide = float(values.std())
        if wide > 1e-9 * max(abs(float(values.mean())), 1e-12):
            columns.append((values - values.mean()) / wide)
            names.append(name)
    if not columns:
        columns, names = [np.zeros(used.size)], ["capacity_ah"]
    return np.ascontiguousarray(np.stack(columns, axis=1)), tuple(names)


def _in_order(values: Floats, n_each: int) -> Integers:
    label = np.empty(values.size, dtype=np.int64)
    label[np.argsort(-values, kind="stable")] = np.arange(values.size) // n_each
    return label


def arranged(capacity_ah: Floats, design: PackDesign) -> list[list[int]]:
    """Return modules by series place so that the places' sums are even: the largest to the least.

    Examples
    --------
    >>> arranged(np.array([4.0, 3.0, 2.0, 1.0]), PackDesign(2, 2))
    [[0, 3], [1, 2]]
    """
    places: list[list[int]] = [[] for _ in range(design.n_series)]
    sums = [0.0] * design.n_series
    for i in np.argsort(-capacity_ah, kind="stable"):
        free = [p for p in range(design.n_series) if len(places[p]) < design.n_parallel]
        best = min(free, key=lambda p: sums[p])
        places[best].append(int(i))
        sums[best] += float(capacity_ah[i])
    return places


def _pack(
    modules: Modules, members: Integers, design: PackDesign, name: str, gates: Sequence[Gate]
) -> MatchedPack:
    capacity = modules.capacity_ah[members]
    places = arranged(capacity, design)
    usable = min(float(capacity[place].sum()) for place in places)
    rated_module = design.rated_capacity_ah / design.n_parallel
    scale = rated_module if rated_module > 0.0 else float(capacity.mean())
    spread = float(capacity.max() - capacity.min()) / scale
    resistance = modules.resistance_ohm[members]
    ohms = None
    if np.isfinite(resistance).all() and (resistance > 0.0).all():
        ohms = float(sum(1.0 / (1.0 / resistance[place]).sum() for place in places))
    pack = MatchedPack(
        name,
        tuple(tuple(modules.module_ids[members[i]] for i in place) for place in places),
        tuple(sorted({modules.origin_ids[i] for i in members})),
        usable,
        usable * design.n_series / float(capacity.sum()),
        spread,
        ohms,
        (),
    )
    return replace(pack, gate=_why_not(pack, design, gates))


def _why_not(pack: MatchedPack, design: PackDesign, gates: Sequence[Gate]) -> tuple[str, ...]:
    """Return why the pack may not be called remanufactured, empty where it may."""
    if not gates:
        return ()
    if design.rated_capacity_ah <= 0.0:
        return ("the rated capacity is not known: nothing to compare with",)
    found = {
        "soh_after_frac": pack.capacity_ah / design.rated_capacity_ah,
        "spread_after_frac": pack.spread_frac,
    }
    reasons = []
    for gate in gates:
        if gate.fate != "remanufacture" or gate.quantity not in found:
            continue
        value = found[gate.quantity]
        is_met = value >= gate.limit if gate.rule == "at-least" else value <= gate.limit
        if not is_met:
            reasons.append(f"{gate.words}, found {value:.3f}")
    return tuple(reasons)


def _lineage(modules: Modules, packs: Sequence[MatchedPack]) -> tuple[Lineage, ...]:
    origin = dict(zip(modules.module_ids, modules.origin_ids, strict=True))
    return tuple(
        Lineage(module, origin[module], pack.pack_id, place)
        for pack in packs
        for place, inside in enumerate(pack.places)
        for module in inside
    )
