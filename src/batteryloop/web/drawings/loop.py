"""The loop: a ring of the stages of a battery's life, drawn from what is counted there."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from batteryloop.web.drawings.svg import Attributes, element, words

_CENTRE_X, _CENTRE_Y, _OUTER, _INNER = 280.0, 230.0, 150.0, 120.0
_GAP = math.radians(1.3)
# The least share of the ring that a stage gets, so that an empty one is still seen.
_LEAST_FRAC = 0.06


@dataclass(frozen=True, slots=True)
class LoopStage:
    """One stage on the ring.

    `weight` sets the length of its arc (by its square root, so that a fleet of 96,000 leaves
    room for the rest); `is_faint` draws it pale; `href` makes it a link.
    """

    key: str
    name: str
    note: str
    hue: str
    weight: float = 1.0
    is_faint: bool = False
    href: str = ""


STAGE_HUES = {
    "make": "#7d6b52",
    "use": "#2f6db5",
    "care": "#b87a2a",
    "swap": "#6a58b8",
    "decide": "#3a3f47",
    "renew": "#2e8a5d",
    "recover": "#a34a5b",
}


def draw_loop(
    stages: Sequence[LoopStage],
    *,
    centre: str,
    centre_note: str,
    title: str,
    description: str,
    style: str = "",
) -> str:
    """Return the ring as one SVG text, with its title and description for who cannot see it.

    Parameters
    ----------
    stages : sequence of LoopStage
        In the order of a life, clockwise from the top.
    centre, centre_note : str
        The words in the middle.
    title, description : str
        What it is and what it says.
    style : str, default ""
        A style sheet for a picture that stands alone; a page has its own.

    Examples
    --------
    >>> svg = draw_loop([LoopStage("use", "Use", "7", "#2f6db5")], centre="7", centre_note="",
    ...                 title="t", description="d")
    >>> svg.startswith("<svg") and svg.rstrip().endswith("</svg>")
    True
    """
    middle: Attributes = {"x": _CENTRE_X, "text_anchor": "middle"}
    parts = [
        element("title", words(title)),
        element("desc", words(description)),
        element("style", f"\n{style}\n") if style else "",
        *(_stage(s, *span) for s, span in zip(stages, _spans(stages), strict=True)),
        element("text", words(centre), class_="centre", y=_CENTRE_Y - 2, **middle),
        element("text", words(centre_note), class_="deed", y=_CENTRE_Y + 22, **middle),
    ]
    return element(
        "svg",
        "\n",
        *(f"{part}\n" for part in parts if part),
        xmlns="http://www.w3.org/2000/svg",
        viewBox="-60 0 680 450",
        role="group" if any(stage.href for stage in stages) else "img",
        aria_label=title,
        class_="loop",
    )


def _spans(stages: Sequence[LoopStage]) -> list[tuple[float, float]]:
    roots = [math.sqrt(max(stage.weight, 0.0)) for stage in stages]
    total = sum(roots) or 1.0
    spare = 1.0 - _LEAST_FRAC * len(stages)
    shares = [_LEAST_FRAC + spare * root / total for root in roots]
    scale = 2 * math.pi / sum(shares)
    # The first stage is centred on the top.
    angle = -shares[0] * scale / 2
    spans = []
    for share in shares:
        spans.append((angle, angle + share * scale))
        angle += share * scale
    return spans


def _point(angle: float, radius: float) -> tuple[float, float]:
    return _CENTRE_X + radius * math.sin(angle), _CENTRE_Y - radius * math.cos(angle)


def _arc(start: float, end: float) -> str:
    x1, y1 = _point(start + _GAP, _OUTER)
    x2, y2 = _point(end - _GAP, _OUTER)
    x3, y3 = _point(end - _GAP, _INNER)
    x4, y4 = _point(start + _GAP, _INNER)
    large = int(end - start - 2 * _GAP > math.pi)
    return (
        f"M{x1:.1f} {y1:.1f}A{_OUTER:.0f} {_OUTER:.0f} 0 {large} 1 {x2:.1f} {y2:.1f}"
        f"L{x3:.1f} {y3:.1f}A{_INNER:.0f} {_INNER:.0f} 0 {large} 0 {x4:.1f} {y4:.1f}Z"
    )


def _stage(stage: LoopStage, start: float, end: float) -> str:
    x, y = _point((start + end) / 2, _OUTER + 16)
    is_middle = abs(x - _CENTRE_X) < 20
    anchor = "middle" if is_middle else ("start" if x > _CENTRE_X else "end")
    if is_middle:
        y += -14 if y < _CENTRE_Y else 10
    at: Attributes = {"x": x, "text_anchor": anchor}
    body = element(
        "g",
        element("path", d=_arc(start, end), fill=stage.hue, class_=f"stage-{stage.key}"),
        element("text", words(stage.name), class_="name", y=y, **at),
        element("text", words(stage.note), class_="deed", y=y + 16, **at),
        class_="to-come" if stage.is_faint else None,
    )
    return element("a", body, href=stage.href) if stage.href else body
