"""The series that a warning rests on, as SVG: the cell against its pack, and the plain limit."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from batteryloop.cli.plots import ACCENT, FAINT, STYLE, WARM, drawing, saved
from batteryloop.health.warning import HealthWarning
from batteryloop.quantities.table import label
from batteryloop.usecases.watch_fleet import Watched


def write_evidence(part: Watched, folder: Path, *, severity: int = 0) -> list[Path]:
    """Write a plot a warning of that severity and above that has a series; return their paths."""
    paths = []
    for warning in part.warnings:
        if warning.severity < severity or not warning.evidence.values:
            continue
        figure = evidence_figure(warning, is_simulated=part.is_simulated)
        words = (warning.kind, warning.cell_label.replace(" ", "-"), f"{warning.raised_at:%Y%m%d}")
        name = "-".join(word for word in (*words, f"severity-{warning.severity}") if word)
        paths.append(saved(figure, folder, warning.battery_id, name))
    return paths


def evidence_figure(warning: HealthWarning, *, is_simulated: bool) -> Figure:
    """Return the evidence over time; the plain limit is dashed where it has one."""
    evidence = warning.evidence
    with mpl.rc_context(rc=STYLE):
        title = " · ".join(
            word
            for word in (warning.kind, warning.cell_label, f"severity {warning.severity}")
            if word
        )
        figure, axes = drawing(warning.battery_id, title, is_simulated=is_simulated)
        axes.plot(evidence.time, evidence.values, "o-", ms=3, lw=1, color=ACCENT)
        axes.axhline(0.0, color=FAINT, lw=0.8)
        if evidence.threshold is not None:
            axes.axhline(evidence.threshold, color=WARM, lw=1, ls="--", label="plain limit")
            axes.legend(frameon=False, fontsize=8, loc="best")
        axes.axvline(warning.raised_at, color=FAINT, lw=0.8, ls=":")
        axes.set_ylabel(label(evidence.quantity))
    return figure
