"""What a pack is worth in each fate, averaged over what its health may be."""

import numpy as np
from numba import njit

from batteryloop.circular.triage.kernels.relaxation import Floats, Integers

# Places in a fate's parameters; `tables.PARAMETERS` has them in this order.
PRICE, COST_PACK, COST_KWH, SOH_MIN, SHORTFALL, WORN_OUT, RESTORED, TARGET, MODULE = range(9)
REPLACED_MOST, PAYABLE, SPREAD_LEFT = 9, 10, 11

# Quantities that a gate may ask for.
SOH, SOH_AFTER, SPREAD_AFTER = range(3)


@njit(cache=True, nogil=True, error_model="numpy")
def worth(
    soh_frac: float, spread_frac: float, energy_kwh: float, mass_kg: float, par: Floats
) -> tuple[float, float, float]:
    """Return a pack's worth in a fate, its health after the deed, and the spread left.

    `soh_frac` is that of the weakest module, which a series string shows; the best lies
    `spread_frac` above. Below the fate's target, modules are replaced from the weakest up, as if
    spread evenly.
    """
    after = soh_frac + par[RESTORED] * spread_frac
    left = (1.0 - par[RESTORED]) * spread_frac * par[SPREAD_LEFT]
    replaced = 0.0
    if par[TARGET] > 0.0 and after < par[TARGET]:
        top = soh_frac + spread_frac
        share = 1.0 if top <= par[TARGET] else (par[TARGET] - soh_frac) / spread_frac
        if share <= par[REPLACED_MOST]:
            replaced = share
            after = par[TARGET]
    cost = par[COST_PACK] + par[COST_KWH] * energy_kwh + replaced * par[MODULE] * energy_kwh
    paid = par[PAYABLE] * mass_kg
    if after < par[SOH_MIN]:
        return paid - par[SHORTFALL] * energy_kwh - cost, after, left
    use = (after - par[WORN_OUT]) / (1.0 - par[WORN_OUT])
    use = min(max(use, 0.0), 1.0)
    return paid + par[PRICE] * energy_kwh * after * use - cost, after, left


@njit(cache=True, nogil=True, error_model="numpy")
def mean_worth(
    soh_mean_frac: float,
    soh_sd_frac: float,
    spread_mean_frac: float,
    spread_sd_frac: float,
    energy_kwh: float,
    mass_kg: float,
    pars: Floats,
    soh_nodes: Floats,
    spread_nodes: Floats,
    gate_fate: Integers,
    gate_quantity: Integers,
    gate_limit: Floats,
    gate_is_least: Integers,
    out_worth: Floats,
    out_met: Floats,
) -> None:
    """Fill the mean worth in each fate and the chance that each gate is met.

    Nodes are quantiles of the standard normal distribution, all of the same weight.
    """
    n_fates, n_gates = pars.shape[0], gate_fate.size
    weight = 1.0 / (soh_nodes.size * spread_nodes.size)
    out_worth[:] = 0.0
    out_met[:] = 0.0
    for z in soh_nodes:
        soh_frac = max(soh_mean_frac + soh_sd_frac * z, 0.0)
        for w in spread_nodes:
            spread_frac = max(spread_mean_frac + spread_sd_frac * w, 0.0)
            for f in range(n_fates):
                v, after, left = worth(soh_frac, spread_frac, energy_kwh, mass_kg, pars[f])
                out_worth[f] += weight * v
                for g in range(n_gates):
                    if gate_fate[g] != f:
                        continue
                    q = gate_quantity[g]
                    x = soh_frac if q == SOH else (after if q == SOH_AFTER else left)
                    is_met = x >= gate_limit[g] if gate_is_least[g] else x <= gate_limit[g]
                    out_met[g] += weight * is_met


@njit(cache=True, nogil=True, error_model="numpy")
def fleet_worth(
    soh_mean: Floats,
    soh_sd: Floats,
    spread_mean: Floats,
    spread_sd: Floats,
    energy: Floats,
    mass: Floats,
    kind: Integers,
    pars: Floats,
    soh_nodes: Floats,
    spread_nodes: Floats,
    gate_fate: Integers,
    gate_quantity: Integers,
    gate_limit: Floats,
    gate_is_least: Integers,
    out_worth: Floats,
    out_met: Floats,
) -> None:
    """Fill `mean_worth` for every pack; `pars` has a chemistry's fates in row `kind`."""
    for i in range(soh_mean.size):
        mean_worth(
            soh_mean[i], soh_sd[i], spread_mean[i], spread_sd[i], energy[i], mass[i],
            pars[kind[i]], soh_nodes, spread_nodes,
            gate_fate, gate_quantity, gate_limit, gate_is_least, out_worth[i], out_met[i],
        )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def _best_allowed(
    means: Floats,
    met: Floats,
    unsafe: float,
    is_open: Integers,
    unsafe_most: Floats,
    detected: Floats,
    gate_fate: Integers,
    gate_confidence: Floats,
    fallback: float,
) -> float:
    best = fallback
    for f in range(means.size):
        is_allowed = is_open[f] and unsafe * (1.0 - detected[f]) <= unsafe_most[f]
        for g in range(gate_fate.size):
            if gate_fate[g] == f and met[g] < gate_confidence[g]:
                is_allowed = False
        if is_allowed:
            best = max(best, means[f])
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def after_test(
    soh_mean: Floats,
    soh_sd: Floats,
    spread_mean: Floats,
    spread_sd: Floats,
    energy: Floats,
    mass: Floats,
    kind: Integers,
    unsafe: Floats,
    is_open: Integers,
    pars: Floats,
    unsafe_most: Floats,
    detected: Floats,
    net_of: Floats,
    fallback: Floats,
    soh_noise_frac: float,
    spread_noise_frac: float,
    found_frac: float,
    false_alarm_frac: float,
    outcome_nodes: Floats,
    few_nodes: Floats,
    soh_nodes: Floats,
    spread_nodes: Floats,
    gate_fate: Integers,
    gate_quantity: Integers,
    gate_limit: Floats,
    gate_is_least: Integers,
    gate_confidence: Floats,
    out_best: Floats,
) -> None:
    """Fill what each pack's best allowed fate is worth on average once the test has spoken.

    Normal beliefs, normal noise: before the test, the mean after it is itself normal. `net_of` is
    taken off the worth of each fate (transport, prices of capacity).
    """
    n_fates = pars.shape[1]
    means, met = np.empty(n_fates), np.empty(gate_fate.size)
    for i in range(soh_mean.size):
        c = kind[i]
        s2, d2 = soh_sd[i] ** 2, spread_sd[i] ** 2
        s_gain = s2 / (s2 + soh_noise_frac**2) if s2 > 0.0 else 0.0
        d_gain = d2 / (d2 + spread_noise_frac**2) if d2 > 0.0 else 0.0
        s_moves, d_moves = soh_sd[i] * np.sqrt(s_gain), spread_sd[i] * np.sqrt(d_gain)
        s_left, d_left = soh_sd[i] * np.sqrt(1.0 - s_gain), spread_sd[i] * np.sqrt(1.0 - d_gain)
        alarm = unsafe[i] * found_frac + (1.0 - unsafe[i]) * false_alarm_frac
        after_alarm = unsafe[i] * found_frac / alarm if alarm > 0.0 else 0.0
        after_quiet = unsafe[i] * (1.0 - found_frac) / (1.0 - alarm) if alarm < 1.0 else 1.0
        total = 0.0
        for z in outcome_nodes:
            for w in few_nodes:
                mean_worth(
                    soh_mean[i] + s_moves * z, s_left, spread_mean[i] + d_moves * w, d_left,
                    energy[i], mass[i], pars[c], soh_nodes, spread_nodes,
                    gate_fate, gate_quantity, gate_limit, gate_is_least, means, met,
                )  # fmt: skip
                for f in range(n_fates):
                    means[f] -= net_of[i, f]
                for chance, p in ((alarm, after_alarm), (1.0 - alarm, after_quiet)):
                    total += chance * _best_allowed(
                        means, met, p, is_open[i], unsafe_most[c], detected[c],
                        gate_fate, gate_confidence, fallback[i],
                    )  # fmt: skip
        out_best[i] = total / (outcome_nodes.size * few_nodes.size)
