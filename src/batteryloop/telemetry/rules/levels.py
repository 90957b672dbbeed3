"""Rules on single values: the quantity's range, the chemistry's limits, values that stick."""

from collections.abc import Iterator

import polars as pl

from batteryloop.quantities import QUANTITIES
from batteryloop.telemetry.rules.types import IS_NEXT, REST_A, STEP_S, Checked, Mark
from batteryloop.telemetry.types import Finding

_MARGIN_V = 0.05
_STUCK_ROWS = 60
_STUCK_S = 600.0


def out_of_range(checked: Checked) -> Iterator[Mark | Finding]:
    """Yield rows with a value that the quantity cannot have."""
    for name in checked.frame.columns:
        if name not in QUANTITIES:
            continue
        q = QUANTITIES[name]
        found = f"{name} outside {q.low:g} to {q.high:g} {q.unit if q.unit != '1' else ''}".rstrip()
        value = pl.col(name)
        if q.dtype == "int":
            yield Mark((value < q.low) | (value > q.high), found)
        elif q.dtype == "float":
            is_high = (value > q.high) & value.is_not_nan()  # NaN counts as above all
            yield Mark((value < q.low) | is_high, found)
        elif q.dtype == "list":
            values = pl.col(name).list
            yield Mark((values.min() < q.low) | (values.max() > q.high), found)


def cell_voltage_high(checked: Checked) -> Iterator[Mark | Finding]:
    """Yield rows with a cell above the limit of its chemistry."""
    if checked.chemistry is None:
        return
    limit_v = checked.chemistry.cell_voltage_max_v + _MARGIN_V
    for name, cell in _cells(checked, "max"):
        yield Mark(
            (cell > limit_v) & cell.is_not_nan(),
            f"{name} above {limit_v:.2f} V, the limit of {checked.chemistry.name} and "
            f"{_MARGIN_V} V",
        )


def cell_voltage_low(checked: Checked) -> Iterator[Mark | Finding]:
    """Yield rows with a cell below the limit of its chemistry."""
    if checked.chemistry is None:
        return
    limit_v = checked.chemistry.cell_voltage_min_v - _MARGIN_V
    for name, cell in _cells(checked, "min"):
        yield Mark(
            cell < limit_v,
            f"{name} below {limit_v:.2f} V, the limit of {checked.chemistry.name} less "
            f"{_MARGIN_V} V",
        )


def _cells(checked: Checked, end: str) -> Iterator[tuple[str, pl.Expr]]:
    if checked.has(f"cell_voltage_{end}_v"):
        yield f"cell_voltage_{end}_v", pl.col(f"cell_voltage_{end}_v")
    elif checked.has("cell_voltages_v"):
        values = pl.col("cell_voltages_v").list
        yield "cell_voltages_v", values.max() if end == "max" else values.min()
    elif checked.has("voltage_v"):
        n = checked.n_cells_series
        yield ("voltage_v" if n == 1 else f"voltage_v / {n} cells"), pl.col("voltage_v") / n


def values_frozen(checked: Checked) -> Iterator[Mark | Finding]:
    """Yield long runs of exactly the same current and voltage while current flows."""
    voltage = checked.voltage
    if voltage is None:
        return
    current = pl.col("current_a")
    is_same = IS_NEXT & (current == current.shift()) & (voltage == voltage.shift())
    yield from _stuck(checked, is_same & (current.abs() > REST_A), "current_a and voltage_v")


def voltage_stuck(checked: Checked) -> Iterator[Mark | Finding]:
    """Yield long runs of exactly the same voltage while current changes its sign."""
    voltage = checked.voltage
    if voltage is None:
        return
    is_same = IS_NEXT & (voltage == voltage.shift())
    yield from _stuck(checked, is_same, "voltage_v", swings=True)


def _stuck(
    checked: Checked, is_same: pl.Expr, names: str, *, swings: bool = False
) -> Iterator[Mark | Finding]:
    """Yield long runs of unchanged rows; with `swings`, only where current changes sign."""
    is_same = is_same.fill_null(False)
    runs = checked.frame.select(is_same.alias("same")).get_column("same").rle()
    table = runs.struct.unnest().with_columns(first=pl.col("len").cum_sum().shift(fill_value=0))
    for run in table.filter(pl.col("value") & (pl.col("len") >= _STUCK_ROWS)).iter_rows(named=True):
        own = checked.frame.slice(run["first"], run["len"])
        seconds, low, high, rest = own.select(
            seconds=STEP_S.sum(),
            low=pl.min("current_a"),
            high=pl.max("current_a"),
            rest=REST_A.first(),
        ).row(0)
        if seconds < _STUCK_S or (swings and not (low < -rest and high > rest)):
            continue
        yield Finding(
            "", "note", str(own.item(0, "battery_id")),
            f"{names} unchanged for {seconds / 60:.0f} min", "",
            run["first"], run["first"] + run["len"] - 1, run["len"],
        )  # fmt: skip
