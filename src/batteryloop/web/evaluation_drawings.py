"""The pictures of an evaluation: life, time in bands, depths of cycles, cells, strips."""

from itertools import pairwise
from statistics import median

from batteryloop.evaluation import EvaluationReport
from batteryloop.evaluation.types import DepthBin, Figure
from batteryloop.evaluation.usage import SOC_EDGES_FRAC, TEMPERATURE_EDGES_DEGC
from batteryloop.web.drawings.cell_map import draw_cells
from batteryloop.web.drawings.health_chart import HealthPoint, draw_health
from batteryloop.web.drawings.heat_map import Band, draw_heat_map
from batteryloop.web.drawings.life_chart import LifePoint, draw_life
from batteryloop.web.drawings.strip import draw_strip
from batteryloop.web.drawings.svg import Attributes, element, words

# Shares of what was when new; on these the strips share one scale.
_STRIPS = {
    "soh_energy_frac": (0.5, 1.05),
    "soh_frac": (0.5, 1.05),
    "soh_power_frac": (0.5, 1.05),
    "coulombic_efficiency_frac": (0.9, 1.01),
    "energy_efficiency_frac": (0.7, 1.0),
    "fast_charge_share_frac": (0.0, 1.0),
    "soc_mean_frac": (0.0, 1.0),
}
_ROBUST = 1.4826
_LEAST_FRAC = 0.02


def life_picture(report: EvaluationReport) -> str:
    """Return state of health over full cycles, else over time; nothing where nothing is known."""
    aging, thresholds = report.degradation, report.inputs.options.thresholds_frac
    title = "state of health measured and ahead"
    if aging.past:
        ahead = [
            LifePoint(p.age_efc, p.soh_frac, p.soh_low_frac, p.soh_high_frac)
            for p in aging.ahead
            if p.soh_frac > _LEAST_FRAC
        ]
        return draw_life(
            [LifePoint(age, soh) for age, soh in aging.past],
            ahead=ahead if any(r.remaining_efc.is_known for r in aging.remaining) else (),
            thresholds_frac=thresholds,
            title=title,
            is_simulated=report.is_simulated,
        )
    rated = report.inputs.identity.rated_capacity_ah
    if not rated or not report.inputs.telemetry.is_dated or not aging.history:
        return ""
    points = [
        HealthPoint(p.at, p.capacity_ah / rated, p.low_ah / rated, p.high_ah / rated)
        for p in aging.history
    ]
    return draw_health(
        points, thresholds_frac=thresholds, title=title, is_simulated=report.is_simulated
    )


def heat_picture(report: EvaluationReport) -> str:
    """Return the hours at each temperature and state of charge."""
    warm = _bands(TEMPERATURE_EDGES_DEGC)
    full = list(reversed(_bands(SOC_EDGES_FRAC)))
    hours: dict[tuple[Band, Band], float] = {}
    for cell in report.usage.time_in_bands:
        left = _band(cell.temperature_low_degc, cell.temperature_high_degc)
        low = _band(cell.soc_low_frac, cell.soc_high_frac)
        hours[left, low] = hours.get((left, low), 0.0) + cell.hours
    across = warm if any(left is not None for left, _ in hours) else []
    across = [*across, None] if any(left is None for left, _ in hours) else across
    down = [*full, None] if any(low is None for _, low in hours) else full
    return draw_heat_map(
        hours,
        across=across,
        down=down,
        across_words=[_warm(b) for b in across],
        down_words=["not known" if b is None else f"{b[0]:.0%}–{b[1]:.0%}" for b in down],
        title="hours by temperature and state of charge",
    )


def _bands(edges: tuple[float, ...]) -> list[Band]:
    return list(pairwise(edges))


def _band(low: float | None, high: float | None) -> Band:
    return None if low is None or high is None else (low, high)


def _warm(band: Band) -> str:
    if band is None:
        return "not known"
    low, high = band
    if low == TEMPERATURE_EDGES_DEGC[0]:
        return f"< {high:g} °C"
    return f"> {low:g} °C" if high == TEMPERATURE_EDGES_DEGC[-1] else f"{low:g}–{high:g} °C"


def depth_picture(report: EvaluationReport) -> str:
    """Return how many cycles had which depth, as bars with their numbers."""
    bins = [b for b in report.usage.depths if b.n_cycles > 0 or b.high_frac <= 1.0]
    if not bins:
        return ""
    most, step, height = max(b.n_cycles for b in bins), 58, 92
    drawn = [_bar(b, k * step + 4, step - 8, height, most) for k, b in enumerate(bins)]
    return element(
        "svg",
        element("title", words("cycles by depth, counted by rainflow")),
        *drawn,
        class_="chart depths",
        viewBox=f"0 0 {len(bins) * step} {height + 34}",
        role="img",
    )


def _bar(depth: DepthBin, x: int, width: int, height: int, most: float) -> str:
    tall = max(height * depth.n_cycles / most, 1.0 if depth.n_cycles else 0.0)
    low, high, n = depth.low_frac, depth.high_frac, f"{depth.n_cycles:g}"
    name = f"{low:.0%}–{high:.0%}" if high <= 1 else f"> {low:.0%}"
    top = 14 + height - tall
    at: Attributes = {"class_": "tick", "text_anchor": "middle", "x": x + width // 2}
    return element(
        "g",
        element("title", words(f"{name} deep: {n} cycles")),
        element("rect", class_="bar", x=x, y=top, width=width, height=tall),
        element("text", words(n), y=top - 4, **at),
        element("text", words(name), y=height + 29, **at),
    )


def cell_picture(report: EvaluationReport) -> str:
    """Return each cell against its pack, in robust standard deviations."""
    off = report.health.cells.deviations_v
    if not off:
        return ""
    spread = _ROBUST * median(abs(v) for v in off) or 1.0
    return draw_cells(
        [v / spread for v in off], title="cells against their pack at rest", n_per_row=16
    )


def strip_picture(figure: Figure, report: EvaluationReport) -> str:
    """Return a figure's interval on its scale; nothing for figures that have none."""
    if figure.name not in _STRIPS:
        return ""
    low, high = _STRIPS[figure.name]
    marks = report.inputs.options.thresholds_frac if figure.name.startswith("soh_") else ()
    return draw_strip(
        figure.estimate, low_frac=low, high_frac=high, marks_frac=marks, title=figure.kind.title
    )
