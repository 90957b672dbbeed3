"""Choose which packs to take: the blend of most value that meets the year's targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from batteryloop.circular.recycle.blend import Blend, best_blend
from batteryloop.circular.recycle.improve import Improvement, improve_plant
from batteryloop.reference.material_prices import MaterialPrices


@dataclass(frozen=True, slots=True)
class BlendReport:
    """The best blend of the plant as it is, and of the plant with the best added steps."""

    day: date
    as_it_is: Blend
    improved: Improvement | None

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for pages."""
        return {
            "day": self.day.isoformat(),
            "as_it_is": self.as_it_is.as_dict(),
            "improved": self.improved.as_dict() if self.improved else None,
        }


def blend_feed(
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
    is_improved: bool = True,
) -> BlendReport:
    """Return which packs to take on which targets, with and without added steps.

    Parameters
    ----------
    supply_t, capacity_t, day, must_take_t, opening, route, steps, counting, prices
        As the room's `best_blend` takes them.
    is_improved : bool, optional
        Whether to try every set of added steps as well.

    Raises
    ------
    InputWrong
        If a supply, a capacity or a name cannot be.

    Examples
    --------
    >>> report = blend_feed({"NMC622": 60e3, "LFP": 60e3}, 50e3, date(2027, 12, 31),
    ...                     must_take_t={"LFP": 10e3}, is_improved=False)
    >>> report.as_it_is.is_feasible
    False
    """
    blend = best_blend(
        supply_t,
        capacity_t,
        day,
        must_take_t=must_take_t,
        opening=opening,
        route=route,
        steps=steps,
        counting=counting,
        prices=prices,
    )
    improved = None
    if is_improved:
        improved = improve_plant(
            supply_t,
            capacity_t,
            day,
            must_take_t=must_take_t,
            opening=opening,
            route=route,
            counting=counting,
            prices=prices,
        )
    return BlendReport(day, blend, improved)
