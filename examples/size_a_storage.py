"""Size a buffer for a fast charger from thirty simulated modules."""

import numpy as np

from batteryloop.circular.repurpose import GradedModule, Site, design_sheet
from batteryloop.usecases.size_second_life import size_second_life
from batteryloop.wiring.chance import seeded


def main():
    rng = seeded(3)
    modules = [
        GradedModule(f"M{k:02d}", "NMC622", 2.2, soh, soh - 0.02, soh + 0.02, 70.0)
        for k, soh in enumerate(np.round(rng.uniform(0.72, 0.86, 30), 3))
    ]
    hours = np.arange(8760)
    price = 0.22 + 0.08 * np.sin((hours % 24 - 13) / 24 * 2 * np.pi)
    charger = np.where(np.isin(hours % 24, (8, 12, 17)), 55.0, 4.0)
    site = Site(price, charger, np.zeros(hours.size), import_max_kw=30.0)
    print("SIMULATED modules, prices and load")
    print(design_sheet(size_second_life("fast-charge-buffer", modules, site, rng).designs))


if __name__ == "__main__":
    main()
