"""Labels as a page to be printed: one label a page, or A4 sheets of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from batteryloop.errors import OptionWrong
from batteryloop.passport.carrier.collection import collection_svg, heavy_metals
from batteryloop.passport.carrier.label import LabelFacts
from batteryloop.passport.carrier.symbols import code_svg
from batteryloop.passport.carrier.tables import label_limits

_A4_WIDTH_MM, _A4_HEIGHT_MM, _MARGIN_MM = 210.0, 297.0, 8.0
_STYLE = """
* { box-sizing: border-box; }
body { margin: 0; color: #000; background: #fff; font: 7.5pt/1.3 system-ui, sans-serif; }
.label { display: grid; grid-template-columns: auto 1fr; gap: 2mm 3mm; padding: 2.5mm;
  align-content: start; break-inside: avoid; }
.codes { display: flex; flex-direction: column; align-items: center; gap: 2mm; }
dl { margin: 0; display: grid; grid-template-columns: auto 1fr; gap: .3mm 2mm;
  align-content: start; font-variant-numeric: tabular-nums; }
dt { white-space: nowrap; }
dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
.remark { font-weight: 700; text-transform: uppercase; }
.link { grid-column: 1 / -1; overflow-wrap: anywhere; font-size: 6pt; }
@media screen { body { background: #e6e6e6; padding: 5mm; }
  .label { background: #fff; outline: .2mm solid #999; margin-bottom: 3mm; } }
"""


@dataclass(frozen=True, slots=True)
class LabelSize:
    """How large a label is, in millimetres."""

    width_mm: float = 96.0
    height_mm: float = 68.0

    def __post_init__(self) -> None:
        fits = self.width_mm <= _A4_WIDTH_MM - 2 * _MARGIN_MM
        if not (fits and self.width_mm >= 40 and 30 <= self.height_mm <= _A4_HEIGHT_MM - 16):
            raise OptionWrong(
                "label", f"{self.width_mm:g} × {self.height_mm:g} mm", "40 to 194 × 30 to 281 mm"
            )

    @property
    def n_on_a4(self) -> tuple[int, int]:
        """How many stand beside and below one another on a sheet.

        Examples
        --------
        >>> LabelSize().n_on_a4
        (2, 4)
        """
        return (
            int((_A4_WIDTH_MM - 2 * _MARGIN_MM) // self.width_mm),
            int((_A4_HEIGHT_MM - 2 * _MARGIN_MM) // self.height_mm),
        )


def label_page(
    labels: Sequence[LabelFacts],
    *,
    symbology: str = "qr",
    size: LabelSize | None = None,
    is_sheet: bool = True,
    symbol_side_mm: float = 14.0,
) -> str:
    """Return the labels as one HTML page without anything from elsewhere.

    A label that has more to say than fits grows downwards; nothing is cut off.

    Parameters
    ----------
    labels : sequence of LabelFacts
    symbology : {"qr", "datamatrix"}
    size : LabelSize, optional
    is_sheet : bool, default True
        On A4, as many as fit; otherwise each on a page of its own size.
    symbol_side_mm : float
        Side of the separate collection symbol, see `symbol_size`. [mm]

    Raises
    ------
    InputWrong, NotKnown
        If a link cannot be a code, or the symbology is not known.
    """
    sized = size or LabelSize()
    across, down = sized.n_on_a4
    per_page = across * down if is_sheet else 1
    page = "A4" if is_sheet else f"{sized.width_mm:g}mm {sized.height_mm:g}mm"
    margin = f"{_MARGIN_MM:g}mm" if is_sheet else "0"
    style = (
        f"@page {{ size: {page}; margin: {margin}; }}\n"
        f".sheet {{ display: grid; grid-template-columns: repeat({across if is_sheet else 1}, "
        f"{sized.width_mm:g}mm); break-after: page; }}\n"
        ".sheet:last-child { break-after: auto; }\n"
        f".label {{ width: {sized.width_mm:g}mm; min-height: {sized.height_mm:g}mm; }}\n{_STYLE}"
    )
    pages = [labels[start : start + per_page] for start in range(0, len(labels), per_page)]
    body = "\n".join(
        '<div class="sheet">'
        + "".join(_label(facts, symbology, symbol_side_mm) for facts in part)
        + "</div>"
        for part in pages
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>Battery labels</title><style>{style}</style></head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body></html>\n"
    )


def _label(facts: LabelFacts, symbology: str, symbol_side_mm: float) -> str:
    code = code_svg(facts.link, symbology, module_mm=label_limits()["module_mm"])
    metals = heavy_metals(facts.cadmium_frac, facts.lead_frac)
    symbol = collection_svg(side_mm=symbol_side_mm, metals=metals)
    rows = "".join(f"<dt>{escape(t)}</dt><dd>{escape(w)}</dd>" for t, w in facts.words())
    remarks = "".join(f'<div class="remark">{escape(word)}</div>' for word in facts.remarks)
    return (
        f'<section class="label" aria-label="{escape(facts.battery_id or facts.link)}">'
        f'<div class="codes">{code}{symbol}{remarks}</div><dl>{rows}</dl>'
        f'<div class="link">{escape(facts.link)}</div></section>'
    )
