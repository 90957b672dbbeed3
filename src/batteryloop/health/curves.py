"""Voltage over charge taken, of some full discharges: for a plot, and for a look at the shape."""

import numpy as np
import polars as pl

from batteryloop.health.trace import Trace
from batteryloop.health.types import VOLTAGE_CURVES

_MOST_CURVES = 12
_MOST_POINTS = 150


def voltage_curves(trace: Trace, swings: pl.DataFrame) -> pl.DataFrame:
    """Return at most twelve discharges, first and last among them, each of at most 150 points.

    Parameters
    ----------
    trace : Trace
        One battery's samples.
    swings : polars.DataFrame
        As `swings.swings` returns them.

    Returns
    -------
    polars.DataFrame
        `cycle_count` (the swing's number where cycles are not counted), `discharged_ah`,
        `voltage_v` of the battery. Only samples in which it discharges.
    """
    down = swings.filter(pl.col("kind") == "discharge")
    if down.is_empty():
        return pl.DataFrame(schema=VOLTAGE_CURVES)
    chosen = np.unique(np.linspace(0, down.height - 1, _MOST_CURVES).round().astype(int))
    tables = []
    for swing in down[chosen.tolist()].iter_rows(named=True):
        window = np.arange(swing["index_first"], swing["index_last"] + 1)
        is_load = trace.current_a[window] < -0.02 * trace.current_scale_a
        load = window[is_load & np.isfinite(trace.cell_voltage_v[window])]
        load = load[:: max(1, load.size // _MOST_POINTS)]
        taken = trace.charge_ah[swing["index_first"]] - trace.charge_ah[load]
        number = swing["number"] if swing["cycle_count"] is None else swing["cycle_count"]
        tables.append(
            pl.DataFrame(
                {
                    "cycle_count": np.full(load.size, number, dtype=np.int64),
                    "discharged_ah": taken,
                    "voltage_v": trace.cell_voltage_v[load] * trace.n_cells_series,
                },
                schema=VOLTAGE_CURVES,
            )
        )
    return pl.concat(tables)
