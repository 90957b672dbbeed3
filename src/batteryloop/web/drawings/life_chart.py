"""State of health over full cycles: dots measured, band and dashes what is ahead, thresholds."""

from collections.abc import Sequence
from dataclasses import dataclass

from batteryloop.web.drawings.scale import Scale, linear, round_ticks
from batteryloop.web.drawings.svg import Attributes, element, words

_WIDTH, _HEIGHT = 820, 280
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, _WIDTH - 14.0, 16.0, _HEIGHT - 38.0
# Further ahead than this many times what was seen, a picture tells nothing.
_FARTHEST = 3.0


@dataclass(frozen=True, slots=True)
class LifePoint:
    """A state of health at an age, with its bounds where they are known."""

    age_efc: float
    soh_frac: float
    soh_low_frac: float | None = None
    soh_high_frac: float | None = None


def draw_life(
    measured: Sequence[LifePoint],
    *,
    ahead: Sequence[LifePoint] = (),
    thresholds_frac: Sequence[float] = (0.8,),
    title: str,
    is_simulated: bool = False,
) -> str:
    """Return the chart as SVG text, or nothing where there is no point.

    Parameters
    ----------
    measured : sequence of LifePoint
        In order of age; dots, on bars where they have bounds.
    ahead : sequence of LifePoint, default ()
        From now on; a dashed line in a band.
    thresholds_frac : sequence of float, default (0.8,)
        Dashed levels [1].
    title : str
        For who cannot see it.
    is_simulated : bool
        Whether to draw the hatched edge.

    Examples
    --------
    >>> draw_life([LifePoint(10.0, 0.9), LifePoint(20.0, 0.88)], title="t").count("<circle")
    2
    >>> draw_life([], title="t")
    ''
    """
    if not measured and not ahead:
        return ""
    last = max((p.age_efc for p in measured), default=0.0) or (ahead[0].age_efc if ahead else 1.0)
    ahead = [p for p in ahead if p.age_efc <= _FARTHEST * max(last, 1.0)]
    points = [*measured, *ahead]
    start = min(p.age_efc for p in points)
    end = max(max(p.age_efc for p in points), start + 1.0)
    known = [v for p in points for v in (p.soh_frac, p.soh_low_frac, p.soh_high_frac) if v]
    low = max(min([*known, *thresholds_frac]) - 0.02, 0.0)
    high = min(max([*known, 1.0]) + 0.01, 1.3)
    x, y = linear((start, end), (_LEFT, _RIGHT)), linear((low, high), (_BOTTOM, _TOP))
    return element(
        "svg",
        element("title", words(title)),
        *_axes(x, y, (start, end), (low, high)),
        *_thresholds(y, [t for t in thresholds_frac if low <= t <= high]),
        *_ahead(x, y, ahead),
        *(_dot(x, y, point) for point in measured),
        _now(x(last)) if ahead else "",
        _hatched() if is_simulated else "",
        class_="chart",
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
    )


def _axes(x: Scale, y: Scale, ages: tuple[float, float], levels: tuple[float, float]) -> list[str]:
    drawn = []
    for value in round_ticks(levels):
        at: Attributes = {"x": _LEFT - 8, "y": y(value) + 4, "text_anchor": "end"}
        line = element("line", class_="grid", x1=_LEFT, x2=_RIGHT, y1=y(value), y2=y(value))
        drawn += [line, element("text", words(f"{100 * value:.0f}"), class_="tick", **at)]
    for age in round_ticks(ages, 7):
        at = {"x": x(age), "y": _BOTTOM + 16, "text_anchor": "middle"}
        drawn.append(element("text", words(f"{age:,.0f}"), class_="tick", **at))
    at = {"x": _RIGHT, "y": _BOTTOM + 32, "text_anchor": "end"}
    return [*drawn, element("text", words("equivalent full cycles"), class_="tick", **at)]


def _thresholds(y: Scale, levels_frac: Sequence[float]) -> list[str]:
    return [
        element("line", class_="threshold", x1=_LEFT, x2=_RIGHT, y1=y(level), y2=y(level))
        for level in levels_frac
    ]


def _ahead(x: Scale, y: Scale, points: Sequence[LifePoint]) -> list[str]:
    if len(points) < 2:
        return []
    upper = [(p.age_efc, p.soh_high_frac) for p in points if p.soh_high_frac is not None]
    lower = [(p.age_efc, p.soh_low_frac) for p in reversed(points) if p.soh_low_frac is not None]

    def _path(places: Sequence[tuple[float, float]]) -> str:
        return "M" + "L".join(f"{x(age):.1f} {y(v):.1f}" for age, v in places)

    band = [element("path", class_="band", d=_path([*upper, *lower]) + "Z")] if upper else []
    line = _path([(p.age_efc, p.soh_frac) for p in points])
    return [*band, element("path", class_="forecast", d=line)]


def _dot(x: Scale, y: Scale, point: LifePoint) -> str:
    said = f"{point.age_efc:,.0f} full cycles: {100 * point.soh_frac:.1f} %"
    bar, low, high = "", point.soh_low_frac, point.soh_high_frac
    if low is not None and high is not None:
        said += f" ({100 * low:.1f} to {100 * high:.1f})"
        at = x(point.age_efc)
        bar = element("line", class_="interval", x1=at, x2=at, y1=y(low), y2=y(high))
    dot = element("circle", class_="dot", cx=x(point.age_efc), cy=y(point.soh_frac), r=2.6)
    return element("g", element("title", words(said)), bar, dot)


def _now(x: float) -> str:
    line = element("line", class_="now", x1=x, x2=x, y1=_TOP, y2=_BOTTOM)
    return line + element("text", "now", class_="tick", x=x + 5, y=_TOP + 8)


def _hatched() -> str:
    size = {"x": 1, "y": 1, "width": _WIDTH - 2, "height": _HEIGHT - 2}
    return element("rect", class_="hatched", rx=6, **size)
