"""Which recovery steps to add so that the targets are met, at most net value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from batteryloop.circular.recycle.blend import Blend, best_blend
from batteryloop.circular.recycle.flowsheet import fitting_steps
from batteryloop.errors import NotKnown
from batteryloop.reference.material_prices import MaterialPrices


@dataclass(frozen=True, slots=True)
class Improvement:
    """The best plan over sets of added steps, the fewest steps that pass, and how many were tried.

    `value_lost_usd` is what the law costs: net value without any target less that of the plan.
    """

    best: Blend
    fewest: Blend
    without_steps: Blend
    n_tried: int
    n_passing: int

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for pages."""
        return {
            "best": self.best.as_dict(),
            "fewest": self.fewest.as_dict(),
            "without_steps": self.without_steps.as_dict(),
            "n_tried": self.n_tried,
            "n_passing": self.n_passing,
        }


def improve_plant(
    supply_t: Mapping[str, float],
    capacity_t: float,
    day: date,
    *,
    allowed_steps: Sequence[str] | None = None,
    must_take_t: Mapping[str, float] | None = None,
    opening: str = "thermal",
    route: str = "hydro",
    counting: str = "whole",
    prices: MaterialPrices | None = None,
) -> Improvement:
    """Return the set of added steps and the blend that meet the targets at most net value.

    Every set is tried with its own best blend, so the answer is exact.

    Parameters
    ----------
    supply_t, capacity_t, day, must_take_t, opening, route, counting, prices
        As `best_blend` takes them.
    allowed_steps : sequence of str, optional
        The steps that may be added; all that fit the plant, if not given.

    Raises
    ------
    NotKnown
        If a step does not fit the plant.

    Examples
    --------
    >>> plan = improve_plant({"LFP": 10e3}, 10e3, date(2027, 12, 31),
    ...                      allowed_steps=("iron_phosphate", "plastics"),
    ...                      must_take_t={"LFP": 10e3})
    >>> plan.without_steps.is_feasible, plan.fewest.steps
    (False, ('iron_phosphate',))
    """
    fitting = fitting_steps(opening, route)
    allowed = fitting if allowed_steps is None else tuple(allowed_steps)
    for step in allowed:
        if step not in fitting:
            raise NotKnown.among(
                f"step for a plant with {opening} opening and {route}", step, fitting
            )
    without: Blend | None = None
    fewest: Blend | None = None
    best: Blend | None = None
    n_tried = n_passing = 0
    for n in range(len(allowed) + 1):
        for steps in combinations(allowed, n):
            n_tried += 1
            blend = best_blend(
                supply_t, capacity_t, day, must_take_t=must_take_t, opening=opening, route=route,
                steps=steps, counting=counting, prices=prices,
            )  # fmt: skip
            without = without or blend
            if not blend.is_feasible:
                continue
            n_passing += 1
            is_fewer = fewest is None or n < len(fewest.steps)
            if is_fewer or (fewest and n == len(fewest.steps) and blend.net_usd > fewest.net_usd):
                fewest = blend
            if best is None or blend.net_usd > best.net_usd:
                best = blend
    first = without or best_blend(supply_t, capacity_t, day)
    return Improvement(best or first, fewest or first, first, n_tried, n_passing)
