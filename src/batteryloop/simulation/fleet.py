"""Many packs: drawn from a mixture of duties, chemistries and climates, some of them faulty."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np

from batteryloop.errors import OptionWrong
from batteryloop.reference.ageing import ageing_chemistries
from batteryloop.reference.chemistries import chemistry
from batteryloop.reference.ocv import ocv_chemistries
from batteryloop.simulation.climate import climate
from batteryloop.simulation.duties import duties, duty
from batteryloop.simulation.faults import FaultRequest, draw_fault
from batteryloop.simulation.pack import simulate_pack
from batteryloop.simulation.types import ID_PREFIX, Fault, Horizon, PackSpec, Sensing, SimulatedPack


@dataclass(frozen=True, slots=True)
class FleetSpec:
    """A fleet to simulate. Empty tuples mean: the usual mixture.

    `soh_low_frac` to `soh_high_frac` is the health at which the packs begin, drawn evenly.
    """

    n_packs: int
    horizon: Horizon
    duties: tuple[str, ...] = ()
    chemistries: tuple[str, ...] = ()
    climates: tuple[str, ...] = ()
    faults: tuple[FaultRequest, ...] = ()
    soh_low_frac: float = 0.65
    soh_high_frac: float = 1.0
    sensing: Sensing = field(default_factory=Sensing)

    def __post_init__(self) -> None:
        if self.n_packs < 1:
            raise OptionWrong("packs", f"{self.n_packs}", "at least 1")
        if not 0.3 <= self.soh_low_frac <= self.soh_high_frac <= 1.1:
            raise OptionWrong(
                "health at the start",
                f"{self.soh_low_frac} to {self.soh_high_frac}",
                "0.3 to 1.1, low to high",
            )


def simulated_chemistries() -> tuple[str, ...]:
    """Return the chemistries that can be simulated: those with a curve and a law of ageing.

    Examples
    --------
    >>> "LFP" in simulated_chemistries()
    True
    """
    return tuple(name for name in ocv_chemistries() if name in ageing_chemistries())


def fleet_plan(
    spec: FleetSpec, *, rng: np.random.Generator
) -> list[tuple[PackSpec, np.random.Generator]]:
    """Draw every pack of a fleet, each with a generator of its own.

    The plan is cheap and always the same for the same generator, so that many processes can
    each make it and simulate a part: the packs do not depend on who simulates them.

    Raises
    ------
    NotKnown
        If a duty, chemistry or climate is not known.
    """
    plan_rng, *pack_rngs = rng.spawn(spec.n_packs + 1)
    names = [duty(name).name for name in spec.duties] or list(duties())
    weights = np.array([duties()[name].weight for name in names])
    weights = weights / weights.sum()
    wanted = tuple(chemistry(name).name for name in spec.chemistries)
    places = tuple(climate(name).name for name in spec.climates)
    whose = _who_gets(spec, plan_rng)
    first = spec.horizon.start_at + timedelta(days=0.1 * spec.horizon.n_days)
    last = spec.horizon.start_at + timedelta(days=0.5 * spec.horizon.n_days)
    plan = []
    for number, pack_rng in enumerate(pack_rngs):
        kind = duties()[names[int(plan_rng.choice(len(names), p=weights))]]
        material = _one_of(wanted or kind.chemistries, plan_rng)
        place = _one_of(places or kind.climates, plan_rng)
        begins = float(plan_rng.uniform(spec.soh_low_frac, spec.soh_high_frac))
        faults: list[Fault] = [
            draw_fault(request, kind.n_cells_series, first, last, plan_rng)
            for request, numbers in zip(spec.faults, whose, strict=True)
            if number in numbers
        ]
        pack = PackSpec(
            battery_id=f"{ID_PREFIX}{number + 1:05d}",
            chemistry=material,
            duty=kind.name,
            climate=place,
            n_cells_series=kind.n_cells_series,
            rated_capacity_ah=kind.rated_capacity_ah,
            soh_start_frac=begins,
            faults=tuple(faults),
            sensing=spec.sensing,
        )
        plan.append((pack, pack_rng))
    return plan


def fleet(
    spec: FleetSpec, *, rng: np.random.Generator, only: Sequence[int] | None = None
) -> Iterator[SimulatedPack]:
    """Simulate a fleet, pack by pack.

    Parameters
    ----------
    spec : FleetSpec
        How many packs, how long, with which faults.
    rng : numpy.random.Generator
        All chance of the fleet.
    only : sequence of int, optional
        Numbers (from 0) of the packs to simulate, for one of several processes.

    Yields
    ------
    SimulatedPack
        One pack after the other, in order of their numbers.
    """
    plan = fleet_plan(spec, rng=rng)
    for number in range(len(plan)) if only is None else only:
        pack, pack_rng = plan[number]
        yield simulate_pack(pack, spec.horizon, rng=pack_rng)


def _one_of(names: Sequence[str], rng: np.random.Generator) -> str:
    return names[int(rng.integers(len(names)))]


def _who_gets(spec: FleetSpec, rng: np.random.Generator) -> list[frozenset[int]]:
    """Return for each requested fault the packs that get it; healthy packs are used up first."""
    taken: list[int] = []
    whose = []
    for request in spec.faults:
        order = [int(n) for n in rng.permutation(spec.n_packs)]
        order.sort(key=lambda number: number in taken)
        chosen = order[: request.n_of(spec.n_packs)]
        taken.extend(chosen)
        whose.append(frozenset(chosen))
    return whose
