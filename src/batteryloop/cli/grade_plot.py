"""Plots of learned health as SVG: graded cells with their intervals, errors of the training."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from batteryloop.cli.plots import ACCENT, FAINT, STYLE, WARM, drawing, saved
from batteryloop.usecases.grade_cells import GradedCell

# So many names fit under the axis.
_MOST_NAMES = 40


def write_grades(
    graded: Sequence[GradedCell], bounds_frac: Mapping[str, float], name: str, folder: Path
) -> Path | None:
    """Write the plot of graded cells if there is one to draw; return its path."""
    figure = grades_figure(graded, bounds_frac, name)
    return None if figure is None else saved(figure, folder, name, "grades")


def grades_figure(
    graded: Sequence[GradedCell], bounds_frac: Mapping[str, float], name: str
) -> Figure | None:
    """Return the cells from worn to good: value and interval, hollow where no grade is given."""
    known = sorted(
        ((c.soh_frac.value, c) for c in graded if c.soh_frac.value is not None), key=lambda p: p[0]
    )
    if not known:
        return None
    cells = [cell for _, cell in known]
    value, low, high = (
        100 * np.array([getattr(c.soh_frac, what) for c in cells], dtype=float)
        for what in ("value", "low", "high")
    )
    has_grade = np.array([cell.grade.name in bounds_frac for cell in cells])
    places = np.arange(len(cells))
    sure = round(100 * cells[0].soh_frac.confidence_frac)
    with mpl.rc_context(rc=STYLE):
        figure, axes = drawing(name, f"state of health, {sure} % interval", is_simulated=False)
        axes.vlines(places, low, high, color=ACCENT, alpha=0.4, lw=1.5)
        axes.plot(places[has_grade], value[has_grade], "o", ms=4, color=ACCENT, label="graded")
        if not has_grade.all():
            shown = ~has_grade
            axes.plot(
                places[shown], value[shown], "o", ms=4, mfc="none", mec=WARM, label="no grade"
            )
        for grade, bound in bounds_frac.items():
            axes.axhline(100 * bound, color=FAINT, lw=1, ls="--")
            axes.annotate(
                f"{grade} from here", (1, 100 * bound), xycoords=("axes fraction", "data"),
                ha="right", va="bottom", fontsize=8, color=FAINT,
            )  # fmt: skip
        named = len(cells) <= _MOST_NAMES
        axes.set_xticks(places if named else [])
        if named:
            axes.set_xticklabels([c.battery_id for c in cells], rotation=90, fontsize=7)
        n_unknown = len(graded) - len(cells)
        axes.set_xlabel(f"{n_unknown} cells refused, not drawn" if n_unknown else "")
        axes.set_ylabel("state of health [%]")
        axes.legend(frameon=False, fontsize=8, loc="upper left")
    return figure


def write_errors(card: Mapping[str, Any], folder: Path) -> Path:
    """Write the plot of a model's errors by cell; return its path."""
    return saved(errors_figure(card), folder, Path(card["data"]).stem, "errors")


def errors_figure(card: Mapping[str, Any]) -> Figure:
    """Return each training cell's error, judged by members that never saw it, over its health."""
    cells = list(card["cells"].values())
    soh, error, half = (
        100 * np.array([cell[name] for cell in cells])
        for name in ("soh_frac", "error_frac", "halfwidth_frac")
    )
    with mpl.rc_context(rc=STYLE):
        title = f"error of each cell, mean {100 * card['error_mean_frac']:.2g} %"
        figure, axes = drawing(card["data"], title, is_simulated=False)
        axes.vlines(soh, -half, half, color=ACCENT, alpha=0.25, lw=1.5, label="90 % interval")
        axes.plot(soh, error, "o", ms=4, color=ACCENT, label="error")
        axes.axhline(0.0, color=FAINT, lw=0.8)
        axes.set_xlabel("state of health, measured [%]")
        axes.set_ylabel("told less measured [% of it]")
        axes.legend(frameon=False, fontsize=8, loc="best")
    return figure
