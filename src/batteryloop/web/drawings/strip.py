"""One estimate as a strip: a tick for the value in the band of its interval, on a common scale."""

from collections.abc import Sequence

from batteryloop.quantities import Estimate
from batteryloop.web.drawings.scale import linear
from batteryloop.web.drawings.svg import element, words

_WIDTH, _HEIGHT = 150, 16


def draw_strip(
    estimate: Estimate,
    *,
    low_frac: float,
    high_frac: float,
    marks_frac: Sequence[float] = (),
    title: str,
) -> str:
    """Return the strip as SVG text, or nothing where the estimate is not known.

    Parameters
    ----------
    estimate : Estimate
        A share [1].
    low_frac, high_frac : float
        The ends of the scale [1].
    marks_frac : sequence of float, default ()
        Thresholds to mark [1].
    title : str
        For who cannot see it.

    Examples
    --------
    >>> soh = Estimate("soh_frac", 0.8, 0.78, 0.82, 0.9, "m")
    >>> draw_strip(soh, low_frac=0.5, high_frac=1.0, title="t").count("<rect")
    2
    """
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return ""
    x = linear((low_frac, high_frac), (2.0, _WIDTH - 2.0))

    def place(value_frac: float) -> float:
        return min(max(x(value_frac), 2.0), _WIDTH - 2.0)

    start, middle, end = map(place, (estimate.low, estimate.value, estimate.high))
    return element(
        "svg",
        element("title", words(title)),
        element("rect", class_="rail", x=2, y=7, width=_WIDTH - 4, height=2),
        *(
            element("line", class_="threshold", x1=place(m), x2=place(m), y1=2, y2=14)
            for m in marks_frac
        ),
        element("rect", class_="band", x=start, y=3, width=max(end - start, 1.5), height=10, rx=2),
        element("line", class_="value", x1=middle, x2=middle, y1=1, y2=15),
        class_="strip",
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
    )
