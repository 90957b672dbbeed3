"""What each pack is worth in each fate, which fates it may have, and what a test would add."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.special import ndtri

from batteryloop.circular.gates import Gate
from batteryloop.circular.triage.kernels.relaxation import Floats, Integers
from batteryloop.circular.triage.kernels.worth import after_test, fleet_worth
from batteryloop.circular.triage.packs import Booleans, ReturnedPacks
from batteryloop.circular.triage.tables import (
    DETECTED,
    FATES,
    SAVED,
    UNSAFE_MOST,
    FateTable,
    StateTest,
)
from batteryloop.errors import NotKnown

# Quantities of gates that follow from health, in the kernel's order.
_NUMERIC = ("soh_frac", "soh_after_frac", "spread_after_frac")
USUAL = 1
_N_SOH_NODES, _N_SPREAD_NODES = 21, 5
_N_OUTCOMES, _N_FEW = 9, 3


@dataclass(frozen=True, slots=True)
class Judged:
    """Packs by fates.

    Attributes
    ----------
    worth_eur : ndarray, shape (3, n_packs, n_fates)
        Mean worth before transport, by scenario of prices [EUR].
    is_allowed : ndarray of bool, shape (n_packs, n_fates)
        Safe enough and through every gate.
    residual_unsafe_frac : ndarray, shape (n_packs, n_fates)
        Chance that a defect is still hidden after the deed [1].
    met_frac : ndarray, shape (n_packs, n_gates)
        Chance that each gate is met [1].
    saved_kgco2e : ndarray, shape (n_packs, n_fates)
        Emissions that the fate saves [kg CO2e].
    """

    packs: ReturnedPacks
    table: FateTable
    gates: tuple[Gate, ...]
    worth_eur: Floats
    is_allowed: Booleans
    residual_unsafe_frac: Floats
    met_frac: Floats
    saved_kgco2e: Floats


def quantile_nodes(n: int) -> Floats:
    """Return `n` middle quantiles of the standard normal distribution.

    Examples
    --------
    >>> [round(float(z), 3) for z in quantile_nodes(3)]
    [-0.967, 0.0, 0.967]
    """
    return np.asarray(ndtri((np.arange(n) + 0.5) / n), dtype=np.float64)


def _gate_arrays(gates: Sequence[Gate]) -> tuple[Integers, Integers, Floats, Integers, Floats]:
    numeric = [gate for gate in gates if gate.quantity in _NUMERIC]
    return (
        np.array([FATES.index(gate.fate) for gate in numeric], dtype=np.int64),
        np.array([_NUMERIC.index(gate.quantity) for gate in numeric], dtype=np.int64),
        np.array([gate.limit for gate in numeric], dtype=np.float64),
        np.array([gate.rule == "at-least" for gate in numeric], dtype=np.int64),
        np.array([gate.confidence_frac for gate in numeric], dtype=np.float64),
    )


def judge(
    packs: ReturnedPacks, table: FateTable, gates: Sequence[Gate], *, n_threads: int = 2
) -> Judged:
    """Return what each pack is worth in each fate and which it may have.

    Raises
    ------
    NotKnown
        If a gate asks for a quantity or a fate that is not known.
    """
    flags = {
        "is_before_expiry": packs.is_before_expiry,
        "is_same_purpose": packs.is_same_purpose,
    }
    for gate in gates:
        if gate.quantity not in (*_NUMERIC, *flags):
            raise NotKnown.among("quantity of a gate", gate.quantity, (*_NUMERIC, *flags))
        if gate.fate not in FATES:
            raise NotKnown.among("fate", gate.fate, FATES)
    n = packs.n_packs
    numeric: tuple[Any, ...] = _gate_arrays(gates)
    kind = _kind_in(packs, table)
    worth = np.empty((len(table.values), n, len(FATES)))
    met = np.empty((n, numeric[0].size))
    nodes: tuple[Any, ...] = (quantile_nodes(_N_SOH_NODES), quantile_nodes(_N_SPREAD_NODES))
    state = _state(packs)

    def part(bounds: tuple[int, int]) -> None:
        cut = slice(*bounds)
        for scenario in range(len(table.values)):
            fleet_worth(*_all(
                *(array[cut] for array in state), kind[cut], table.values[scenario],
                *nodes, *numeric[:4], worth[scenario, cut], met[cut],
            ))  # fmt: skip
        # Whether a gate is met goes by the usual figures.
        fleet_worth(*_all(
            *(array[cut] for array in state), kind[cut], table.values[USUAL],
            *nodes, *numeric[:4], worth[USUAL, cut], met[cut],
        ))  # fmt: skip

    _in_parts(part, n, n_threads)
    usual = table.values[USUAL][kind]
    residual = packs.unsafe_frac[:, None] * (1.0 - usual[:, :, DETECTED])
    is_allowed = residual <= usual[:, :, UNSAFE_MOST]
    met_frac = np.ones((n, len(gates)))
    column = 0
    for g, gate in enumerate(gates):
        f = FATES.index(gate.fate)
        if gate.quantity in flags:
            met_frac[:, g] = flags[gate.quantity]
        else:
            met_frac[:, g] = met[:, column]
            column += 1
        is_allowed[:, f] &= met_frac[:, g] >= gate.confidence_frac - 1e-12
    saved = usual[:, :, SAVED] * packs.energy_kwh[:, None]
    return Judged(packs, table, tuple(gates), worth, is_allowed, residual, met_frac, saved)


def worth_after_test(
    judged: Judged,
    test: StateTest,
    *,
    net_of_eur: Floats,
    hold_eur: Floats,
    n_threads: int = 2,
) -> Floats:
    """Return the mean worth of each pack's best allowed fate once a test has spoken [EUR].

    The test's own cost is not taken off.

    Parameters
    ----------
    judged : Judged
        From `judge`.
    test : StateTest
        The test.
    net_of_eur : ndarray, shape (n_packs, n_fates)
        What each fate costs beside: transport, prices of capacity [EUR]; infinity where it is
        offered nowhere.
    hold_eur : ndarray, shape (n_packs,)
        What it is worth where no fate is allowed [EUR].
    n_threads : int, optional
        Threads that share the packs.
    """
    packs, table = judged.packs, judged.table
    numeric: tuple[Any, ...] = _gate_arrays(judged.gates)
    kind = _kind_in(packs, table)
    # A fate that a yes-or-no gate closes stays closed whatever the test says.
    is_open = np.isfinite(net_of_eur)
    for g, gate in enumerate(judged.gates):
        if gate.quantity not in _NUMERIC:
            is_open[:, FATES.index(gate.fate)] &= judged.met_frac[:, g] > 0.5
    usual = table.values[USUAL]
    best = np.empty(packs.n_packs)
    cost = np.where(is_open, net_of_eur, 0.0)
    opened = is_open.astype(np.int64)
    state = _state(packs)

    def part(bounds: tuple[int, int]) -> None:
        cut = slice(*bounds)
        after_test(*_all(
            *(array[cut] for array in state), kind[cut], packs.unsafe_frac[cut], opened[cut],
            usual, np.ascontiguousarray(usual[:, :, UNSAFE_MOST]),
            np.ascontiguousarray(usual[:, :, DETECTED]), cost[cut], hold_eur[cut],
            test.soh_noise_frac, test.spread_noise_frac, test.found_frac, test.false_alarm_frac,
            quantile_nodes(_N_OUTCOMES), quantile_nodes(_N_FEW), quantile_nodes(_N_OUTCOMES),
            quantile_nodes(_N_FEW), *numeric, best[cut],
        ))  # fmt: skip

    _in_parts(part, packs.n_packs, n_threads)
    return best


def updated(
    packs: ReturnedPacks, test: StateTest, soh_read: Floats, spread_read: Floats, alarm: Booleans
) -> ReturnedPacks:
    """Return what is believed of packs after a test has read its values.

    Parameters
    ----------
    packs : ReturnedPacks
        Before the test.
    test : StateTest
        The test.
    soh_read, spread_read : ndarray, shape (n_packs,)
        What it read [1].
    alarm : ndarray of bool, shape (n_packs,)
        Whether it found a sign of a defect.
    """
    s_gain = packs.soh_sd_frac**2 / (packs.soh_sd_frac**2 + test.soh_noise_frac**2)
    d_gain = packs.spread_sd_frac**2 / (packs.spread_sd_frac**2 + test.spread_noise_frac**2)
    p = packs.unsafe_frac
    if_unsafe = np.where(alarm, test.found_frac, 1.0 - test.found_frac)
    if_safe = np.where(alarm, test.false_alarm_frac, 1.0 - test.false_alarm_frac)
    after = p * if_unsafe / np.maximum(p * if_unsafe + (1.0 - p) * if_safe, 1e-300)
    return replace(
        packs,
        soh_mean_frac=packs.soh_mean_frac + s_gain * (soh_read - packs.soh_mean_frac),
        soh_sd_frac=packs.soh_sd_frac * np.sqrt(1.0 - s_gain),
        spread_mean_frac=packs.spread_mean_frac + d_gain * (spread_read - packs.spread_mean_frac),
        spread_sd_frac=packs.spread_sd_frac * np.sqrt(1.0 - d_gain),
        unsafe_frac=after,
    )


def _state(packs: ReturnedPacks) -> tuple[Any, ...]:
    return (
        packs.soh_mean_frac,
        packs.soh_sd_frac,
        packs.spread_mean_frac,
        packs.spread_sd_frac,
        packs.energy_kwh,
        packs.mass_kg,
    )


def _all(*parts: object) -> tuple[Any, ...]:
    """Return the arguments as they are: mypy cannot count those of a compiled function."""
    return parts


def _kind_in(packs: ReturnedPacks, table: FateTable) -> Integers:
    """Return the place of each pack's chemistry in the table of fates."""
    places = [table.chemistries.index(name) for name in packs.chemistries]
    return np.array(places, dtype=np.int64)[packs.kind] if places else packs.kind


def _in_parts(part: Callable[[tuple[int, int]], None], n: int, n_threads: int) -> None:
    edges = np.linspace(0, n, 4 * n_threads + 1).astype(int)
    bounds = [(int(a), int(b)) for a, b in pairwise(edges) if b > a]
    with ThreadPoolExecutor(n_threads) as run:
        list(run.map(part, bounds))
