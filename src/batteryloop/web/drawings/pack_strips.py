"""How alike the modules of each pack are: a dot a module, the weakest decides."""

from collections.abc import Mapping, Sequence

from batteryloop.web.drawings.scale import linear, round_ticks
from batteryloop.web.drawings.svg import element, words

_WIDTH, _ROW, _TOP = 820, 18, 8
_LEFT, _RIGHT = 96.0, _WIDTH - 14.0


def draw_strips(
    capacities_ah: Mapping[str, Sequence[float]], *, title: str, is_simulated: bool
) -> str:
    """Return the packs as SVG text, one line each, or nothing where there is none.

    Parameters
    ----------
    capacities_ah : mapping of str to sequence of float
        By pack the capacity of each of its modules [Ah].
    title : str
        For who cannot see it.
    is_simulated : bool
        Whether to draw the hatched edge.

    Examples
    --------
    >>> draw_strips({"M-1": [100.0, 101.0]}, title="t", is_simulated=False).count("<circle")
    2
    """
    known = [v for values in capacities_ah.values() for v in values]
    if not known:
        return ""
    span = min(known) - 1.0, max(known) + 1.0
    x = linear(span, (_LEFT, _RIGHT))
    height = _TOP + _ROW * len(capacities_ah) + 24
    drawn = []
    for place, (name, values) in enumerate(capacities_ah.items()):
        y = _TOP + _ROW * (place + 0.5)
        ends = {"x1": x(min(values)), "x2": x(max(values)), "y1": y, "y2": y}
        drawn.append(element("text", words(name), class_="tick", x=4, y=y + 4))
        drawn.append(element("line", class_="interval", **ends))
        drawn += [
            element(
                "circle",
                element("title", words(f"{name}: {value:.1f} Ah")),
                class_="dot weakest" if value == min(values) else "dot",
                cx=x(value),
                cy=y,
                r=3.2,
            )
            for value in sorted(values, reverse=True)
        ]
    bottom = _TOP + _ROW * len(capacities_ah)
    axis = [
        element("line", class_="grid", x1=x(v), x2=x(v), y1=_TOP, y2=bottom)
        + element(
            "text", words(f"{v:g}"), class_="tick", x=x(v), y=bottom + 16, text_anchor="middle"
        )
        for v in round_ticks(span, 6)
    ]
    size = {"x": 1, "y": 1, "width": _WIDTH - 2, "height": height - 2}
    return element(
        "svg",
        element("title", words(title)),
        *axis,
        *drawn,
        element("rect", class_="hatched", rx=6, **size) if is_simulated else "",
        class_="chart strips",
        viewBox=f"0 0 {_WIDTH} {height}",
        role="img",
    )
