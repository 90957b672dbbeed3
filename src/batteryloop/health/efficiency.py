"""How much of what went in came out again: per full cycle, from empty to full to empty."""

import numpy as np
import polars as pl

from batteryloop.health.interval import median_interval
from batteryloop.health.trace import Trace
from batteryloop.quantities import Estimate

METHOD = "full-cycle-efficiency v1"
_N_RECENT = 20
_SCATTER_FRAC = 0.002

PAIRS: dict[str, pl.DataType] = {
    "number": pl.Int64(),
    "coulombic_efficiency_frac": pl.Float64(),
    "energy_efficiency_frac": pl.Float64(),
    "error_sd_frac": pl.Float64(),
    "n_rows": pl.Int64(),
}


def full_cycles(swings: pl.DataFrame) -> pl.DataFrame:
    """Return each full charge with the full discharge that follows it at once.

    Parameters
    ----------
    swings : polars.DataFrame
        As `swings.swings` returns them.

    Returns
    -------
    polars.DataFrame
        One row a pair. `error_sd_frac` is what offset and missing samples may do to the coulombic
        efficiency; a gain error takes itself out.
    """
    after = pl.col("index_first").shift(-1) == pl.col("index_last")
    is_pair = (pl.col("kind") == "charge") & (pl.col("kind").shift(-1) == "discharge") & after
    out = {name: pl.col(name).shift(-1) for name in ("capacity_ah", "energy_wh")}
    # One offset acts on both ways with the same sign: it adds where charge and discharge differ.
    offset = (pl.col("offset_sd_ah") + pl.col("offset_sd_ah").shift(-1)) / pl.col("capacity_ah")
    slack = (pl.col("slack_sd_ah") ** 2 + pl.col("slack_sd_ah").shift(-1) ** 2).sqrt() / pl.col(
        "capacity_ah"
    )
    return (
        swings.with_columns(
            (out["capacity_ah"] / pl.col("capacity_ah")).alias("coulombic_efficiency_frac"),
            (out["energy_wh"] / pl.col("energy_wh")).alias("energy_efficiency_frac"),
            (offset**2 + slack**2).sqrt().alias("error_sd_frac"),
            (pl.col("row_last").shift(-1) - pl.col("row_first") + 1).alias("n_rows"),
            is_pair.alias("is_pair"),
        )
        .filter("is_pair")
        .select(pl.col(name).cast(dtype) for name, dtype in PAIRS.items())
    )


def efficiencies(
    swings: pl.DataFrame, trace: Trace, *, confidence_frac: float, reason: str = ""
) -> tuple[Estimate, Estimate]:
    """Return the coulombic and the energy efficiency of the last full cycles, at most twenty.

    Parameters
    ----------
    swings : polars.DataFrame
        As `swings.swings` returns them.
    trace : Trace
        One battery's samples.
    confidence_frac : float
        In (0, 1).
    reason : str, optional
        Why there are no full swings, if there are none.

    Notes
    -----
    A coulombic efficiency differs from 1 by less than 0.001 in a healthy lithium battery; a
    current sensor's offset of a thousandth of its range is worth more than that. The interval
    says so: read it before the value.
    """
    names = ("coulombic_efficiency_frac", "energy_efficiency_frac")
    pairs = full_cycles(swings).tail(_N_RECENT)
    if pairs.is_empty():
        why = reason or "no full charge is followed by a full discharge"
        unknown = [
            Estimate.unknown(name, METHOD, why, confidence_frac=confidence_frac) for name in names
        ]
        return unknown[0], unknown[1]
    shared = float(pairs.get_column("error_sd_frac").to_numpy().mean())
    gain = trace.instrument.voltage_gain_sd_frac
    # The voltage's gain takes itself out too, but for what differs between charge and discharge.
    both = []
    for name, extra in zip(names, (0.0, 0.5 * gain), strict=True):
        value, low, high = median_interval(
            pairs.get_column(name).to_numpy(),
            prior_sd_frac=_SCATTER_FRAC,
            shared_sd_frac=float(np.hypot(shared, extra)),
            confidence_frac=confidence_frac,
        )
        both.append(
            Estimate(
                name,
                value,
                max(low, 0.0),
                high,
                confidence_frac,
                METHOD,
                n_rows=int(pairs.get_column("n_rows").sum()),
                n_segments=pairs.height,
            )
        )
    return both[0], both[1]
