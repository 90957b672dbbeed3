"""Match sixteen modules of four old packs into two new ones, by capacity and resistance."""

from datetime import date

import polars as pl

from batteryloop.circular.remanufacture import PackDesign
from batteryloop.usecases.match_modules import match_modules
from batteryloop.wiring.chance import seeded

rng = seeded(4)
modules = pl.DataFrame(
    {
        "module_id": [f"M{i:02d}" for i in range(16)],
        "pack_id": [f"OLD-{i % 4}" for i in range(16)],
        "capacity_ah": 93.0 + rng.normal(0.0, 1.5, 16),
        "resistance_ohm": 0.011 + rng.normal(0.0, 0.0008, 16),
    }
)
found = match_modules(modules, PackDesign(8, 1, 100.0), on=date(2026, 11, 25), rng=rng)
for pack in found.matching.packs:
    print(f"{pack.pack_id}: {pack.capacity_ah:.1f} Ah from {', '.join(pack.origins)}")
    print("  remanufactured" if not pack.gate else f"  not remanufactured: {pack.gate[0]}")
