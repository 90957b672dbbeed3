"""What matching takes and gives: modules, the pack to build, the packs built and their lineage."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from batteryloop.circular.remanufacture.kernels import Floats, Integers
from batteryloop.errors import InputWrong

OBJECTIVES = ("spread", "capacity", "resistance")
FEATURES = ("capacity_ah", "resistance_ohm", "self_discharge_per_day", "temperature_degc")


@dataclass(frozen=True, slots=True)
class Modules:
    """Modules to be matched, one entry each; NaN where a feature was not measured.

    `origin_ids` names the pack that each came from; `temperature_degc` is the mean over its life.
    """

    module_ids: tuple[str, ...]
    origin_ids: tuple[str, ...]
    capacity_ah: Floats
    resistance_ohm: Floats
    self_discharge_per_day: Floats
    temperature_degc: Floats

    @property
    def n_modules(self) -> int:
        """How many there are."""
        return len(self.module_ids)


@dataclass(frozen=True, slots=True)
class PackDesign:
    """Modules in series, each place filled by so many in parallel, and what the pack is rated."""

    n_series: int
    n_parallel: int = 1
    rated_capacity_ah: float = 0.0

    @property
    def n_modules(self) -> int:
        """How many modules a pack takes."""
        return self.n_series * self.n_parallel


@dataclass(frozen=True, slots=True)
class MatchedPack:
    """A pack to be built: its modules place by place, and what it will give.

    `places` are modules by series place; `usable_frac` is the share of the modules' capacity that
    the pack can use; `gate` is empty where it may be called remanufactured, else why not.
    """

    pack_id: str
    places: tuple[tuple[str, ...], ...]
    origins: tuple[str, ...]
    capacity_ah: float
    usable_frac: float
    spread_frac: float
    resistance_ohm: float | None
    gate: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "pack_id": self.pack_id,
            "places": [list(place) for place in self.places],
            "origins": list(self.origins),
            "capacity_ah": self.capacity_ah,
            "usable_frac": self.usable_frac,
            "spread_frac": self.spread_frac,
            "resistance_ohm": self.resistance_ohm,
            "is_remanufactured": not self.gate,
            "gate": list(self.gate),
        }


@dataclass(frozen=True, slots=True)
class Lineage:
    """One step of many-to-many lineage: a module left one pack and became part of another."""

    module_id: str
    from_pack_id: str
    to_pack_id: str
    place: int


@dataclass(frozen=True, slots=True)
class Matching:
    """What matching found: packs, modules left over, and how good it is proven to be.

    `spread` is the sum of squared distances to each pack's mean, in the features' standard
    deviations; none can be below `bound`. `usable_random_frac` is what packs of modules taken in
    the order given would use.
    """

    packs: tuple[MatchedPack, ...]
    left_over: tuple[str, ...]
    lineage: tuple[Lineage, ...]
    objective: str
    method: str
    features: tuple[str, ...]
    spread: float
    bound: float
    is_exact: bool
    usable_frac: float
    usable_random_frac: float
    label: Integers

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON, REST and pages."""
        return {
            "packs": [pack.as_dict() for pack in self.packs],
            "left_over": list(self.left_over),
            "lineage": [
                {name: getattr(step, name) for name in step.__slots__} for step in self.lineage
            ],
            "objective": self.objective,
            "method": self.method,
            "features": list(self.features),
            "spread": self.spread,
            "bound": self.bound,
            "is_exact": self.is_exact,
            "usable_frac": self.usable_frac,
            "usable_random_frac": self.usable_random_frac,
        }


def checked_modules(modules: Modules, design: PackDesign) -> Modules:
    """Return the modules, or say what they cannot be.

    Raises
    ------
    InputWrong
        If there are fewer than a pack takes, a name is there twice, or a capacity is not above 0.
    """
    if design.n_series < 1 or design.n_parallel < 1:
        raise InputWrong("pack design", f"{design.n_series} x {design.n_parallel}", "1 or more")
    if modules.n_modules < design.n_modules:
        raise InputWrong(
            "modules", f"{modules.n_modules}", f"at least the {design.n_modules} that a pack takes"
        )
    if len(set(modules.module_ids)) < modules.n_modules:
        raise InputWrong("modules", "a module is there twice", "one row a module")
    if not (np.isfinite(modules.capacity_ah) & (modules.capacity_ah > 0.0)).all():
        raise InputWrong("modules", "a capacity is missing or not above 0", "Ah, above 0")
    return modules
