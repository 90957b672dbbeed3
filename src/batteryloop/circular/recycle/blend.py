"""Which packs to feed: the blend of most value that meets the targets, as a linear programme."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from scipy.optimize import OptimizeResult, linprog

from batteryloop.circular.recycle.balance import balance_plant
from batteryloop.circular.recycle.economics import plant_value
from batteryloop.circular.recycle.targets import (
    RECOVERED,
    TargetResult,
    check_targets,
    recycling_efficiency,
)
from batteryloop.circular.recycle.types import PlantBalance
from batteryloop.errors import ValueOutOfRange
from batteryloop.reference.material_prices import MaterialPrices
from batteryloop.reference.recycling_targets import targets_on


@dataclass(frozen=True, slots=True)
class Blend:
    """The best blend with its balance, value and targets, or the reason why there is none.

    `shadow_usd_per_t` says what one tonne more of capacity, and one tonne of slack of each
    target, would be worth.
    """

    feed_t: dict[str, float]
    left_t: dict[str, float]
    net_usd: float
    steps: tuple[str, ...]
    targets: tuple[TargetResult, ...]
    shadow_usd_per_t: dict[str, float]
    balance: PlantBalance | None
    reason: str = ""

    @property
    def is_feasible(self) -> bool:
        """Whether a blend meets every target."""
        return not self.reason

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for pages."""
        return {
            "is_feasible": self.is_feasible,
            "reason": self.reason,
            "feed_t": dict(self.feed_t),
            "left_t": dict(self.left_t),
            "net_usd": self.net_usd,
            "steps": list(self.steps),
            "targets": [target.as_dict() for target in self.targets],
            "shadow_usd_per_t": dict(self.shadow_usd_per_t),
            "balance": self.balance.as_dict() if self.balance else None,
        }


@dataclass(frozen=True, slots=True)
class _PerTonne:
    """What one tonne of a chemistry adds to the programme."""

    net_usd: float
    out_t: float
    into_t: float
    had_t: dict[str, float]
    got_t: dict[str, float]


def best_blend(
    supply_t: Mapping[str, float],
    capacity_t: float,
    day: date,
    *,
    must_take_t: Mapping[str, float] | None = None,
    opening: str = "thermal",
    route: str = "hydro",
    steps: Sequence[str] = (),
    counting: str = "whole",
    prices: MaterialPrices | None = None,
) -> Blend:
    """Return the blend of most net value that meets every target in force on a day.

    The plant is linear, so a blend's balance is the sum of its parts' and the programme is exact.
    Annex XII counts a recycler's whole year, so a poor chemistry may be carried by a rich one.

    Parameters
    ----------
    supply_t : mapping of str to float
        What is on offer of each chemistry [t].
    capacity_t : float
        What the plant can take [t].
    day : datetime.date
        Targets in force then.
    must_take_t : mapping of str to float, optional
        What has to be taken of a chemistry, such as a take-back duty [t].
    opening, route, steps, counting
        As `balance_plant` and `check_targets` take them.
    prices : MaterialPrices, optional
        The project's, if not given.

    Raises
    ------
    ValueOutOfRange
        If supply or capacity is negative, or more must be taken than is on offer.
    NotKnown
        If a name is not known.

    Examples
    --------
    >>> blend = best_blend({"NMC622": 60e3, "LFP": 60e3}, 50e3, date(2027, 12, 31))
    >>> round(blend.feed_t["NMC622"]), "LFP" in blend.feed_t
    (50000, False)
    """
    must = dict(must_take_t or {})
    _checked(supply_t, capacity_t, must)
    names = [name for name, mass in supply_t.items() if mass > 0]
    steps = tuple(steps)
    parts = [_per_tonne(n, opening, route, steps, counting, prices) for n in names]
    rows_, marks = _target_rows(parts, day)
    solved = _programme(names, parts, rows_, supply_t, must, capacity_t)
    if solved.status != 0:
        return Blend({}, dict(supply_t), 0.0, steps, (), {}, None, _reason(names, parts, must, day))
    taken = {n: float(x) for n, x in zip(names, solved.x, strict=True) if x > 1e-6}
    if not taken:
        return Blend({}, dict(supply_t), 0.0, steps, (), {}, None, "no pack is worth taking")
    balance = balance_plant(taken, opening=opening, route=route, steps=steps)
    worth = -solved.ineqlin.marginals
    return Blend(
        taken,
        {n: supply_t[n] - taken.get(n, 0.0) for n in names},
        -float(solved.fun),
        steps,
        check_targets(balance, day, counting=counting),
        {m: float(d) + 0.0 for m, d in zip(("capacity", *marks), worth, strict=True)},
        balance,
    )


def _checked(supply_t: Mapping[str, float], capacity_t: float, must: Mapping[str, float]) -> None:
    if min(supply_t.values(), default=0.0) < 0 or sum(supply_t.values()) <= 0:
        raise ValueOutOfRange("supply", f"{dict(supply_t)}", "masses above 0 t")
    if capacity_t <= 0:
        raise ValueOutOfRange("capacity", f"{capacity_t:g} t", "above 0 t")
    for name, mass in must.items():
        if not 0 <= mass <= supply_t.get(name, 0.0):
            raise ValueOutOfRange(
                f"must take of {name}",
                f"{mass:g} t",
                f"0 to {supply_t.get(name, 0.0):g} t on offer",
            )
    if sum(must.values()) > capacity_t:
        raise ValueOutOfRange(
            "must take", f"{sum(must.values()):g} t", f"at most the capacity, {capacity_t:g} t"
        )


def _per_tonne(
    chemistry: str,
    opening: str,
    route: str,
    steps: tuple[str, ...],
    counting: str,
    prices: MaterialPrices | None,
) -> _PerTonne:
    balance = balance_plant({chemistry: 1.0}, opening=opening, route=route, steps=steps)
    out, into = recycling_efficiency(balance, counting)
    return _PerTonne(
        plant_value(balance, prices).net_usd,
        out,
        into,
        {e: balance.feed_elements_t.get(e, 0.0) for e in RECOVERED},
        {e: balance.recovered_t(e) for e in RECOVERED},
    )


def _target_rows(parts: list[_PerTonne], day: date) -> tuple[list[list[float]], list[str]]:
    """Return each target as a row that must not fall below 0, and its name."""
    found, marks = [], []
    efficiency = targets_on("recycling_efficiency", day).get("lithium-based")
    if efficiency:
        found.append([p.out_t - efficiency.target_frac * p.into_t for p in parts])
        marks.append("recycling_efficiency")
    for element, target in targets_on("material_recovery", day).items():
        row = [p.got_t[element] - target.target_frac * p.had_t[element] for p in parts]
        if any(p.had_t[element] > 0 for p in parts):
            found.append(row)
            marks.append(element)
    return found, marks


def _programme(
    names: list[str],
    parts: list[_PerTonne],
    target_rows: list[list[float]],
    supply_t: Mapping[str, float],
    must: Mapping[str, float],
    capacity_t: float,
) -> OptimizeResult:
    # A margin of exactly nothing must not be lost to rounding: 1 g a tonne.
    least = [1e-9 * capacity_t] * len(target_rows)
    return linprog(
        [-part.net_usd for part in parts],
        A_ub=np.array([[1.0] * len(names), *(np.negative(row) for row in target_rows)]),
        b_ub=[capacity_t, *least],
        bounds=[(must.get(name, 0.0), supply_t[name]) for name in names],
        method="highs",
    )


def _reason(names: list[str], parts: list[_PerTonne], must: Mapping[str, float], day: date) -> str:
    rows_, marks = _target_rows(parts, day)
    hopeless = [mark for mark, row in zip(marks, rows_, strict=True) if max(row) < -1e-9]
    if hopeless:
        return f"no chemistry on offer reaches {', '.join(hopeless)}: add recovery steps"
    return f"what must be taken ({', '.join(must) or 'nothing'}) cannot be carried by the others"
