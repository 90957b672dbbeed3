"""State of health over time: dots measured, band its interval, dashed the forecast."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from batteryloop.web.drawings.scale import Scale, Span, linear, round_ticks, time_ticks
from batteryloop.web.drawings.svg import Attributes, element, words

_WIDTH, _HEIGHT = 820, 280
# A band that falls further than this is cut at the chart's edge.
_LEAST_FRAC = 0.4
_Place = tuple[datetime, float]
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, _WIDTH - 12.0, 14.0, _HEIGHT - 26.0


@dataclass(frozen=True, slots=True)
class HealthPoint:
    """A state of health at a moment, with its bounds where they are known."""

    at: datetime
    soh_frac: float
    soh_low_frac: float | None = None
    soh_high_frac: float | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened, written above the line."""

    at: datetime
    words: str


def draw_health(
    measured: Sequence[HealthPoint],
    *,
    forecast: Sequence[HealthPoint] = (),
    marks: Sequence[Mark] = (),
    thresholds_frac: Sequence[float] = (0.8,),
    now: datetime | None = None,
    title: str,
    is_simulated: bool = False,
) -> str:
    """Return the chart as SVG text, or nothing where there is no point.

    Parameters
    ----------
    measured : sequence of HealthPoint
        Evaluations in order of time; drawn as dots on bars of their interval.
    forecast : sequence of HealthPoint, default ()
        In order of time; drawn as a dashed line in a band.
    marks : sequence of Mark, default ()
        Events worth seeing beside the line.
    thresholds_frac : sequence of float, default (0.8,)
        Dashed levels [1].
    now : datetime, optional
        Draws the line between what was and what may be.
    title : str
        For who cannot see it.
    is_simulated : bool
        Whether to draw the hatched edge.
    """
    points = [*measured, *forecast]
    if not points:
        return ""
    start, end = min(p.at for p in points), max(p.at for p in points)
    if start == end:
        start, end = start - timedelta(days=15), end + timedelta(days=15)
    known = [v for p in points for v in (p.soh_frac, p.soh_low_frac, p.soh_high_frac) if v]
    least = max(min([*known, *thresholds_frac]), _LEAST_FRAC)
    span = least - 0.02, max([*known, 1.0]) + 0.015
    x = linear((start.timestamp(), end.timestamp()), (_LEFT, _RIGHT))
    y = linear(span, (_BOTTOM, _TOP))
    return element(
        "svg",
        element("title", words(title)),
        *_levels(y, span),
        *_times(x, start, end),
        *(_level(y(level), "threshold") for level in thresholds_frac),
        *_forecast(x, y, forecast),
        *(_dot(x(p.at.timestamp()), y, p) for p in measured),
        *(_mark(x(m.at.timestamp()), m, k) for k, m in enumerate(marks)),
        _now(x(now.timestamp())) if now is not None and start <= now <= end else "",
        _hatched_edge() if is_simulated else "",
        class_="chart",
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
    )


def _level(y: float, kind: str) -> str:
    return element("line", class_=kind, x1=_LEFT, x2=_RIGHT, y1=y, y2=y)


def _levels(y: Scale, span: Span) -> list[str]:
    drawn = []
    for value in round_ticks(span):
        percent = words(f"{100 * value:.0f}")
        at: Attributes = {"x": _LEFT - 8, "y": y(value) + 4, "text_anchor": "end"}
        drawn += [_level(y(value), "grid"), element("text", percent, class_="tick", **at)]
    return drawn


def _times(x: Scale, start: datetime, end: datetime) -> list[str]:
    return [
        element(
            "text",
            words(label),
            class_="tick",
            x=x(at.timestamp()),
            y=_HEIGHT - 8,
            text_anchor="middle",
        )
        for at, label in time_ticks(start, end)
    ]


def _forecast(x: Scale, y: Scale, points: Sequence[HealthPoint]) -> list[str]:
    if not points:
        return []
    line = [(p.at, p.soh_frac) for p in points]
    upper = [(p.at, p.soh_high_frac) for p in points if p.soh_high_frac is not None]
    lower = [(p.at, p.soh_low_frac) for p in reversed(points) if p.soh_low_frac is not None]

    def path(places: Sequence[_Place]) -> str:
        return "M" + "L".join(
            f"{x(at.timestamp()):.1f} {min(y(v), _BOTTOM):.1f}" for at, v in places
        )

    band = [element("path", class_="band", d=path([*upper, *lower]) + "Z")] if upper else []
    return [*band, element("path", class_="forecast", d=path(line))]


def _dot(x: float, y: Scale, point: HealthPoint) -> str:
    said = f"{point.at:%Y-%m-%d}: {100 * point.soh_frac:.1f} %"
    bar = ""
    low, high = point.soh_low_frac, point.soh_high_frac
    if low is not None and high is not None:
        said += f" ({100 * low:.1f}–{100 * high:.1f})"
        bar = element("line", class_="interval", x1=x, x2=x, y1=y(low), y2=y(high))
    dot = element("circle", class_="dot", cx=x, cy=y(point.soh_frac), r=3.2)
    return element("g", element("title", words(said)), bar, dot)


def _mark(x: float, mark: Mark, k: int) -> str:
    height = _TOP + 4 + 14 * (k % 3)
    is_late = x > _WIDTH * 0.7
    at = {"x": x + (-5 if is_late else 5), "y": height + 8}
    return element(
        "g",
        element("line", x1=x, x2=x, y1=height, y2=height + 16),
        element("text", words(mark.words), text_anchor="end" if is_late else "start", **at),
        class_="mark",
    )


def _now(x: float) -> str:
    line = element("line", class_="now", x1=x, x2=x, y1=_TOP, y2=_BOTTOM)
    return line + element("text", "now", class_="tick", x=x + 5, y=_TOP + 8)


def _hatched_edge() -> str:
    size = {"x": 1, "y": 1, "width": _WIDTH - 2, "height": _HEIGHT - 2}
    return element("rect", class_="hatched", rx=6, **size)
