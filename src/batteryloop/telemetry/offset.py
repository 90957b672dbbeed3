"""The current sensor's offset, as long rests show it."""

import polars as pl

from batteryloop.telemetry.frame import pack_voltage
from batteryloop.telemetry.scale import current_scale_a
from batteryloop.telemetry.segments import segments
from batteryloop.telemetry.types import Finding

_REST_MIN_S = 600.0
_NEAR_REST_FRAC = 0.02
_NOTABLE_FRAC = 5e-4


def rest_offset(frame: pl.DataFrame, *, n_cells_series: int = 1) -> tuple[Finding, ...]:
    """Return, for each battery, the current that flows while it rests, where that is not zero.

    The offset is the median over rests of ten minutes and more of their mean current, with the
    10th and 90th percentile of those means as its interval. It is notable above 0.05 % of the
    usual largest current, if the interval leaves out zero.

    Parameters
    ----------
    frame : polars.DataFrame
        A telemetry frame, sorted by battery and time.
    n_cells_series : int, default 1
        Cells in series, where the frame carries only cell voltages.

    Returns
    -------
    tuple of Finding
        Rule `current-offset`; rows from the first to the last of the rests.
    """
    out = []
    # grouping copies every column it is given, and lists of 96 cells are most of a frame
    asked = frame.select(
        "battery_id",
        "time",
        "current_a",
        pack_voltage(frame, n_cells_series=n_cells_series).alias("voltage_v"),
        *(name for name in ("step_index",) if name in frame.columns),
    ).with_row_index("row")
    for (battery_id,), own in asked.group_by("battery_id", maintain_order=True):
        scale_a = current_scale_a(own.get_column("current_a").cast(pl.Float64).to_numpy())
        if not scale_a > 0:
            continue
        parts = segments(own, rest_current_a=_NEAR_REST_FRAC * scale_a, merge_shorter_s=0.0)
        rests = parts.filter((pl.col("kind") == "rest") & (pl.col("duration_s") >= _REST_MIN_S))
        if rests.is_empty():
            continue
        means = rests.get_column("current_mean_a")
        low, middle, high = (float(means.quantile(q, "linear") or 0.0) for q in (0.1, 0.5, 0.9))
        if abs(middle) < _NOTABLE_FRAC * scale_a or low * high <= 0:
            continue
        first = int(own.item(0, "row"))
        out.append(
            Finding(
                "current-offset", "warning", str(battery_id),
                f"current is {middle:+.4g} A ({low:+.4g} to {high:+.4g}) in {rests.height} rests "
                f"of ten minutes and more: the sensor's zero is off, or something draws",
                f"if the sensor, remove_offset(frame, offset_a={middle:.4g})",
                first + int(rests.item(0, "row_first")), first + int(rests.item(-1, "row_last")),
                int(rests.get_column("n_rows").sum()),
            )
        )  # fmt: skip
    return tuple(out)


def remove_offset(
    frame: pl.DataFrame, *, offset_a: float, battery_id: str | None = None
) -> pl.DataFrame:
    """Return the frame with `offset_a` taken off the current of one battery, or of all. [A].

    Examples
    --------
    >>> frame = pl.DataFrame({"battery_id": ["A", "B"], "current_a": [0.5, 0.5]})
    >>> remove_offset(frame, offset_a=0.5, battery_id="A")["current_a"].to_list()
    [0.0, 0.5]
    """
    current = pl.col("current_a")
    if battery_id is None:
        return frame.with_columns(current - offset_a)
    is_it = pl.col("battery_id") == battery_id
    return frame.with_columns(pl.when(is_it).then(current - offset_a).otherwise(current))
