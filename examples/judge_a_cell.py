"""Judge the bundled Leaf cell from Python: how much charge it gives, and how sure that is."""

from batteryloop.health import evaluate
from batteryloop.record import BatteryIdentity
from batteryloop.samples import sample

leaf = BatteryIdentity("ORNL-LEAF-2013", chemistry="LMO-NCA", rated_capacity_ah=33.1)
report = evaluate(sample("leaf_cell_2013"), leaf)
soh = report.soh_frac

print(f"{soh.value:.1%} of rated, {soh.low:.1%} to {soh.high:.1%} with 90 % confidence")
print(f"by {soh.method}, from {soh.n_rows} rows")
