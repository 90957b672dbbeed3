"""What a rule is: one question, one kind of finding, one next step."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from batteryloop.reference import Chemistry
from batteryloop.telemetry.frame import VOLTAGES, pack_voltage
from batteryloop.telemetry.scale import current_scale_a, gap_limit_us, rest_limit_a
from batteryloop.telemetry.types import Finding, Severity

# the rows' neighbours and limits, beside the frame's own columns
IS_NEXT = pl.col("_is_next")  # of the same battery as the row before
STEP_S = pl.col("_step_s")  # since the row before; null at a battery's first row
SCALE_A, REST_A, GAP_S = pl.col("_scale_a"), pl.col("_rest_a"), pl.col("_gap_s")


@dataclass(frozen=True, slots=True)
class Checked:
    """A frame under check, its rows' neighbours and limits beside it, and what is known of it."""

    frame: pl.DataFrame
    chemistry: Chemistry | None
    n_cells_series: int

    def has(self, *names: str) -> bool:
        """Whether the frame has all these columns."""
        return all(name in self.frame.columns for name in names)

    @property
    def voltage(self) -> pl.Expr | None:
        """The battery's voltage, or None where the frame carries none. [V]."""
        if not any(name in self.frame.columns for name in VOLTAGES):
            return None
        return pack_voltage(self.frame, n_cells_series=self.n_cells_series)


@dataclass(frozen=True, slots=True)
class Mark:
    """Rows that break a rule, and what to say of them."""

    rows: pl.Expr
    found: str


Check = Callable[[Checked], Iterator[Mark | Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `asks` is its question, `check` yields the rows or the findings that break it."""

    name: str
    severity: Severity
    asks: str
    next_step: str
    check: Check


def checked(frame: pl.DataFrame, chemistry: Chemistry | None, n_cells_series: int) -> Checked:
    """Return the frame made ready for the rules."""
    runs = frame.get_column("battery_id").rle().struct.unnest()
    lengths = runs.get_column("len").to_numpy()
    rows, first = [], 0
    for length in lengths:
        own = frame.slice(first, int(length))
        current_a = own.get_column("current_a").to_numpy()
        scale_a = current_scale_a(current_a)
        gap_us = gap_limit_us(own.get_column("time").to_physical().to_numpy())
        rows.append((scale_a, rest_limit_a(current_a, scale_a), gap_us / 1e6))
        first += int(length)
    names = ("_scale_a", "_rest_a", "_gap_s")
    if len(rows) == 1:
        limits = [pl.lit(v).alias(n) for n, v in zip(names, rows[0], strict=True)]
    else:
        table = np.array(rows).reshape(-1, 3)
        limits = [
            pl.lit(pl.Series(np.repeat(table[:, k], lengths))).alias(n) for k, n in enumerate(names)
        ]
    is_next = pl.col("battery_id").eq_missing(pl.col("battery_id").shift())
    step_s = pl.col("time").diff().dt.total_microseconds() / 1e6
    whole = frame.with_columns(
        is_next.alias("_is_next"), pl.when(is_next).then(step_s).alias("_step_s"), *limits
    )
    return Checked(whole, chemistry, n_cells_series)
