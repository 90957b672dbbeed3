"""Packs whose faults are known, for the accuracy of early warning: SIMULATED, one at a time."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from batteryloop.simulation import Horizon, SimulatedPack, simulate_pack
from batteryloop.simulation.faults import FAULT_KINDS, FaultRequest
from batteryloop.simulation.fleet import FleetSpec, fleet_plan
from batteryloop.simulation.types import PackSpec, Sensing

N_DAYS = 90
START = datetime(2025, 3, 1, 4, tzinfo=UTC)
FAULTS = {
    "internal-short": "internal-short",
    "weak-cell": "weak-cell",
    "loose-connection": "loose-connection",
    "voltage-sensor-drift": "voltage-sensor",
    "cooling-loss": "cooling-loss",
    "insulation-loss": "insulation-loss",
    "current-sensor-offset": "current-sensor",
}
_DUTIES = ("private-ev", "city-car", "delivery-truck", "swap-taxi", "city-bus")
_SAMPLING_S = (1.0, 5.0, 10.0, 20.0, 30.0)
_SAMPLING_SHARE = (0.03, 0.12, 0.25, 0.3, 0.3)
_STEPS_V = (0.001, 0.002, 0.005)


@dataclass(frozen=True, slots=True)
class Case:
    """One pack and what is wrong with it; `kind` is the warning's, empty where healthy."""

    pack: SimulatedPack
    kind: str
    strength: float
    cell: int | None
    onset_at: datetime | None

    @property
    def spec(self) -> PackSpec:
        """The pack as it was asked for."""
        return self.pack.spec


def cases(
    seed: int, *, n_healthy: int, n_each: int, only: Container[int] | None = None
) -> Iterator[Case]:
    """Yield packs drawn from `seed`: healthy ones and `n_each` with each kind of fault.

    Faults begin between day 9 and day 45 of 90, with strengths drawn evenly over the logarithm
    between the usual bounds of `simulation.faults.FAULT_KINDS`. A row every 1 to 30 s (heavy
    vehicles from 10 s on), cell voltages in steps of 1, 2 or 5 mV. `only` some of their numbers:
    a pack does not depend on those before it.
    """
    horizon = Horizon(START, N_DAYS)
    assert set(FAULTS) <= set(FAULT_KINDS)
    spec = FleetSpec(
        n_healthy + n_each * len(FAULTS),
        horizon,
        duties=_DUTIES,
        faults=tuple(FaultRequest(kind, n_each) for kind in FAULTS) if n_each else (),
    )
    for number, (pack, rng) in enumerate(fleet_plan(spec, rng=np.random.default_rng(seed))):
        if only is not None and number not in only:
            continue
        draw = np.random.default_rng([seed, number])
        every_s = float(draw.choice(_SAMPLING_S, p=_SAMPLING_SHARE))
        if pack.n_cells_series > 110 or pack.duty == "swap-taxi":
            every_s = max(every_s, 10.0)
        step_v = float(draw.choice(_STEPS_V))
        sensing = Sensing(sampling_s=every_s, cell_voltage_step_v=step_v)
        done = simulate_pack(replace(pack, sensing=sensing), horizon, rng=rng)
        if not pack.faults:
            yield Case(done, "", 0.0, None, None)
            continue
        fault = pack.faults[0]
        yield Case(done, FAULTS[fault.kind], fault.strength, fault.cell, fault.onset_at)
