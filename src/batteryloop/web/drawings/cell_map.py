"""Cells against their pack: one square a cell, warm where it is low, blue where it is high."""

from collections.abc import Sequence

from batteryloop.web.drawings.svg import element, words

_STEP, _SIZE = 34, 30
# Past this many robust standard deviations a square has its full colour and its figure.
_FULL_Z = 4.0

Deviation = float | None


def draw_cells(deviations: Sequence[Deviation], *, title: str, n_per_row: int = 12) -> str:
    """Return the map as SVG text: squares in order of position, row by row.

    Parameters
    ----------
    deviations : sequence of float or None
        Each cell's robust z against its pack [1]; None where it is not known.
    title : str
        For who cannot see it.
    n_per_row : int, default 12
        Squares in a row.

    Examples
    --------
    >>> svg = draw_cells([0.1, -5.2, None], title="cells")
    >>> svg.count("<rect"), "−5.2" in svg
    (3, True)
    """
    n_rows = -(-len(deviations) // n_per_row)
    width = min(len(deviations), n_per_row) * _STEP
    return element(
        "svg",
        element("title", words(title)),
        *(
            _square(k, z, (k % n_per_row) * _STEP, (k // n_per_row) * _STEP)
            for k, z in enumerate(deviations)
        ),
        class_="cells",
        viewBox=f"-2 -2 {width} {n_rows * _STEP}",
        role="img",
    )


def _square(k: int, z: Deviation, x: int, y: int) -> str:
    place = {"x": x, "y": y, "width": _SIZE, "height": _SIZE, "rx": 4}
    if z is None:
        said = element("title", words(f"cell {k + 1}: not known"))
        return element("g", said, element("rect", class_="cell unknown", **place))
    figure = f"{z:+.1f}".replace("-", "−")
    is_far = abs(z) >= _FULL_Z
    kind = f"cell {'low' if z < 0 else 'high'}{' far' if is_far else ''}"
    depth = f"{0.06 + 0.74 * min(abs(z) / _FULL_Z, 1.0):.2f}"
    middle = {"x": x + _SIZE // 2, "y": y + _SIZE // 2 + 4}
    return element(
        "g",
        element("title", words(f"cell {k + 1}: z {figure}")),
        element("rect", class_=kind, fill_opacity=depth, **place),
        element("text", figure, text_anchor="middle", **middle) if is_far else "",
    )
