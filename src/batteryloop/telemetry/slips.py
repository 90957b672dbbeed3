"""Slips of a unit: milliampere for ampere, percent for a share, minutes for seconds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from batteryloop.quantities import QUANTITIES
from batteryloop.reference import chemistry as chemistry_named
from batteryloop.telemetry.blocks import ABSENT, Block, blocks
from batteryloop.telemetry.frame import TIME
from batteryloop.telemetry.scale import current_scale_a, gap_limit_us
from batteryloop.telemetry.types import Finding

_CELL_LOW_V, _CELL_HIGH_V = 1.0, 4.7
_MANY_C_PER_H, _FEW_C_PER_H = 50.0, 0.002
_CLOSE_FRAC = 0.05
_ONE_CELL_MAX_A = 1000.0
_COUNTERS = ("charge_capacity_ah", "discharge_capacity_ah")


@dataclass(frozen=True, slots=True)
class UnitSlip:
    """A column that seems to be in another unit, and what would put it right.

    Right is `factor` times the value, plus `offset`; for `time`, `factor` times the time since
    the battery's first sample. `is_certain` says that no other reading of the data is known.
    """

    battery_id: str
    column: str
    unit: str
    factor: float
    offset: float
    is_certain: bool
    evidence: str

    def finding(self, *, is_applied: bool) -> Finding:
        """Return the slip as a finding that says whether it was put right."""
        is_kept = "is put right" if is_applied else "is left as it is"
        by = f"times {self.factor:.6g}" + (f", plus {self.offset:.6g}" if self.offset else "")
        return Finding(
            "unit-slip",
            "note" if is_applied else "warning",
            self.battery_id,
            f"{self.column} seems to be in {self.unit} ({self.evidence}); {by}; it {is_kept}",
            "name the unit in a mapping file" if is_applied else "rescale it, or name its unit",
        )


def unit_slips(
    frame: pl.DataFrame, *, chemistry: str | None = None, n_cells_series: int = 1
) -> tuple[UnitSlip, ...]:
    """Return the columns that seem to be in another unit than their name says.

    Voltages are held against what a cell can have, shares against 1, temperatures against what a
    battery survives, and the integral of the current against the tester's counters: a ratio near
    1000, 60 or 3600 either way is a unit, and the C-rate tells whose.

    Parameters
    ----------
    frame : polars.DataFrame
        A telemetry frame, sorted by battery and time.
    chemistry : str, optional
        A name of `reference/chemistries.csv`; it narrows what a cell can have.
    n_cells_series : int, default 1
        Cells in series between the terminals.

    Raises
    ------
    NotKnown
        If there is no such chemistry.

    Examples
    --------
    >>> frame = pl.DataFrame({"battery_id": "A", "time": [0, 1], "current_a": 0.0,
    ...     "voltage_v": [3700.0, 3701.0]}).with_columns(
    ...     pl.from_epoch("time", time_unit="s").dt.replace_time_zone("UTC"))
    >>> [(slip.column, slip.unit, slip.is_certain) for slip in unit_slips(frame)]
    [('voltage_v', 'mV', True)]
    """
    low_v, high_v = _CELL_LOW_V, _CELL_HIGH_V
    if chemistry is not None:
        limits = chemistry_named(chemistry)
        low_v, high_v = 0.7 * limits.cell_voltage_min_v, 1.1 * limits.cell_voltage_max_v
    names = [
        name
        for name in frame.columns
        if name in QUANTITIES and QUANTITIES[name].dtype == "float" and name != "current_a"
    ]
    columns: dict[str, pl.Expr | None] = {name: pl.col(name) for name in names}
    columns |= {"current_a": pl.col("current_a")}
    columns |= {name: None for name in _COUNTERS if name not in names}
    out: list[UnitSlip] = []
    for block in blocks(frame, columns):
        for name in names:
            known = block.columns[name][np.isfinite(block.columns[name])]
            if known.size:
                out += _of_level(block.battery_id, name, known, low_v, high_v, n_cells_series)
        out += _of_current(block, (low_v, high_v), n_cells_series)
    return tuple(out)


def _of_level(
    battery_id: str,
    name: str,
    known: np.ndarray[Any, Any],
    low_v: float,
    high_v: float,
    n_cells_series: int,
) -> Iterator[UnitSlip]:
    suffix = QUANTITIES[name].suffix
    usual, highest = float(np.median(known)), float(known.max())
    if suffix == "v":
        is_cell = name.startswith("cell_")
        each = usual if is_cell else usual / n_cells_series
        limit = 100.0 if is_cell else QUANTITIES["voltage_v"].high
        if low_v <= each / 1000 <= high_v or usual > limit:
            yield UnitSlip(
                battery_id, name, "mV", 1e-3, 0.0,
                usual > limit,
                f"its median is {usual:.6g}",
            )  # fmt: skip
    elif suffix == "frac" and 1.5 < highest <= 110.0:
        evidence = f"its largest is {highest:.6g}"
        yield UnitSlip(battery_id, name, "percent", 0.01, 0.0, True, evidence)
    elif suffix == "degc" and usual > 200.0:
        evidence = f"its median is {usual:.6g}"
        yield UnitSlip(battery_id, name, "K", 1.0, -273.15, True, evidence)
    elif suffix == "degc" and usual > 62.0:
        evidence = f"its median is {usual:.6g}, hot for °C"
        yield UnitSlip(battery_id, name, "°F", 1 / 1.8, -32 / 1.8, False, evidence)


def _of_current(
    block: Block, cell_v: tuple[float, float], n_cells_series: int
) -> Iterator[UnitSlip]:
    scale_a = current_scale_a(block.columns["current_a"])
    charging, discharging = (block.columns[name] for name in _COUNTERS)
    voltage = block.columns.get("voltage_v", ABSENT)
    if not (charging.size and discharging.size):
        usual = float(np.nanmedian(voltage)) / n_cells_series if np.isfinite(voltage).any() else 0
        is_one_cell = n_cells_series == 1 and cell_v[0] <= usual <= cell_v[1]
        if is_one_cell and scale_a > _ONE_CELL_MAX_A:
            evidence = f"its usual largest is {scale_a:.6g} in one cell"
            yield UnitSlip(block.battery_id, "current_a", "mA", 1e-3, 0.0, False, evidence)
        return
    counted_ah, range_ah = _counted(charging, discharging)
    summed_ah = _summed(block)
    if not (counted_ah > 0 and summed_ah > 0 and range_ah > 0):
        return
    yield from _of_ratio(block.battery_id, summed_ah / counted_ah, scale_a / range_ah)


def _of_ratio(battery_id: str, ratio_frac: float, c_rate_per_h: float) -> Iterator[UnitSlip]:
    """Yield whose unit a ratio of integral to counter near a power of 60 or 1000 is."""
    evidence = (
        f"the current's integral is {ratio_frac:.4g} times the counters, at a C-rate of "
        f"{c_rate_per_h:.3g}"
    )
    is_fast, is_slow = c_rate_per_h > _MANY_C_PER_H, c_rate_per_h < _FEW_C_PER_H
    for size, time_slow, time_fast in ((1000.0, "ms", ""), (60.0, "", "min"), (3600.0, "", "h")):
        if abs(ratio_frac / size - 1) < _CLOSE_FRAC:
            if size == 1000.0 and is_fast:
                yield UnitSlip(battery_id, "current_a", "mA", 1e-3, 0.0, True, evidence)
            elif time_slow and not is_slow:
                yield UnitSlip(battery_id, "time", time_slow, 1 / size, 0.0, False, evidence)
        elif abs(ratio_frac * size - 1) < _CLOSE_FRAC:
            if is_slow and size in (1000.0, 3600.0):
                unit = "mAh" if size == 1000.0 else "As"
                for name in _COUNTERS:
                    yield UnitSlip(battery_id, name, unit, 1 / size, 0.0, True, evidence)
            elif time_fast and not is_fast:
                yield UnitSlip(battery_id, "time", time_fast, size, 0.0, False, evidence)


def _counted(
    charging: np.ndarray[Any, Any], discharging: np.ndarray[Any, Any]
) -> tuple[float, float]:
    """Return what both counters counted together, and the range of their difference. [Ah]."""
    from batteryloop.telemetry.kernels.counter import unrolled  # numba is slow to import

    put_in, _ = unrolled(charging, ABSENT)
    taken, _ = unrolled(discharging, ABSENT)
    put_in, taken = np.nan_to_num(put_in), np.nan_to_num(taken)
    net = put_in - taken
    return float(put_in.max() + taken.max()), float(net.max() - net.min())


def _summed(block: Block) -> float:
    """Return the integral of the current's magnitude, without gaps. [Ah]."""
    current = np.abs(np.nan_to_num(block.columns["current_a"], posinf=0.0, neginf=0.0))
    steps = np.diff(block.time_us).astype(np.float64)
    steps[(steps < 0) | (steps > gap_limit_us(block.time_us))] = 0.0
    return float(((current[1:] + current[:-1]) * 0.5 * steps).sum() / 3.6e9)


def rescale(frame: pl.DataFrame, slips: Iterable[UnitSlip]) -> pl.DataFrame:
    """Return the frame with the slips put right.

    Examples
    --------
    >>> frame = pl.DataFrame({"battery_id": ["A", "B"], "soc_frac": [50.0, 0.5]})
    >>> slip = UnitSlip("A", "soc_frac", "percent", 0.01, 0.0, True, "")
    >>> rescale(frame, [slip])["soc_frac"].to_list()
    [0.5, 0.5]
    """
    for slip in slips:
        own, column = pl.col("battery_id") == slip.battery_id, pl.col(slip.column)
        if slip.column == "time":
            first = column.filter(own).first()
            right = (first + (column - first) * slip.factor).cast(TIME)
        else:
            right = column * slip.factor + slip.offset
        frame = frame.with_columns(pl.when(own).then(right).otherwise(column))
    return frame
