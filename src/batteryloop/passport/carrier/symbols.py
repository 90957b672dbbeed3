"""Codes as patterns of dark and light modules, and as drawings of them.

QR through `segno`, Data Matrix through `ppf.datamatrix`; both are drawn by one function, so that
what a test reads is what is printed.
"""

import io
from html import escape

import segno
from ppf.datamatrix import DataMatrix

from batteryloop.errors import InputWrong, NotKnown

Matrix = tuple[tuple[bool, ...], ...]
# Light modules around the pattern that readers need: ISO/IEC 18004 has 4, ISO/IEC 16022 has 1;
# two are kept for the latter, as a printed edge is never exact.
QUIET = {"qr": 4, "datamatrix": 2}
LONGEST = 400


def matrix_of(text: str, symbology: str = "qr") -> Matrix:
    """Return the modules of a code, dark is True, without the light frame.

    Parameters
    ----------
    text : str
        ASCII, such as a link; at most 400 characters.
    symbology : {"qr", "datamatrix"}

    Raises
    ------
    NotKnown
        If the symbology is neither.
    InputWrong
        If the text cannot be written so.

    Examples
    --------
    >>> matrix_of("https://id.example.com/01/09521234543213/21/42", "datamatrix")[0][:4]
    (True, False, True, False)
    """
    if symbology not in QUIET:
        raise NotKnown.among("symbology", symbology, QUIET)
    if not text or len(text) > LONGEST or not text.isascii() or not text.isprintable():
        raise InputWrong(
            "code", f"{len(text)} characters {text[:30]!r}", f"1 to {LONGEST} printable of ASCII"
        )
    if symbology == "qr":
        rows = segno.make(text, error="m", micro=False).matrix
    else:
        rows = DataMatrix(text).matrix
    return tuple(tuple(bool(module) for module in row) for row in rows)


def svg_of(matrix: Matrix, *, quiet: int, module_mm: float, title: str) -> str:
    """Return the pattern as one path of an SVG, in millimetres, with its light frame.

    Parameters
    ----------
    matrix : Matrix
    quiet : int
        Light modules on each side.
    module_mm : float
        Side of a module. [mm]
    title : str
        What a screen reader says of it.
    """
    width, height = len(matrix[0]) + 2 * quiet, len(matrix) + 2 * quiet
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width * module_mm:g}mm" '
        f'height="{height * module_mm:g}mm" viewBox="0 0 {width} {height}" '
        f'shape-rendering="crispEdges"><title>{escape(title)}</title>'
        f'<path fill="#fff" d="M0 0h{width}v{height}H0z"/>'
        f'<path fill="#000" d="{"".join(_bars(matrix, quiet))}"/></svg>'
    )


def code_svg(text: str, symbology: str = "qr", *, module_mm: float) -> str:
    """Return the code of a text as SVG."""
    matrix = matrix_of(text, symbology)
    return svg_of(matrix, quiet=QUIET[symbology], module_mm=module_mm, title=f"Code: {text}")


def qr_png(text: str, *, dots: int = 8) -> bytes:
    """Return the QR code of a text as PNG, so many dots a module."""
    matrix_of(text, "qr")
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=dots, border=QUIET["qr"])
    return out.getvalue()


def _bars(matrix: Matrix, quiet: int) -> list[str]:
    found = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                found.append(f"M{start + quiet} {y + quiet}h{x - start}v1h-{x - start}z")
            x += 1
    return found
