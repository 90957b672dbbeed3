"""How a string's numbers are laid out for the compiled loop: modes, rows, rules, tables, steps."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Ints = NDArray[np.int64]

REST, POWER, CHARGE, CURRENT, FAST_CHARGE = 0, 1, 2, 3, 4

# Rows of the cells' parameters, of their state, of the pack's memory and of what is summed up.
CAPACITY_AS, R0_OHM, R1_OHM, R2_OHM, LEAK_S, CONTACT_OHM, SELF_A, COOLING, HEAT_J_PER_K = range(9)
SOC, V1, V2, TEMPERATURE = range(4)
HYSTERESIS, IS_CHARGED = range(2)
SUM_SOC_S, SUM_TEMPERATURE_S, SOC_MIN, SOC_MAX, LEAKED_AS, HEAT_J, SELF_AS, BLED_AS = range(8)
OUT_CURRENT, OUT_SOC, OUT_BALANCING = range(3)

TABLE_PER_DEGC, TABLE_LOW_DEGC = 10.0, -60.0
BEYOND_V_PER_FRAC = 30.0
WARM_EVERY_S = 60.0


class Rules(NamedTuple):
    """What the battery management unit allows, and what all cells share."""

    v_min: float
    v_max: float
    tau1_s: float
    tau2_s: float
    hysteresis_v: float
    hysteresis_as: float
    passive_cooling_s: float
    active_cooling_s: float
    coolant_degc: float
    cool_above_degc: float
    heat_below_degc: float
    cutoff_a: float
    current_max_a: float
    taper_from_frac: float
    balance_a: float
    balance_above_frac: float
    balance_over_v: float


class Tables(NamedTuple):
    """Curves as evenly spaced tables: over state of charge 0 to 1, and over temperature."""

    ocv_v: Floats
    rise: Floats
    resistance: Floats
    self_discharge: Floats


class Steps(NamedTuple):
    """What is asked of the string, one value a step.

    `request` is power [W] in the modes POWER, CHARGE and FAST_CHARGE (positive charges) and
    current [A] in the mode CURRENT. A charge ends at `target_frac`, and so does a discharge in
    the mode POWER. `wobble` is the share of each contact resistance that is there, `is_awake`
    whether the management unit runs.
    """

    dt_s: Floats
    mode: NDArray[np.int8]
    request: Floats
    target_frac: Floats
    ambient_degc: Floats
    wobble: Floats
    is_awake: NDArray[np.bool_]
