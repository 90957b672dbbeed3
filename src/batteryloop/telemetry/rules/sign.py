"""The rule of the sign: charging raises the voltage."""

from collections.abc import Iterator

import polars as pl

from batteryloop.telemetry.rules.types import GAP_S, IS_NEXT, SCALE_A, STEP_S, Checked, Mark
from batteryloop.telemetry.types import Finding

_STEP_FRAC = 0.1
_MIN_STEPS = 5
_WRONG_FRAC = 0.8


def sign_reversed(checked: Checked) -> Iterator[Mark | Finding]:
    """Find voltage falling where current rises: positive current seems to discharge.

    Looks at steps of the current of more than a tenth of its scale; where there are fewer than
    five, at the change of voltage while current flows.
    """
    voltage = checked.voltage
    if voltage is None:
        return
    current = pl.col("current_a")
    change_a, change_v = current.diff(), voltage.diff()
    is_near = IS_NEXT & (STEP_S >= 0) & (STEP_S <= GAP_S) & (change_v != 0) & change_v.is_not_nan()
    is_step = is_near & (change_a.abs() > _STEP_FRAC * SCALE_A)
    is_flow = is_near & ~is_step & (current.abs() > _STEP_FRAC * SCALE_A)
    totals = (
        checked.frame.lazy()
        .select(
            "battery_id",
            is_step=is_step.fill_null(False),
            is_wrong=is_step.fill_null(False) & (change_a * change_v < 0),
            risen_v=pl.when(is_flow.fill_null(False)).then(change_v * current.sign()),
        )
        .group_by("battery_id", maintain_order=True)
        .agg(
            pl.col("is_step").sum().alias("steps"),
            pl.col("is_wrong").sum().alias("wrong"),
            pl.col("risen_v").sum(),
            pl.col("risen_v").abs().sum().alias("moved_v"),
        )
        .collect()
    )
    for row in totals.iter_rows(named=True):
        if row["steps"] >= _MIN_STEPS:
            if row["wrong"] >= _WRONG_FRAC * row["steps"]:
                said = f"voltage moves against current at {row['wrong']} of {row['steps']} steps"
                yield Finding("", "note", str(row["battery_id"]), said, "", n_rows=row["wrong"])
        elif row["risen_v"] < -_WRONG_FRAC * row["moved_v"] < 0:
            said = f"voltage moves {-row['risen_v']:.3g} V against the current that flows"
            yield Finding("", "note", str(row["battery_id"]), said, "")
