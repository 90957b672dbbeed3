"""The truth beside the telemetry, as tables; every row says that it is simulated."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from batteryloop.simulation import layout
from batteryloop.simulation.ageing import Ageing
from batteryloop.simulation.faults import Effects, fault_kind
from batteryloop.simulation.string import Made, Run, capacity_now_ah, usable_capacity_ah
from batteryloop.simulation.types import SIMULATED, Fault
from batteryloop.telemetry.frame import TIME

Array = NDArray[np.float64]

PACK_COLUMNS: dict[str, Any] = {
    "battery_id": pl.String,
    "time": TIME,
    "capacity_ah": pl.Float64,
    "soh_frac": pl.Float64,
    "cell_capacity_min_ah": pl.Float64,
    "cell_capacity_mean_ah": pl.Float64,
    "resistance_ohm": pl.Float64,
    "resistance_10s_ohm": pl.Float64,
    "resistance_ratio_frac": pl.Float64,
    "soc_frac": pl.Float64,
    "soc_spread_frac": pl.Float64,
    "capacity_calendar_loss_frac": pl.Float64,
    "capacity_cycle_loss_frac": pl.Float64,
    "age_days": pl.Float64,
    "n_equivalent_cycles": pl.Float64,
    "ageing_factor": pl.Float64,
    "note": pl.String,
}
CELL_COLUMNS: dict[str, Any] = {
    "battery_id": pl.String,
    "time": TIME,
    "cell": pl.Int64,
    "capacity_ah": pl.Float64,
    "soh_frac": pl.Float64,
    "resistance_ohm": pl.Float64,
    "resistance_ratio_frac": pl.Float64,
    "soc_frac": pl.Float64,
    "leak_ohm": pl.Float64,
    "contact_ohm": pl.Float64,
    "note": pl.String,
}
FAULT_COLUMNS: dict[str, Any] = {
    "battery_id": pl.String,
    "kind": pl.String,
    "strength": pl.Float64,
    "unit": pl.String,
    "cell": pl.Int64,
    "onset_at": TIME,
    "note": pl.String,
}


@dataclass(slots=True)
class TruthBook:
    """Collects checkpoints of one pack; `pack_table` and `cell_table` give them as tables."""

    battery_id: str
    made: Made
    ageing_factor: float = 1.0
    rows: list[dict[str, Any]] = field(default_factory=list)
    cells: list[tuple[datetime, dict[str, Array]]] = field(default_factory=list)

    def note(self, at: datetime, ageing: Ageing, effects: Effects, run: Run) -> None:
        """Write down how the pack and each of its cells stand at `at`.

        Resistance is that of the whole circuit for a lasting current: ohmic part, both
        polarisations and contacts, at 25 °C and half charge; `resistance_10s_ohm` is what a
        step of current has met after ten seconds.
        """
        # a copy: the state moves on, and a table may share its memory
        made, soc = self.made, run.state[layout.SOC].copy()
        capacity = capacity_now_ah(made, ageing, effects)
        new_ohm = made.r0_ohm + made.r1_ohm + made.r2_ohm
        ohm = new_ohm * ageing.resistance_ratio_frac * effects.resistance_factor
        usable = usable_capacity_ah(soc, capacity)
        cell = made.parameters
        soon_ohm = (
            made.r0_ohm
            + made.r1_ohm * (1.0 - np.exp(-10.0 / cell.tau1_s))
            + made.r2_ohm * (1.0 - np.exp(-10.0 / cell.tau2_s))
        ) * (ohm / new_ohm)
        self.rows.append(
            {
                "battery_id": self.battery_id,
                "time": at,
                "capacity_ah": usable,
                "soh_frac": usable / made.rated_capacity_ah,
                "cell_capacity_min_ah": float(capacity.min()),
                "cell_capacity_mean_ah": float(capacity.mean()),
                "resistance_ohm": float((ohm + effects.contact_ohm).sum()),
                "resistance_10s_ohm": float((soon_ohm + effects.contact_ohm).sum()),
                "resistance_ratio_frac": float((ohm + effects.contact_ohm).sum() / new_ohm.sum()),
                "soc_frac": float(soc.mean()),
                "soc_spread_frac": float(np.ptp(soc)),
                "capacity_calendar_loss_frac": float(ageing.capacity_calendar_frac.mean()),
                "capacity_cycle_loss_frac": float(ageing.capacity_cycle_frac.mean()),
                "age_days": ageing.age_days,
                "n_equivalent_cycles": ageing.efc,
                "ageing_factor": self.ageing_factor,
                "note": SIMULATED,
            }
        )
        self.cells.append(
            (
                at,
                {
                    "capacity_ah": capacity,
                    "soh_frac": capacity / made.rated_capacity_ah,
                    "resistance_ohm": ohm + effects.contact_ohm,
                    "resistance_ratio_frac": ohm / new_ohm,
                    "soc_frac": soc,
                    "leak_s": effects.leak_s,
                    "contact_ohm": effects.contact_ohm,
                },
            )
        )

    def pack_table(self) -> pl.DataFrame:
        """Return the pack at its checkpoints."""
        return pl.DataFrame(self.rows, schema=PACK_COLUMNS)

    def cell_table(self) -> pl.DataFrame:
        """Return each cell at the checkpoints; `leak_ohm` is null where there is no leak."""
        n_cells, n_times = self.made.n_cells, len(self.cells)
        columns: dict[str, Any] = {
            name: np.concatenate([arrays[name] for _, arrays in self.cells])
            for name in self.cells[0][1]
        }
        columns["cell"] = np.tile(np.arange(n_cells), n_times)
        times = pl.Series([at for at, _ in self.cells], dtype=TIME)
        return pl.DataFrame(columns).select(
            pl.lit(self.battery_id).alias("battery_id"),
            times.gather(np.repeat(np.arange(n_times), n_cells)).alias("time"),
            "cell",
            *list(CELL_COLUMNS)[3:8],
            pl.when(pl.col("leak_s") > 0.0).then(1.0 / pl.col("leak_s")).alias("leak_ohm"),
            "contact_ohm",
            pl.lit(SIMULATED).alias("note"),
        )


def fault_table(battery_id: str, faults: Sequence[Fault]) -> pl.DataFrame:
    """Return the faults of a pack, one a row; no rows where it has none."""
    return pl.DataFrame(
        [
            {
                "battery_id": battery_id,
                "kind": fault.kind,
                "strength": fault.strength,
                "unit": fault_kind(fault.kind).unit,
                "cell": fault.cell,
                "onset_at": fault.onset_at,
                "note": SIMULATED,
            }
            for fault in faults
        ],
        schema=FAULT_COLUMNS,
    )
