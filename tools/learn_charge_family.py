"""Write the charge family that ships, from the life tests it was learnt from.

Run `python -m tools.learn_charge_family CS2_35.parquet CS2_36.parquet` from the project's root.
"""

import sys
from pathlib import Path

from benchmarks.partial_charge_accuracy import family_from, life_cycles

from batteryloop.health.charge_curve.family import thinned

TARGET = Path("src/batteryloop/reference/charge_family_curves.csv")
NAME = "CS2-LCO-C2"


def main(paths: list[Path]) -> None:
    """Learn from every cell, thin, write."""
    learnt = family_from([life_cycles(path) for path in paths])
    family = thinned(learnt)
    lines = ["family,soh_frac,position_frac,voltage_v"]
    for soh, row in zip(family.soh_frac, family.voltage_v, strict=True):
        lines += [
            f"{NAME},{soh:.2f},{position:.3f},{voltage:.4f}"
            for position, voltage in zip(family.position_frac, row, strict=True)
        ]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write(
        f"{len(lines) - 1} rows; {learnt.n_cells} cells; polarisation"
        f" {learnt.polarisation_v:.4f} V; {learnt.c_rate_per_h:.3f} per hour\n"
    )


if __name__ == "__main__":
    main([Path(path) for path in sys.argv[1:]])
