"""Validation: the frame held against every rule; what breaks one is a finding, never an error."""

from dataclasses import replace

import polars as pl

from batteryloop.reference import chemistry as chemistry_named
from batteryloop.telemetry.marks import findings_of
from batteryloop.telemetry.rules import RULES, TYPES_RULE
from batteryloop.telemetry.rules.shape import wrong_types
from batteryloop.telemetry.rules.types import Mark, Rule, checked
from batteryloop.telemetry.types import Finding


def validate(
    frame: pl.DataFrame, *, chemistry: str | None = None, n_cells_series: int = 1
) -> tuple[Finding, ...]:
    """Return what is odd about the frame: which rows, what, by which rule, and what to do.

    Parameters
    ----------
    frame : polars.DataFrame
        A telemetry frame. If its columns are not of the frame's types, that is all that is said.
    chemistry : str, optional
        A name of `reference/chemistries.csv`: cells are then held against its limits.
    n_cells_series : int, default 1
        Cells in series between the terminals.

    Returns
    -------
    tuple of Finding
        In the order of `rules.RULES`. Rows are the frame's, from 0; neighbours are one finding,
        and more than five runs of a battery become one finding that counts them.

    Raises
    ------
    NotKnown
        If there is no such chemistry.

    Examples
    --------
    >>> frame = pl.DataFrame({"battery_id": "A", "time": [0, 1, 2], "current_a": [1.0, 1.0, 1.0],
    ...     "voltage_v": [3.7, 4.6, 3.8]}).with_columns(
    ...     (pl.col("time") * 1_000_000).cast(pl.Datetime("us", "UTC")))
    >>> [(f.rule, f.row_first) for f in validate(frame, chemistry="NMC622")]
    [('cell-voltage-high', 1)]
    """
    limits = None if chemistry is None else chemistry_named(chemistry)
    wrong = list(wrong_types(frame))
    if wrong:
        return tuple(
            Finding(TYPES_RULE, "error", "", found, "make the frame with frame.as_frame")
            for found in wrong
        )
    if frame.is_empty():
        return ()
    under_check = checked(frame, limits, n_cells_series)
    asked = [(rule, item) for rule in RULES for item in rule.check(under_check)]
    marks = [item.rows.fill_null(False).any() for _, item in asked if isinstance(item, Mark)]
    is_hit = iter(_any(under_check.frame, marks))
    found: list[Finding] = []
    for rule, item in asked:
        if isinstance(item, Finding):
            found.append(_of_rule(rule, item))
        elif next(is_hit):
            found += findings_of(
                under_check.frame,
                item.rows,
                rule=rule.name,
                severity=rule.severity,
                found=item.found,
                next_step=rule.next_step,
            )
    return tuple(found)


def _any(frame: pl.DataFrame, marks: list[pl.Expr]) -> tuple[bool, ...]:
    if not marks:
        return ()
    return frame.select(mark.alias(str(k)) for k, mark in enumerate(marks)).row(0)


def _of_rule(rule: Rule, finding: Finding) -> Finding:
    return replace(finding, rule=rule.name, severity=rule.severity, next_step=rule.next_step)
