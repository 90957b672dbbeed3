"""Make the tests that a triage asked for, SIMULATED: each reads the truth with its own noise."""

import numpy as np
import polars as pl

from batteryloop.circular.triage import StateTest, TriagePlan, state_tests, updated
from batteryloop.circular.triage.tables import TEST_FIRST

# Two-sided 90 %.
_SDS = 1.6449


def simulate_tests(
    returns: pl.DataFrame,
    truth: pl.DataFrame,
    plan: TriagePlan,
    *,
    rng: np.random.Generator,
    tests: tuple[StateTest, ...] | None = None,
) -> pl.DataFrame:
    """Return the rows of the packs that were to be tested first, with what is believed after it.

    Parameters
    ----------
    returns, truth : polars.DataFrame
        As `simulate_returns` gives them.
    plan : TriagePlan
        Which packs are tested, and how.
    rng : numpy.random.Generator
        The same state reads the same values.
    tests : tuple of StateTest, optional
        In place of those of `tests.csv`.
    """
    packs = plan.judged.packs
    n = packs.n_packs
    true = {row["battery_id"]: row for row in truth.iter_rows(named=True)}
    soh = np.array([true[name]["true_soh_frac"] for name in packs.battery_ids])
    spread = np.array([true[name]["true_spread_frac"] for name in packs.battery_ids])
    is_unsafe = np.array([true[name]["is_truly_unsafe"] for name in packs.battery_ids])
    believed: dict[str, dict[str, float]] = {}
    for test in state_tests() if tests is None else tests:
        alarm = rng.random(n) < np.where(is_unsafe, test.found_frac, test.false_alarm_frac)
        after = updated(
            packs,
            test,
            soh + test.soh_noise_frac * rng.standard_normal(n),
            np.maximum(spread + test.spread_noise_frac * rng.standard_normal(n), 0.0),
            alarm,
        )
        for i in range(n):
            if plan.fate(i) != TEST_FIRST or plan.tests[i] != test.test:
                continue
            mean, wide = float(after.soh_mean_frac[i]), _SDS * float(after.soh_sd_frac[i])
            low = max(float(after.spread_mean_frac[i] - _SDS * after.spread_sd_frac[i]), 0.0)
            middle = max(float(after.spread_mean_frac[i]), 0.0)
            believed[packs.battery_ids[i]] = {
                "soh_frac": mean,
                "soh_low_frac": mean - wide,
                "soh_high_frac": mean + wide,
                "spread_frac": middle,
                "spread_low_frac": low,
                "spread_high_frac": 2.0 * middle - low,
                "unsafe_frac": float(after.unsafe_frac[i]),
            }
    rows = [
        {**row, **believed[str(row["battery_id"])]}
        for row in returns.iter_rows(named=True)
        if str(row["battery_id"]) in believed
    ]
    return pl.DataFrame(rows, schema=returns.schema)
