"""The rules that a telemetry frame is held against, in the order in which they are asked."""

from batteryloop.telemetry.rules import identities, levels, shape, sign
from batteryloop.telemetry.rules.types import Rule

TYPES_RULE = "column-types"

RULES: tuple[Rule, ...] = (
    Rule(
        "time-falls", "error", "does time go forward within each battery?",
        "sort by battery and time, or mend the clock", shape.time_falls,
    ),
    Rule(
        "battery-scattered", "error", "are each battery's rows together?",
        "sort by battery and time", shape.battery_scattered,
    ),
    Rule(
        "required-missing", "warning", "are battery, time, current and voltage in every row?",
        "nothing, if few: such rows are passed over; else look at the recorder",
        shape.required_missing,
    ),
    Rule(
        "optional-missing", "note", "has every other column a value in every row?",
        "nothing, if the recorder writes it more rarely", shape.optional_missing,
    ),
    Rule(
        "cells-missing", "warning", "has every cell a value in every row?",
        "look for a broken sense wire or a lost message", shape.cells_missing,
    ),
    Rule(
        "gaps", "note", "is the record without gaps?",
        "nothing is summed over them; look for what happened there", shape.gaps,
    ),
    Rule(
        "out-of-range", "error", "can the quantity have this value (`quantities.csv`)?",
        "check the unit, or mark the rows as a fault of the sensor", levels.out_of_range,
    ),
    Rule(
        "cell-voltage-high", "warning", "does every cell stay below its chemistry's limit?",
        "check the chemistry, then the cell", levels.cell_voltage_high,
    ),
    Rule(
        "cell-voltage-low", "warning", "does every cell stay above its chemistry's limit?",
        "check the chemistry, then the cell", levels.cell_voltage_low,
    ),
    Rule(
        "values-frozen", "warning", "do current and voltage move while current flows?",
        "look for a recorder that repeats its last message", levels.values_frozen,
    ),
    Rule(
        "voltage-stuck", "warning", "does voltage move when current changes its sign?",
        "look at the voltage sensor", levels.voltage_stuck,
    ),
    Rule(
        "charge-counters", "warning", "do the counters of charge agree with the current's sum?",
        "check the units of current, time and counters; then the sampling",
        identities.charge_counters,
    ),
    Rule(
        "energy-counters", "warning", "do the counters of energy agree with the power's sum?",
        "check the units of voltage and energy; then the sampling", identities.energy_counters,
    ),
    Rule(
        "power-product", "warning", "is power current times voltage?",
        "check the sign and the unit of power", identities.power_product,
    ),
    Rule(
        "cells-sum", "warning", "is the pack's voltage the sum of its cells'?",
        "check the number of cells in series, then the sense wires", identities.cells_sum,
    ),
    Rule(
        "cells-order", "error", "are lowest, mean and highest cell in this order?",
        "check which column is which", identities.cells_order,
    ),
    Rule(
        "sign-reversed", "error", "does charging raise the voltage?",
        "flip the current's sign in the mapping file", sign.sign_reversed,
    ),
)  # fmt: skip
"""Asked of every frame whose columns have the right types."""
