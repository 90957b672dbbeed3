"""Recordings of one battery, joined into one: its tests one after another."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import polars as pl

from batteryloop.telemetry.frame import COLUMNS, TIME
from batteryloop.telemetry.types import Finding, Recording

# Tests without a date are laid end to end with this pause between, in the order given.
PAUSE = timedelta(hours=1)


def join(recordings: Sequence[Recording]) -> Recording:
    """Return several recordings of one battery as one, in order of time.

    Parameters
    ----------
    recordings : sequence of Recording
        At least one; each of the same single battery.

    Returns
    -------
    Recording
        All rows, sorted by time. Recordings that carry no date are laid end to end in the order
        given, an hour apart, and a finding says so; a dated one keeps its dates. Findings keep
        their rows' meaning within their own file only when there is a single recording.

    Examples
    --------
    >>> from batteryloop.telemetry import Source
    >>> frame = pl.DataFrame({"battery_id": ["A"], "time": [0], "current_a": [1.0],
    ...     "voltage_v": [3.7]}).with_columns(pl.from_epoch("time", time_unit="us")
    ...     .dt.replace_time_zone("UTC"))
    >>> part = Recording(frame, Source("one.csv", "csv", is_time_relative=True))
    >>> join([part, part]).frame.get_column("time").diff().to_list()
    [None, datetime.timedelta(seconds=3600)]
    """
    if len(recordings) == 1:
        return recordings[0]
    frames: list[pl.DataFrame] = []
    end_at = None
    for part in recordings:
        frame = part.frame
        if part.source.is_time_relative and end_at is not None and frame.height:
            shift = end_at + PAUSE - frame.item(0, "time")
            frame = frame.with_columns((pl.col("time") + shift).cast(TIME))
        frames.append(frame)
        if part.source.is_time_relative and frame.height:
            end_at = frame.item(-1, "time")
    whole = pl.concat(frames, how="diagonal").sort("time", maintain_order=True)
    first = recordings[0]
    names = ", ".join(part.source.name for part in recordings)
    findings = [_of_file(finding, part) for part in recordings for finding in part.findings]
    if sum(part.source.is_time_relative for part in recordings) > 1:
        findings.append(
            Finding(
                rule="tests-without-date",
                severity="note",
                battery_id=str(whole.item(0, "battery_id")) if whole.height else "",
                found=f"{len(recordings)} files without dates laid end to end: {names}",
                next_step="give them in the order in which they were measured",
            )
        )
    source = replace(
        first.source,
        name=names,
        sha256="",
        is_simulated=any(part.source.is_simulated for part in recordings),
    )
    return Recording(
        whole.select([name for name in COLUMNS if name in whole.columns]), source, tuple(findings)
    )


def _of_file(finding: Finding, part: Recording) -> Finding:
    where = "" if finding.row_first is None else f" at rows {finding.row_first}-{finding.row_last}"
    return replace(
        finding, found=f"{part.source.name}{where}: {finding.found}", row_first=None, row_last=None
    )
