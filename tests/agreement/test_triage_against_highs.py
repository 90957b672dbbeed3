"""Small batches get the very plan that HiGHS finds for the same programme, written out anew."""

import highspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.circular.triage.assign import assign
from batteryloop.circular.triage.problem import Lane, Limit, assignment_problem


def by_highs(value, hold, mass, room_kg, places):
    """Return the optimum of the same programme, modelled with highspy's own expressions."""
    model = highspy.Highs()
    model.silent()
    n, n_lanes = value.shape
    x = {
        (i, lane): model.addBinary(obj=float(value[i, lane]))
        for i in range(n)
        for lane in range(n_lanes)
        if np.isfinite(value[i, lane])
    }
    kept = [model.addBinary(obj=float(h)) for h in hold]
    for i in range(n):
        model.addConstr(sum(x[i, k] for k in range(n_lanes) if (i, k) in x) + kept[i] == 1)
    for k, room in enumerate(room_kg):
        uses = [mass[i] * x[i, k] for i in range(n) if (i, k) in x]
        if uses:
            model.addConstr(sum(uses) <= float(room))
    for k, most in enumerate(places):
        uses = [x[i, k] for i in range(n) if (i, k) in x]
        if uses:
            model.addConstr(sum(uses) <= int(most))
    model.setOptionValue("mip_rel_gap", 0.0)
    model.maximize()
    return model.getInfo().objective_function_value


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 18), st.integers(1, 4))
def test_our_plan_is_worth_what_highs_finds(seed, n_packs, n_facilities):
    rng = np.random.default_rng(seed)
    lanes = [Lane("recycle", f"K{k}") for k in range(n_facilities)]
    value = rng.normal(200.0, 150.0, (n_packs, n_facilities))
    value[rng.random(value.shape) < 0.2] = -np.inf
    hold, mass = rng.normal(-50.0, 20.0, n_packs), rng.uniform(100.0, 500.0, n_packs)
    room = mass.sum() / n_facilities * rng.uniform(0.3, 1.1, n_facilities)
    places = rng.integers(1, n_packs + 1, n_facilities)
    limits = [Limit(float(r), "kg", facility=f"K{k}") for k, r in enumerate(room)]
    limits += [Limit(float(p), "packs", facility=f"K{k}") for k, p in enumerate(places)]
    problem = assignment_problem(lanes, ("LFP",), value, hold, mass, np.zeros(n_packs, int), limits)
    found = assign(problem)
    assert found.value_eur == pytest.approx(by_highs(value, hold, mass, room, places), abs=1e-5)
    assert found.bound_eur == pytest.approx(found.value_eur, abs=1e-4)
