"""How a quantity is spread over a fleet: bars, and the level that matters."""

from collections.abc import Sequence

from batteryloop.web.drawings.svg import element, words

_WIDTH, _HEIGHT = 350, 92


def draw_histogram(counts: Sequence[int], *, level_frac: float, title: str) -> str:
    """Return the bars as SVG text; those below the level are drawn pale.

    Parameters
    ----------
    counts : sequence of int
        How many are in each of the equally wide bins, from low to high.
    level_frac : float
        Where the level is, as a share of the whole width [1].
    title : str
        For who cannot see it.

    Examples
    --------
    >>> draw_histogram([1, 0, 4], level_frac=0.5, title="t").count("<rect")
    2
    """
    if not counts or not any(counts):
        return ""
    step = _WIDTH / len(counts)
    most = max(counts)
    bars = [
        element(
            "rect",
            class_="bar below" if (k + 0.5) / len(counts) < level_frac else "bar",
            x=k * step,
            y=_HEIGHT * (1 - n / most),
            width=step * 0.85,
            height=_HEIGHT * n / most,
        )
        for k, n in enumerate(counts)
        if n
    ]
    at = level_frac * _WIDTH
    return element(
        "svg",
        element("title", words(title)),
        *bars,
        element("line", class_="threshold", x1=at, x2=at, y1=0, y2=_HEIGHT),
        class_="chart histogram",
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        preserveAspectRatio="none",
        role="img",
    )
