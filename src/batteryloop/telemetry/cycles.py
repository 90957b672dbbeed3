"""Cycles: one row for each cycle of each battery, with what it gave, took and lost."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl

from batteryloop.telemetry.blocks import Array, Block, blocks, measured
from batteryloop.telemetry.counting import count_cycles, counted_here
from batteryloop.telemetry.frame import (
    COUNTERS,
    TIME,
    highest_temperature,
    mean_temperature,
    pack_voltage,
)
from batteryloop.telemetry.parts import Part, gathered
from batteryloop.telemetry.scale import current_scale_a, gap_limit_us, rest_limit_a

__all__ = ["SCHEMA", "count_cycles", "cycles", "end_of_life"]

COUNTER_METHOD = "tester's counter v1"
INTEGRAL_METHOD = "integral v1"
_FIRST_CYCLES = 5
_STEP_FRAC = 0.25
_STEP_MAX_S = 60.0
_SMOOTH_CYCLES = 5

SCHEMA: dict[str, pl.DataType] = {
    "battery_id": pl.String(),
    "cycle_count": pl.Int64(),
    "start_at": TIME,
    "end_at": TIME,
    "duration_s": pl.Float64(),
    "n_rows": pl.Int64(),
    "n_gaps": pl.Int64(),
    "charge_capacity_ah": pl.Float64(),
    "discharge_capacity_ah": pl.Float64(),
    "charge_energy_wh": pl.Float64(),
    "discharge_energy_wh": pl.Float64(),
    "coulombic_efficiency_frac": pl.Float64(),
    "energy_efficiency_frac": pl.Float64(),
    "capacity_method": pl.String(),
    "energy_method": pl.String(),
    "resistance_ohm": pl.Float64(),
    "resistance_step_s": pl.Float64(),
    "n_steps": pl.Int64(),
    "voltage_end_of_charge_v": pl.Float64(),
    "voltage_end_of_discharge_v": pl.Float64(),
    "temperature_mean_degc": pl.Float64(),
    "temperature_max_degc": pl.Float64(),
    "charge_c_rate_per_h": pl.Float64(),
    "discharge_c_rate_per_h": pl.Float64(),
    "row_first": pl.Int64(),
    "row_last": pl.Int64(),
}


def cycles(
    frame: pl.DataFrame | pl.LazyFrame,
    *,
    n_cells_series: int = 1,
    prefer: Literal["counter", "integral"] = "counter",
    rated_capacity_ah: float | None = None,
    end_voltage_v: float | None = None,
    gap_s: float | None = None,
) -> pl.DataFrame:
    """Return the battery's cycles, one row each: capacity, energy, efficiency, resistance.

    Parameters
    ----------
    frame : polars.DataFrame or LazyFrame
        A telemetry frame, sorted by battery and time. A lazy one is streamed. A `cycle_count` or
        a counter that restarts is taken to go on; a battery whose cycles are not counted gets
        those of `count_cycles`.
    n_cells_series : int, default 1
        Cells in series, where the frame carries only cell voltages.
    prefer : {"counter", "integral"}
        Where charge and energy come from if the tester counted them.
    rated_capacity_ah : float, optional
        What a C-rate of 1 and a current step are measured by. By default the battery's largest
        discharge among its first five cycles, and its usual largest current. [Ah]
    end_voltage_v : float, optional
        The battery's voltage down to which a discharge counts, whatever came below it; charge and
        energy are then integrated. By default all of it counts. [V]
    gap_s : float, optional
        Nothing is integrated where samples are further apart. By default 20 times the usual
        step, never under 300 s. [s]

    Returns
    -------
    polars.DataFrame
        Sorted by battery and cycle. Capacities and energies are positive. The method columns say
        whether the tester's counter or the integral (half of each interval to the samples on
        either side) was used. `resistance_ohm` is the median over the cycle's `n_steps` current
        steps of more than a quarter of the rate, within two samples and 60 s;
        `resistance_step_s` is how long those steps took. Unknown is null.

    Raises
    ------
    ColumnMissing
        If the frame carries no voltage.
    InputWrong
        If a battery's rows are not together.

    Examples
    --------
    >>> from datetime import datetime, timedelta, UTC
    >>> start = datetime(2026, 1, 1, tzinfo=UTC)
    >>> frame = pl.DataFrame({
    ...     "battery_id": "B1", "time": [start + timedelta(minutes=m) for m in range(0, 50, 10)],
    ...     "current_a": [6.0, 6.0, 6.0, -6.0, -6.0], "voltage_v": [3.9, 4.0, 4.1, 4.0, 3.9],
    ...     "cycle_count": 1})
    >>> cycles(frame, gap_s=3600).select("charge_capacity_ah", "discharge_capacity_ah").rows()
    [(2.5, 1.5)]

    Notes
    -----
    `coulombic_efficiency_frac` is charge out over charge in of the same cycle, which presumes
    that the cycle begins with the charge and comes back to where it began.
    """
    has = set(frame.collect_schema().names())
    uses_count = {"soc_frac"} if "cycle_count" in has else set()
    columns = {
        "current_a": pl.col("current_a"),
        "voltage_v": pack_voltage(frame, n_cells_series=n_cells_series),
        "cycle_count": pl.col("cycle_count") if "cycle_count" in has else None,
        "step_index": pl.col("step_index") if "step_index" in has else None,
        "soc_frac": pl.col("soc_frac") if "soc_frac" in has - uses_count else None,
        "temperature_degc": mean_temperature(frame),
        "temperature_max_degc": highest_temperature(frame),
        **{name: pl.col(name) if name in has else None for name in COUNTERS},
    }
    if end_voltage_v is not None:
        prefer = "integral"
    parts = [
        _of_battery(block, rated_capacity_ah, end_voltage_v, gap_s)
        for block in blocks(frame, columns)
    ]
    if not parts:
        return pl.DataFrame(schema=SCHEMA)
    table = _with_resistance(gathered([part for part, _ in parts]), parts)
    return _finished(table, prefer, rated_capacity_ah)


def _of_battery(
    block: Block,
    rated_capacity_ah: float | None,
    end_voltage_v: float | None,
    gap_s: float | None,
) -> tuple[Part, pl.DataFrame]:
    """Return the cycles, and the resistance of each step with the place of its cycle."""
    from batteryloop.telemetry.kernels.counter import numbered  # numba is slow to import
    from batteryloop.telemetry.kernels.cycle import cycles_of
    from batteryloop.telemetry.kernels.steps import steps_of

    block = measured(block, "voltage_v", "temperature_degc")
    column = block.columns
    current_a = column["current_a"]
    scale_a = current_scale_a(current_a)
    gap_us = gap_limit_us(block.time_us) if gap_s is None else int(gap_s * 1e6)
    if _is_counted(column["cycle_count"]):
        numbers, _, _ = numbered(
            column["cycle_count"],
            block.time_us,
            column["step_index"],
            column["charge_capacity_ah"],
            column["discharge_capacity_ah"],
            gap_us,
        )
    else:
        numbers = counted_here(block, gap_us)
    records = cycles_of(
        block.time_us,
        current_a,
        column["voltage_v"],
        numbers,
        column["step_index"],
        (
            column["charge_capacity_ah"],
            column["discharge_capacity_ah"],
            column["charge_energy_wh"],
            column["discharge_energy_wh"],
        ),
        column["temperature_degc"],
        column["temperature_max_degc"],
        rest_limit_a(current_a, scale_a),
        -np.inf if end_voltage_v is None else end_voltage_v,
        gap_us,
    )
    step_a = _STEP_FRAC * (scale_a if rated_capacity_ah is None else rated_capacity_ah)
    steps = steps_of(block.time_us, current_a, column["voltage_v"], step_a, int(_STEP_MAX_S * 1e6))
    own = np.searchsorted(records["row_last"], steps["row_last"])
    ohms = pl.DataFrame(
        {"cycle": own, "ohm": steps["change_v"] / steps["change_a"], "step_s": steps["step_s"]}
    )
    return Part.of(block, records), ohms


def _is_counted(numbers: Array) -> bool:
    """Whether the tester counted: some number, and not 0 throughout."""
    return bool((numbers > 0).any())


def _ratio(over: str, under: str) -> pl.Expr:
    is_known = (pl.col(over) > 0) & (pl.col(under) > 0)
    return pl.when(is_known).then(pl.col(over) / pl.col(under))


def _is_counted_all(what: str) -> pl.Expr:
    """Whether the tester counted whatever flowed: of one battery, over all its cycles."""
    unit, flow = ("ah", "as") if what == "capacity" else ("wh", "j")
    sums = [
        (pl.col(f"counted_{way}_{unit}").sum() > 0, pl.col(f"{way}_{flow}").sum() > 0)
        for way in ("charge", "discharge")
    ]
    is_any = sums[0][0] | sums[1][0]
    return (is_any & pl.all_horizontal(has | ~flows for has, flows in sums)).over("battery_id")


def _chosen(prefer: str) -> list[pl.Expr]:
    """Return capacities and energies with their methods: counted where it can be, else summed."""
    out: list[pl.Expr] = []
    for what, unit, flow in (("capacity", "ah", "as"), ("energy", "wh", "j")):
        is_counted = _is_counted_all(what) if prefer == "counter" else pl.lit(value=False)
        out += [
            pl.when(is_counted)
            .then(f"counted_{way}_{unit}")
            .otherwise(pl.col(f"{way}_{flow}") / 3600)
            .alias(f"{way}_{what}_{unit}")
            for way in ("charge", "discharge")
        ]
        method = pl.when(is_counted).then(pl.lit(COUNTER_METHOD)).otherwise(pl.lit(INTEGRAL_METHOD))
        out.append(method.alias(f"{what}_method"))
    return out


def _with_resistance(
    table: pl.DataFrame, parts: Sequence[tuple[Part, pl.DataFrame]]
) -> pl.DataFrame:
    """Return the cycles with the median of their steps' resistances."""
    first = 0
    shifted = []
    for part, ohms in parts:
        shifted.append(ohms.with_columns(pl.col("cycle") + first))
        first += part.records.size
    medians = (
        pl.concat(shifted)
        .group_by("cycle")
        .agg(
            pl.len().cast(pl.Int64).alias("n_steps"),
            pl.col("ohm").median().alias("resistance_ohm"),
            pl.col("step_s").median().alias("resistance_step_s"),
        )
    )
    return (
        table.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("cycle"))
        .join(medians, on="cycle", how="left", maintain_order="left")
        .with_columns(pl.col("n_steps").fill_null(0))
    )


def _finished(table: pl.DataFrame, prefer: str, rated_capacity_ah: float | None) -> pl.DataFrame:
    capacity = (
        pl.col("discharge_capacity_ah").head(_FIRST_CYCLES).max().over("battery_id")
        if rated_capacity_ah is None
        else pl.lit(rated_capacity_ah)
    )
    per_ah = pl.when(capacity > 0).then(1 / capacity)
    return (
        table.with_columns(_chosen(prefer))
        .with_columns(
            coulombic_efficiency_frac=_ratio("discharge_capacity_ah", "charge_capacity_ah"),
            energy_efficiency_frac=_ratio("discharge_energy_wh", "charge_energy_wh"),
            temperature_mean_degc=pl.col("temperature_sum") / pl.col("temperature_span"),
            charge_c_rate_per_h=_ratio("charge_as", "charge_s") * per_ah,
            discharge_c_rate_per_h=_ratio("discharge_as", "discharge_s") * per_ah,
        )
        .select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items())
        .with_columns(pl.selectors.float().fill_nan(None))
    )


def end_of_life(cycles: pl.DataFrame, *, threshold_frac: float = 0.7) -> pl.DataFrame:
    """Return for each battery the cycle at which its discharge capacity has fallen too low.

    Parameters
    ----------
    cycles : polars.DataFrame
        As `cycles` returns it.
    threshold_frac : float, default 0.7
        Of the first full cycle's discharge capacity, in (0, 1].

    Returns
    -------
    polars.DataFrame
        One row a battery: `battery_id`, `first_capacity_ah`, `end_of_life_cycle`, `end_of_life_at`;
        the last two null where the end has not come.
    """
    rows = []
    for (battery_id,), table in cycles.group_by("battery_id", maintain_order=True):
        full = table.filter(pl.col("discharge_capacity_ah") > 0)
        smooth = full["discharge_capacity_ah"].rolling_median(
            _SMOOTH_CYCLES, min_samples=1, center=True
        )
        first = float(smooth[0]) if len(smooth) else 0.0
        below = (
            (smooth < threshold_frac * first).arg_true()
            if first
            else pl.Series([], dtype=pl.UInt32)
        )
        at = int(below[0]) if len(below) else None
        rows.append(
            (
                battery_id,
                first,
                None if at is None else full["cycle_count"][at],
                None if at is None else full["start_at"][at],
            )
        )
    return pl.DataFrame(
        rows,
        schema={
            "battery_id": pl.String(),
            "first_capacity_ah": pl.Float64(),
            "end_of_life_cycle": pl.Int64(),
            "end_of_life_at": TIME,
        },
        orient="row",
    )
