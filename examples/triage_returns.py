"""Triage a hundred SIMULATED returns and ask why one pack goes where it goes."""

from datetime import date

from batteryloop.circular.triage import explain
from batteryloop.usecases.simulate_returns import simulate_returns
from batteryloop.usecases.triage_returns import TriageOptions, triage_returns
from batteryloop.wiring.chance import seeded

batch = simulate_returns(100, rng=seeded(1))
found = triage_returns(
    batch.returns, batch.facilities, TriageOptions(date(2026, 11, 25), has_tests=False)
)
plan = found.plan

print(f"SIMULATED: worth {plan.solved.value_eur:,.0f} EUR, at most {plan.gap_frac:.3%} short")
print(explain(plan, "SIM-R-00004").sentence)
