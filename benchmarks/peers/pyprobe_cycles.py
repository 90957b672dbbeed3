"""PyProBE: `cycling.summary` of each cell: charge and discharge capacity, efficiency."""

import warnings

import polars as pl
from pyprobe.analysis import cycling
from pyprobe.filters import Procedure
from timing import measured


def summarise(path: str, cells: list[str]) -> tuple[int, int]:
    n_result = 0
    for cell in cells:
        time = pl.col("time")
        frame = (
            pl.scan_parquet(path)
            .filter(pl.col("battery_id") == cell)
            .select(
                ((time - time.first()).dt.total_microseconds() / 1e6).alias("Time [s]"),
                pl.col("step_index").alias("Step"),
                pl.col("step_index").rle_id().alias("Event"),
                pl.col("current_a").alias("Current [A]"),
                pl.col("voltage_v").alias("Voltage [V]"),
                (pl.col("charge_capacity_ah") - pl.col("discharge_capacity_ah")).alias(
                    "Capacity [Ah]"
                ),
            )
        )
        procedure = Procedure(lf=frame, info={}, readme_dict={})
        n_result += cycling.summary(procedure, dchg_before_chg=False).data.height
    n_rows = pl.scan_parquet(path).select(pl.col("battery_id").is_in(cells).sum()).collect().item()
    return n_rows, n_result


warnings.simplefilter("ignore")
measured("pyprobe-data", "capacity, efficiency", summarise)
