"""An evaluation as a page of its own: one file that a person opens, prints or sends on."""

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from batteryloop.evaluation import EvaluationReport, canonical_report
from batteryloop.evaluation.figures import figure_kinds, shown
from batteryloop.evaluation.types import Figure
from batteryloop.quantities import Estimate
from batteryloop.web.evaluation_drawings import (
    cell_picture,
    depth_picture,
    heat_picture,
    life_picture,
    strip_picture,
)

STYLES = ("batteryloop.css", "evaluation.css")
_SIGNS = {"met": "✓", "missed": "✕", "cannot tell": "?", "over": "–", "not applicable": "–"}
_GIVEN = {"given": "✓", "unknown": "?", "not applicable": "–"}


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("batteryloop.web"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["shown"] = lambda figure: shown(figure.name, figure.estimate)
    made.filters["said"] = said
    return made


def said(estimate: Estimate) -> str:
    """Return a remaining life in words: value and interval, or a dash.

    Examples
    --------
    >>> said(Estimate("remaining_efc", 812.3, 640.0, 990.0, 0.9, "m"))
    '812 (640 to 990)'
    """
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "–"
    return f"{estimate.value:,.0f} ({estimate.low:,.0f} to {estimate.high:,.0f})"


def evaluation_page(report: EvaluationReport) -> str:
    """Return the page as one HTML text: styles and pictures within, no script, nothing fetched.

    It follows the reader's light or dark on a screen and prints on A4 in black on white.
    """
    static = files("batteryloop.web").joinpath("static")
    style = "\n".join(static.joinpath(name).read_text("utf-8") for name in STYLES)
    page = _environment().get_template("evaluation.html")
    return page.render(style=Markup(style), **evaluation_view(report))


def evaluation_view(report: EvaluationReport) -> dict[str, Any]:
    """Return what the template `evaluation_body.html` wants of a report."""
    return {
        "report": report,
        "inputs": report.inputs,
        "verdict": verdict(report),
        "ladder": ladder(report),
        "groups": [
            ("Health now", _rows(report, report.health.figures)),
            ("Usage history", _rows(report, report.usage.figures)),
            ("Degradation", _rows(report, report.degradation.figures)),
        ],
        "life": Markup(life_picture(report)),
        "heat": Markup(heat_picture(report)),
        "depths": Markup(depth_picture(report)),
        "cells": Markup(cell_picture(report)),
        "signs": _SIGNS,
        "given": _GIVEN,
        "sha256": hashlib.sha256(canonical_report(report)).hexdigest(),
        "sure": round(100 * report.inputs.options.confidence_frac),
    }


def _rows(report: EvaluationReport, figures: tuple[Figure, ...]) -> list[tuple[Figure, Markup]]:
    """Return the figures with their strips: what is known first, in the table's order."""
    order = list(figure_kinds())
    ordered = sorted(figures, key=lambda f: (not f.estimate.is_known, order.index(f.name)))
    return [(figure, Markup(strip_picture(figure, report))) for figure in ordered]


def ladder(report: EvaluationReport) -> list[tuple[str, bool]]:
    """Return each grade of the profile, the best first, and whether the battery may have it."""
    if report.grade is None:
        return []
    profile = next(p for p in report.inputs.profiles if p.name == report.grade.profile)
    names = [*dict.fromkeys(rule.grade for rule in profile.grades), profile.lowest_grade]
    first, last = names.index(report.grade.best), names.index(report.grade.worst)
    return [(name, first <= k <= last) for k, name in enumerate(names)]


def verdict(report: EvaluationReport) -> list[tuple[str, str]]:
    """Return the report in a few sentences: pieces of text, each with how it is set.

    Examples: ``[("", "Energy left "), ("strong", "86.4 %"), ("soft", " (85.2 to 87.5)")]``.
    """
    figures, told = report.figures, []
    energy = figures["soh_energy_frac"].estimate
    if energy.is_known:
        value, _, interval = shown("soh_energy_frac", energy).partition(" (")
        told += [("strong", value), ("", " of its energy is left ")]
        sure = f"{round(100 * energy.confidence_frac)} % sure"
        told.append(("soft", f"({interval.rstrip(')')}, {sure}). " if interval else "exactly. "))
    else:
        told += [("strong", "How much energy is left is not known"), ("", f": {energy.reason}. ")]
    cycles = figures["equivalent_full_cycles"].estimate
    if cycles.value is not None:
        told.append(("", f"It went through {cycles.value:,.1f} full cycles in the record. "))
    life = next((r for r in report.degradation.remaining if r.remaining_efc.value), None)
    if life is not None:
        told += [
            ("", f"It reaches {life.threshold_frac:.0%} after another "),
            ("strong", f"{life.remaining_efc.value:,.0f} full cycles"),
            ("soft", f" ({said(life.remaining_efc).partition('(')[2]}. "),
        ]
    grave = [n for n in report.health.notices if n.severity >= 2]
    if grave:
        first = grave[0]
        what = f"{first.kind} {first.where}".strip()
        told += [("bad", f"Warning of severity {first.severity}, {what}"), ("", ": ")]
        told.append(("", f"{first.next_step}."))
    return told
