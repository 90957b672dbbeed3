"""The tables that the decision reads: fates, tests and transport, each row dated and sourced.

The user may hand in rows of the same shape in their place.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from batteryloop.circular.triage.kernels.relaxation import Floats
from batteryloop.errors import InputWrong, NotKnown

FATES = ("reuse", "repair", "remanufacture", "repurpose", "recycle")
TEST_FIRST = "test-first"
HOLD = "hold"
SCENARIOS = ("low", "value", "high")

# What the kernel reads of a fate, in this order; without a row it is the default.
PARAMETERS: dict[str, float] = {
    "price_eur_per_kwh": 0.0,
    "cost_eur_per_pack": 0.0,
    "cost_eur_per_kwh": 0.0,
    "soh_min_frac": 0.0,
    "shortfall_eur_per_kwh": 0.0,
    "worn_out_frac": -1.0,
    "restored_frac": 0.0,
    "soh_target_frac": 0.0,
    "module_eur_per_kwh": 0.0,
    "replaced_most_frac": 0.0,
    "payable_eur_per_kg": 0.0,
    "spread_left_frac": 1.0,
    "unsafe_most_frac": 1.0,
    "detected_frac": 0.0,
    "saved_kgco2e_per_kwh": 0.0,
}
(
    PRICE, COST_PACK, COST_KWH, SOH_MIN, SHORTFALL, WORN_OUT, RESTORED, TARGET, MODULE,
    REPLACED_MOST, PAYABLE, SPREAD_LEFT, UNSAFE_MOST, DETECTED, SAVED,
) = range(len(PARAMETERS))  # fmt: skip
# Where a higher figure is worse, the low scenario takes the high one.
_COSTS = frozenset(
    {"cost_eur_per_pack", "cost_eur_per_kwh", "shortfall_eur_per_kwh", "module_eur_per_kwh"}
)


@dataclass(frozen=True, slots=True)
class FateTable:
    """Parameters by scenario, chemistry and fate.

    Attributes
    ----------
    values : ndarray, shape (3, n_chemistries, 5, n_parameters)
        Scenarios are what is worth least, the usual, and what is worth most.
    hold_eur : ndarray, shape (3,)
        Cost of keeping a pack in store, by scenario [EUR].
    """

    chemistries: tuple[str, ...]
    values: Floats
    hold_eur: Floats


@dataclass(frozen=True, slots=True)
class StateTest:
    """A test that could be made first: how exact it is and what it costs."""

    test: str
    soh_noise_frac: float
    spread_noise_frac: float
    found_frac: float
    false_alarm_frac: float
    cost_eur: float
    duration_h: float
    source: str
    dated: str


def read_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table of this room: `fates`, `tests` or `transport`."""
    text = files("batteryloop.circular.triage").joinpath(f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def fate_table(
    chemistries: Iterable[str], rows: Iterable[Mapping[str, str]] | None = None
) -> FateTable:
    """Return the fates' parameters for the chemistries at hand.

    Parameters
    ----------
    chemistries : iterable of str
        As the rows name them; a chemistry without rows takes those of `*`.
    rows : iterable of mapping, optional
        Rows as `fates.csv` has them, in its place.

    Raises
    ------
    NotKnown
        If a row names no fate or parameter.
    InputWrong
        If a figure is no number, or its low, value and high are out of order.

    Examples
    --------
    >>> table = fate_table(["LFP", "NMC622"])
    >>> [float(v) for v in table.values[1, :, FATES.index("recycle"), PAYABLE]]
    [-1.84, 0.0]
    """
    names = tuple(dict.fromkeys(chemistries))
    given = list(read_rows("fates") if rows is None else rows)
    values = np.tile(np.array(list(PARAMETERS.values())), (3, len(names), len(FATES), 1))
    hold = np.zeros(3)
    place = {parameter: j for j, parameter in enumerate(PARAMETERS)}
    for row in sorted(given, key=lambda row: row["chemistry"] != "*"):
        low, value, high = _figures(row)
        if row["parameter"] in _COSTS:
            low, high = high, low
        if row["fate"] == HOLD:
            hold[:] = (low, value, high)
            continue
        if row["fate"] not in FATES:
            raise NotKnown.among("fate", row["fate"], (*FATES, HOLD))
        if row["parameter"] not in place:
            raise NotKnown.among("parameter", row["parameter"], place)
        kinds = [c for c, name in enumerate(names) if row["chemistry"] in ("*", name)]
        f, j = FATES.index(row["fate"]), place[row["parameter"]]
        values[:, kinds, f, j] = np.array([low, value, high])[:, None]
    return FateTable(names, values, hold)


def _figures(row: Mapping[str, str]) -> tuple[float, float, float]:
    subject = f"{row['fate']} {row['chemistry']} {row['parameter']}"
    try:
        low, value, high = (float(row[name]) for name in SCENARIOS)
    except ValueError as exc:
        raise InputWrong(subject, str(exc), "numbers in low, value and high") from exc
    if not low <= value <= high:
        raise InputWrong(subject, f"{low:g}, {value:g}, {high:g}", "low <= value <= high")
    return low, value, high


def state_tests(rows: Iterable[Mapping[str, str]] | None = None) -> tuple[StateTest, ...]:
    """Return the tests that could be made first; `rows` in place of `tests.csv`.

    Examples
    --------
    >>> [test.test for test in state_tests()][:2]
    ['full-capacity', 'rest-and-leak']
    """
    return tuple(
        StateTest(
            row["test"],
            float(row["soh_noise_frac"]),
            float(row["spread_noise_frac"]),
            float(row["found_frac"]),
            float(row["false_alarm_frac"]),
            float(row["cost_eur"]),
            float(row["duration_h"]),
            row["source"],
            row["dated"],
        )
        for row in (read_rows("tests") if rows is None else rows)
    )


def transport_figures(
    rows: Iterable[Mapping[str, str]] | None = None, *, scenario: str = "value"
) -> dict[str, float]:
    """Return the figures of transport in a scenario; `rows` in place of `transport.csv`."""
    given = read_rows("transport") if rows is None else rows
    return {row["parameter"]: float(row[scenario]) for row in given}
