"""Rules of algebra: columns that say the same thing twice must agree."""

from collections.abc import Iterator

import polars as pl

from batteryloop.telemetry.rules.types import GAP_S, STEP_S, Checked, Mark
from batteryloop.telemetry.types import Finding

_SUM_FRAC, _SUM_V = 0.01, 0.1
_POWER_FRAC, _POWER_SCALE_FRAC = 0.05, 0.01
_ORDER_V = 0.005
_COUNTER_FRAC = 0.02


def charge_counters(checked: Checked) -> Iterator[Mark | Finding]:
    """Hold the counters of charge against the integral of the current."""
    current = pl.col("current_a")
    pairs = (
        ("charge_capacity_ah", pl.max_horizontal(current, 0.0)),
        ("discharge_capacity_ah", pl.max_horizontal(-current, 0.0)),
    )
    yield from _against_counters(checked, pairs, "the integral of current_a", "Ah")


def energy_counters(checked: Checked) -> Iterator[Mark | Finding]:
    """Hold the counters of energy against the integral of the power."""
    if checked.voltage is None:
        return
    power = pl.col("current_a") * checked.voltage
    pairs = (
        ("charge_energy_wh", pl.max_horizontal(power, 0.0)),
        ("discharge_energy_wh", pl.max_horizontal(-power, 0.0)),
    )
    yield from _against_counters(checked, pairs, "the integral of current times voltage", "Wh")


def _against_counters(
    checked: Checked, pairs: tuple[tuple[str, pl.Expr], ...], what: str, unit: str
) -> Iterator[Finding]:
    """Yield where a counter and an integral differ by more than 2 % and what sampling may miss.

    Over an interval in which the flow jumps, the integral may be wrong by half the jump.
    """
    known = [(name, flow) for name, flow in pairs if checked.has(name)]
    if not known:
        return
    step_h = pl.when((STEP_S > 0) & (STEP_S <= GAP_S)).then(STEP_S / 7200)  # of both ends
    parts = []
    for name, flow in known:
        gain = pl.when(step_h.is_not_null()).then(pl.max_horizontal(pl.col(name).diff(), 0.0))
        parts += [
            gain.alias(f"{name} counted"),
            ((flow + flow.shift()) * step_h).alias(f"{name} summed"),
            ((flow - flow.shift()).abs() * step_h).alias(f"{name} slack"),
        ]
    totals = (
        checked.frame.lazy()
        .select("battery_id", *(part.fill_nan(None) for part in parts))
        .group_by("battery_id", maintain_order=True)
        .agg(pl.all().sum())
        .collect()
    )
    for row in totals.iter_rows(named=True):
        for name, _ in known:
            counted, summed = row[f"{name} counted"], row[f"{name} summed"]
            allowed = _COUNTER_FRAC * max(counted, summed) + row[f"{name} slack"]
            if abs(counted - summed) > allowed > 0:
                yield Finding(
                    "", "note", str(row["battery_id"]),
                    f"{name} counts {counted:.5g} {unit}, {what} gives {summed:.5g} {unit}; "
                    f"sampling explains {allowed:.3g} {unit}", "",
                )  # fmt: skip


def power_product(checked: Checked) -> Iterator[Mark | Finding]:
    """Hold power against current times voltage, row by row."""
    voltage = checked.voltage
    if not checked.has("power_w") or voltage is None:
        return
    product, power = pl.col("current_a") * voltage, pl.col("power_w")
    allowed = _POWER_FRAC * product.abs() + _POWER_SCALE_FRAC * pl.col("_scale_a") * voltage.abs()
    yield Mark((power - product).abs() > allowed, "power_w is not current_a times voltage_v")


def cells_sum(checked: Checked) -> Iterator[Mark | Finding]:
    """Hold the pack's voltage against the sum of its cells'."""
    if not checked.has("voltage_v"):
        return
    pack, n = pl.col("voltage_v"), checked.n_cells_series
    if checked.has("cell_voltages_v"):
        total, said = pl.col("cell_voltages_v").list.sum().cast(pl.Float64), "the sum of the cells"
        is_whole = pl.col("cell_voltages_v").list.len() > 1
    elif checked.has("cell_voltage_mean_v") and n > 1:
        total, said = pl.col("cell_voltage_mean_v") * n, f"{n} times the mean cell"
        is_whole = pl.lit(value=True)
    else:
        return
    allowed = pl.max_horizontal(_SUM_FRAC * pack.abs(), _SUM_V)
    is_off = is_whole & ((pack - total).abs() > allowed) & pack.is_not_nan() & total.is_not_nan()
    yield Mark(is_off, f"voltage_v differs from {said} by more than 1 %")


def cells_order(checked: Checked) -> Iterator[Mark | Finding]:
    """Hold lowest, mean and highest cell against one another and the list of the cells."""
    low, mean, high = (f"cell_voltage_{end}_v" for end in ("min", "mean", "max"))
    for less, more in ((low, mean), (mean, high), (low, high)):
        if checked.has(less, more):
            is_off = pl.col(less) > pl.col(more) + _ORDER_V
            yield Mark(is_off & pl.col(less).is_not_nan(), f"{less} above {more}")
    if checked.has("cell_voltages_v"):
        values = pl.col("cell_voltages_v").list
        for name, extreme in ((low, values.min()), (high, values.max())):
            if checked.has(name):
                is_off = (pl.col(name) - extreme).abs() > _ORDER_V
                yield Mark(
                    is_off & pl.col(name).is_not_nan(), f"{name} is not that of cell_voltages_v"
                )
