"""Hours at temperature and state of charge: darker where more time was spent."""

from collections.abc import Mapping, Sequence

from batteryloop.web.drawings.svg import Attributes, element, words

_STEP_X, _STEP_Y, _LEFT, _TOP = 74, 30, 86, 8
# Fewer bands than this leave the rest of the paper empty, so that letters keep their size.
_N_WIDE = 6

Band = tuple[float, float] | None


def draw_heat_map(
    spent_h: Mapping[tuple[Band, Band], float],
    *,
    across: Sequence[Band],
    down: Sequence[Band],
    across_words: Sequence[str],
    down_words: Sequence[str],
    title: str,
) -> str:
    """Return the map as SVG text, or nothing where no time was spent.

    Parameters
    ----------
    spent_h : mapping of (across band, down band) to float
        Time spent [h].
    across, down : sequence of band
        Bands from left to right and from top to bottom; None is "not known".
    across_words, down_words : sequence of str
        What each is called.
    title : str
        For who cannot see it.

    Examples
    --------
    >>> one = (0.0, 1.0)
    >>> svg = draw_heat_map({(one, one): 3.0}, across=[one], down=[one], across_words=["a"],
    ...                     down_words=["b"], title="t")
    >>> svg.count("<rect"), "3.0 h" in svg
    (1, True)
    """
    most = max(spent_h.values(), default=0.0)
    total = sum(spent_h.values())
    if not most > 0:
        return ""
    squares = []
    for row, low in enumerate(down):
        y = _TOP + row * _STEP_Y
        at: Attributes = {"x": _LEFT - 10, "y": y + 19, "text_anchor": "end"}
        squares.append(element("text", words(down_words[row]), class_="tick", **at))
        for column, left in enumerate(across):
            spent = spent_h.get((left, low), 0.0)
            x = _LEFT + column * _STEP_X
            said = f"{across_words[column]}, {down_words[row]}: {spent:,.1f} h"
            squares.append(_square(x, y, spent, total, most, said))
    bottom = _TOP + len(down) * _STEP_Y
    for column, name in enumerate(across_words):
        at = {"x": _LEFT + (column + 0.5) * _STEP_X - 2, "y": bottom + 14, "text_anchor": "middle"}
        squares.append(element("text", words(name), class_="tick", **at))
    return element(
        "svg",
        element("title", words(title)),
        *squares,
        class_="chart heat",
        viewBox=f"0 0 {_LEFT + max(len(across), _N_WIDE) * _STEP_X} {bottom + 22}",
        role="img",
    )


def _square(x: int, y: int, spent_h: float, total_h: float, most_h: float, said: str) -> str:
    depth = f"{0.08 + 0.8 * spent_h / most_h:.2f}" if spent_h > 0 else "0"
    size = {"x": x, "y": y, "width": _STEP_X - 4, "height": _STEP_Y - 4, "rx": 3}
    share = spent_h / total_h
    figure = f"{100 * share:.0f} %" if share >= 0.005 else ("<1 %" if spent_h > 0 else "")
    is_dark = spent_h > 0.6 * most_h
    at: Attributes = {"x": x + (_STEP_X - 4) // 2, "y": y + 18, "text_anchor": "middle"}
    return element(
        "g",
        element("title", words(said)),
        element("rect", class_="warmth", fill_opacity=depth, **size),
        element("text", words(figure), class_="on-dark" if is_dark else "tick", **at)
        if figure
        else "",
    )
