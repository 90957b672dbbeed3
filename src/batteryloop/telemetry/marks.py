"""Findings made of marked rows: neighbours are one run, and many runs are one sentence."""

import polars as pl

from batteryloop.telemetry.types import Finding, Severity

MANY_RUNS = 5


def findings_of(
    frame: pl.DataFrame,
    marked: pl.Expr,
    *,
    rule: str,
    severity: Severity,
    found: str,
    next_step: str,
) -> tuple[Finding, ...]:
    """Return a finding for each run of marked rows; more than five a battery become one.

    Parameters
    ----------
    frame : polars.DataFrame
        A telemetry frame.
    marked : polars.Expr
        True at the rows in question; null is no.
    rule, severity, found, next_step
        As in `Finding`.

    Examples
    --------
    >>> frame = pl.DataFrame({"battery_id": ["A"] * 4, "current_a": [1.0, 9.0, 9.0, 1.0]})
    >>> (one,) = findings_of(frame, pl.col("current_a") > 5, rule="r", severity="note",
    ...                      found="too much", next_step="look")
    >>> one.row_first, one.row_last, one.n_rows
    (1, 2, 2)
    """
    rows = frame.select(pl.arg_where(marked.fill_null(False))).to_series().cast(pl.Int64)
    if rows.is_empty():
        return ()
    hits = pl.DataFrame({"row": rows, "battery_id": frame.get_column("battery_id").gather(rows)})
    starts = (pl.col("row").diff() != 1) | (
        pl.col("battery_id").ne_missing(pl.col("battery_id").shift())
    )
    runs = (
        hits.with_columns(run=starts.fill_null(True).cum_sum())
        .group_by("run", maintain_order=True)
        .agg(
            pl.col("battery_id").first(),
            pl.col("row").first().alias("row_first"),
            pl.col("row").last().alias("row_last"),
        )
        .with_columns(n_rows=pl.col("row_last") - pl.col("row_first") + 1)
    )
    out: list[Finding] = []
    for (battery_id,), own in runs.group_by("battery_id", maintain_order=True):
        name = str(battery_id)
        if own.height > MANY_RUNS:
            first, last = own.row(0, named=True), own.row(-1, named=True)
            text = (
                f"{found}; {own['n_rows'].sum()} rows in {own.height} places, "
                f"the first at rows {first['row_first']}-{first['row_last']}"
            )
            out.append(
                Finding(
                    rule, severity, name, text, next_step,
                    first["row_first"], last["row_last"], int(own["n_rows"].sum()),
                )
            )  # fmt: skip
            continue
        out += [
            Finding(
                rule, severity, name, found, next_step,
                run["row_first"], run["row_last"], run["n_rows"],
            )
            for run in own.iter_rows(named=True)
        ]  # fmt: skip
    return tuple(out)
