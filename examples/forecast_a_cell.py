"""How long does a cell last whose capacity was measured forty times? Its record is made up here."""

import numpy as np

from batteryloop.health.lifetime.capacity_record import CapacityRecord
from batteryloop.health.lifetime.forecast import forecast
from batteryloop.health.lifetime.population import shipped_population
from batteryloop.wiring.chance import seeded

ages_efc = np.linspace(10.0, 400.0, 40)
capacity_ah = 3.0 * (1.0 - 0.004 * np.sqrt(ages_efc) - 1e-7 * ages_efc**2)

ahead = forecast(CapacityRecord(ages_efc, capacity_ah), shipped_population(), seeded(0))
left = ahead.remaining_efc
print(f"{left.value:.0f} full cycles left to 80 %, {left.low:.0f} to {left.high:.0f}")
print(f"by {left.method}; {ahead.population}")
