"""Draw the loop for README and manual: the picture of the home page, with deeds for counts."""

import sys
from pathlib import Path

from batteryloop.web.drawings.loop import STAGE_HUES, LoopStage, draw_loop

TARGET = Path(__file__).resolve().parents[1] / "docs" / "assets" / "loop.svg"
# Each stage: key, name, what is done there, whether it is built.
STAGES = (
    ("make", "Make", "design it to be taken apart", False),
    ("use", "Use", "hear what it says", True),
    ("care", "Care", "judge, warn, repair", True),
    ("swap", "Swap & charge", "keep it moving", False),
    ("decide", "Decide", "what is its best next life?", True),
    ("renew", "Renew", "remanufacture, second life", True),
    ("recover", "Recover", "metals for the next one", True),
)
STYLE = """text { font-family: system-ui, sans-serif; fill: #1b1f24 }
.name { font-size: 14px; font-weight: 650 } .deed { font-size: 12px; fill: #5c6570 }
.centre { font-size: 21px; font-weight: 700 } .to-come path { opacity: .38 }
@media (prefers-color-scheme: dark) { text { fill: #e8eaed } .deed { fill: #a3abb5 } }"""


def draw() -> str:
    """Return the picture as one SVG text."""
    names = ", ".join(name for _, name, _, _ in STAGES)
    return draw_loop(
        [
            LoopStage(key, name, deed, STAGE_HUES[key], is_faint=not is_built)
            for key, name, deed, is_built in STAGES
        ],
        centre="one battery",
        centre_note="one life, one record",
        title="The loop of a battery's life",
        description=f"A ring of seven stages: {names}. Pale stages are still to be built.",
        style=STYLE,
    )


def main() -> int:
    """Write the picture, or with --check say whether the one in the docs is this one."""
    if "--check" in sys.argv:
        return int(TARGET.read_text(encoding="utf-8") != draw())
    TARGET.write_text(draw(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
