"""Amounts by year with their bands: lines up to now, dashed beyond it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from batteryloop.web.drawings.scale import Scale, linear, round_ticks
from batteryloop.web.drawings.svg import element, words

_WIDTH, _HEIGHT = 820, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 62.0, _WIDTH - 118.0, 14.0, _HEIGHT - 26.0
_APART = 15.0
_Place = tuple[int, float]


@dataclass(frozen=True, slots=True)
class BandPoint:
    """An amount in a year with its bounds."""

    year: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Band:
    """A line with its band, its name written at its end; `hue` is a stage of the loop."""

    name: str
    hue: str
    points: tuple[BandPoint, ...]


def draw_bands(
    bands: Sequence[Band], *, now_year: int, unit: str, now: str, title: str, is_simulated: bool
) -> str:
    """Return the chart as SVG text, or nothing where there is no point.

    Parameters
    ----------
    bands : sequence of Band
        Drawn in this order.
    now_year : int
        Beyond it lines are dashed.
    unit : str
        Of the amounts, written above the axis.
    now : str
        The word at the line of now.
    title : str
        For who cannot see it.
    is_simulated : bool
        Whether to draw the hatched edge.

    Examples
    --------
    >>> line = Band("all", "use", (BandPoint(2026, 1.0, 0.5, 2.0), BandPoint(2027, 2.0, 1.0, 3.0)))
    >>> draw_bands([line], now_year=2026, unit="t", now="now", title="t",
    ...            is_simulated=False).count("<path")
    2
    """
    points = [point for band in bands for point in band.points]
    if not points:
        return ""
    years = min(p.year for p in points), max(p.year for p in points)
    most = max(p.high for p in points) or 1.0
    x = linear((float(years[0]), float(years[1])), (_LEFT, _RIGHT))
    y = linear((0.0, most * 1.04), (_BOTTOM, _TOP))
    step = max(1, round((years[1] - years[0]) / 8))
    ends = _names_apart([y(band.points[-1].value) for band in bands if band.points])
    return element(
        "svg",
        element("title", words(title)),
        *(_level(y(v), f"{v:,.0f}" if most > 5 else f"{v:g}") for v in round_ticks((0.0, most))),
        *(_year(x(float(year)), year) for year in range(years[0], years[1] + 1, step)),
        element("text", words(unit), class_="tick", x=_LEFT - 8, y=_TOP - 3, text_anchor="end"),
        *(_band(band, x, y, now_year) for band in bands),
        *(
            element("text", words(band.name), class_=f"name hue-{band.hue}", x=_RIGHT + 8, y=at + 4)
            for band, at in zip([b for b in bands if b.points], ends, strict=True)
        ),
        _now(x(float(now_year)), now) if years[0] < now_year < years[1] else "",
        _hatched_edge() if is_simulated else "",
        class_="chart bands",
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
    )


def _names_apart(places: Sequence[float]) -> list[float]:
    """Return the heights of names, moved apart so that none lies on another.

    Examples
    --------
    >>> _names_apart([100.0, 102.0, 50.0])
    [100.0, 115.0, 50.0]
    """
    order = sorted(range(len(places)), key=lambda k: places[k])
    found = list(places)
    for before, k in pairwise(order):
        found[k] = max(found[k], found[before] + _APART)
    return found


def _band(band: Band, x: Scale, y: Scale, now_year: int) -> str:
    def path(places: Sequence[_Place]) -> str:
        return "M" + "L".join(f"{x(float(year)):.1f} {y(value):.1f}" for year, value in places)

    upper = [(p.year, p.high) for p in band.points]
    lower = [(p.year, p.low) for p in reversed(band.points)]
    line = [(p.year, p.value) for p in band.points]
    until = [place for place in line if place[0] <= now_year]
    beyond = [place for place in line if place[0] >= now_year]
    return element(
        "g",
        element("path", class_="band", d=path([*upper, *lower]) + "Z"),
        element("path", class_="line", d=path(until)) if len(until) > 1 else "",
        element("path", class_="forecast", d=path(beyond)) if len(beyond) > 1 else "",
        *(_spot(point, band.name, x, y) for point in band.points),
        class_=f"hue-{band.hue}",
    )


def _spot(point: BandPoint, name: str, x: Scale, y: Scale) -> str:
    """Return an unseen spot that says its figure when pointed at."""
    said = f"{name} {point.year}: {point.value:,.0f} ({point.low:,.0f}–{point.high:,.0f})"
    return element(
        "circle",
        element("title", words(said)),
        class_="spot",
        cx=x(float(point.year)),
        cy=y(point.value),
        r=6,
    )


def _level(y: float, label: str) -> str:
    line = element("line", class_="grid", x1=_LEFT, x2=_RIGHT, y1=y, y2=y)
    return line + element(
        "text", words(label), class_="tick", x=_LEFT - 8, y=y + 4, text_anchor="end"
    )


def _year(x: float, year: int) -> str:
    return element("text", str(year), class_="tick", x=x, y=_HEIGHT - 8, text_anchor="middle")


def _now(x: float, word: str) -> str:
    line = element("line", class_="now", x1=x, x2=x, y1=_TOP, y2=_BOTTOM)
    return line + element("text", words(word), class_="tick", x=x + 5, y=_TOP + 8)


def _hatched_edge() -> str:
    size = {"x": 1, "y": 1, "width": _WIDTH - 2, "height": _HEIGHT - 2}
    return element("rect", class_="hatched", rx=6, **size)
