"""Evaluate the bundled Leaf cell whole: usage, health, degradation, responsibility, a grade."""

from datetime import UTC, datetime

from batteryloop.evaluation import InvolvedParty, Statement, passport_values
from batteryloop.evaluation.figures import shown
from batteryloop.health.lifetime.population import shipped_population
from batteryloop.record import BatteryIdentity
from batteryloop.record.categories import Application
from batteryloop.samples import sample_paths
from batteryloop.usecases.evaluate_battery import EvaluationOrder, evaluate_batteries
from batteryloop.wiring.chance import seeded
from batteryloop.wiring.sources import read_ocv, telemetry_source

leaf = BatteryIdentity("ORNL-LEAF-2013", chemistry="LMO-NCA", rated_capacity_ah=33.1)
order = EvaluationOrder(
    software="example",
    evaluated_at=datetime(2026, 11, 25, tzinfo=UTC),
    statement=Statement(application=Application.CAR, vehicle_class="M1", country="DE"),
    parties=(InvolvedParty("producer", "Cell Works", "DE"),),
    ocv=read_ocv(*sample_paths("leaf_cell_2013_ocv_25degc")),
)
source = telemetry_source(sample_paths("leaf_cell_2013"))
(report,) = evaluate_batteries(source, leaf, order, shipped_population(), seeded)

print(f"grade {report.grade.words}")
for reason in report.grade.reasons:
    print(f"  {reason}")
for name in ("soh_energy_frac", "soh_frac", "power_soc80_w", "equivalent_full_cycles"):
    print(f"{report.figure(name).kind.title}: {shown(name, report.figure(name).estimate)}")
for verdict in report.verdicts:
    if verdict.decision != "not applicable":
        print(f"{verdict.name} ({verdict.profile}): {verdict.decision}")
print(report.responsibility.take_back)
print(f"for the passport: {passport_values(report)['soce_frac'].method}")
