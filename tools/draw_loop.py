"""Draw the loop as SVG: a ring of the stages of a battery's life."""

import math
import sys
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

TARGET = Path(__file__).resolve().parents[1] / "docs" / "assets" / "loop.svg"


class Stage(NamedTuple):
    """One stage: its name, what is done there, its hue, whether it is built."""

    name: str
    deed: str
    hue: str
    is_built: bool


STAGES = (
    Stage("Make", "design it to be taken apart", "#7d6b52", False),
    Stage("Use", "hear what it says", "#2f6db5", True),
    Stage("Care", "judge, warn, repair", "#b87a2a", True),
    Stage("Swap & charge", "keep it moving", "#6a58b8", False),
    Stage("Decide", "what is its best next life?", "#3a3f47", False),
    Stage("Renew", "remanufacture, second life", "#2e8a5d", False),
    Stage("Recover", "metals for the next one", "#a34a5b", False),
)

_SIZE, _CENTRE, _OUTER, _INNER = 560, (280, 230), 150, 118
_GAP = math.radians(2.2)


def _point(angle: float, radius: float) -> tuple[float, float]:
    return _CENTRE[0] + radius * math.sin(angle), _CENTRE[1] - radius * math.cos(angle)


def _arc(start: float, end: float) -> str:
    x1, y1 = _point(start + _GAP, _OUTER)
    x2, y2 = _point(end - _GAP, _OUTER)
    x3, y3 = _point(end - _GAP, _INNER)
    x4, y4 = _point(start + _GAP, _INNER)
    return (
        f"M{x1:.1f} {y1:.1f}A{_OUTER} {_OUTER} 0 0 1 {x2:.1f} {y2:.1f}"
        f"L{x3:.1f} {y3:.1f}A{_INNER} {_INNER} 0 0 0 {x4:.1f} {y4:.1f}Z"
    )


def _stage(k: int, stage: Stage) -> str:
    width = 2 * math.pi / len(STAGES)
    start = k * width - width / 2
    x, y = _point(start + width / 2, _OUTER + 16)
    anchor = "middle" if abs(x - _CENTRE[0]) < 20 else ("start" if x > _CENTRE[0] else "end")
    if anchor == "middle":
        y -= 14
    state = "" if stage.is_built else ' class="to-come"'
    text = f'<text x="{x:.1f}" text-anchor="{anchor}"'
    return (
        f'<g{state}><path d="{_arc(start, start + width)}" fill="{stage.hue}"/>'
        f'{text} y="{y:.1f}" class="name">{escape(stage.name)}</text>'
        f'{text} y="{y + 16:.1f}" class="deed">{escape(stage.deed)}</text></g>'
    )


def draw() -> str:
    """Return the picture as one SVG text."""
    ring = "\n".join(_stage(k, stage) for k, stage in enumerate(STAGES))
    x, y = _CENTRE
    names = escape(", ".join(stage.name for stage in STAGES))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="-60 0 680 450" role="img">
<title>The loop of a battery's life</title>
<desc>A ring of seven stages: {names}. Pale stages are still to be built.</desc>
<style>
text {{ font-family: system-ui, sans-serif; fill: #1b1f24 }}
.name {{ font-size: 14px; font-weight: 650 }} .deed {{ font-size: 12px; fill: #5c6570 }}
.centre {{ font-size: 21px; font-weight: 700 }} .to-come path {{ opacity: .38 }}
@media (prefers-color-scheme: dark) {{ text {{ fill: #e8eaed }} .deed {{ fill: #a3abb5 }} }}
</style>
{ring}
<text x="{x}" y="{y - 2}" text-anchor="middle" class="centre">one battery</text>
<text x="{x}" y="{y + 22}" text-anchor="middle" class="deed">one life, one record</text>
</svg>
"""


def main() -> int:
    """Write the picture, or with --check say whether the one in the docs is this one."""
    if "--check" in sys.argv:
        return int(TARGET.read_text(encoding="utf-8") != draw())
    TARGET.write_text(draw(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
