"""The separate collection symbol: a crossed-out wheeled bin, how large, with Cd or Pb below."""

import math
from dataclasses import dataclass

from batteryloop.errors import ValueOutOfRange
from batteryloop.passport.carrier.tables import label_limits

_BIN = (
    # lid, body, wheel, axle, then the cross
    '<path d="M22 26h56M40 26v-6h20v6M28 26l5 62h34l5-62"/><circle cx="36" cy="93" r="5"/>'
    '<path d="M41 94h24"/><path d="M12 8l76 92M88 8L12 100"/>'
)


@dataclass(frozen=True, slots=True)
class SymbolSize:
    """How large the symbol is at least, and whether it goes on the battery or its packaging."""

    side_mm: float
    is_on_battery: bool


def symbol_size(largest_side_mm2: float, *, is_cylinder: bool = False) -> SymbolSize:
    """Return the least size of the symbol, Art. 13(4) of Regulation (EU) 2023/1542.

    Parameters
    ----------
    largest_side_mm2 : float
        Area of the battery's largest side; of a cylindrical cell its surface. [mm²]
    is_cylinder : bool

    Raises
    ------
    ValueOutOfRange
        If the area is not above 0.

    Examples
    --------
    >>> symbol_size(200 * 150).side_mm
    30.0
    >>> symbol_size(1500 * 1200)
    SymbolSize(side_mm=50.0, is_on_battery=True)
    >>> symbol_size(20 * 20)
    SymbolSize(side_mm=10.0, is_on_battery=False)
    """
    if not 0 < largest_side_mm2 < math.inf:
        raise ValueOutOfRange("largest side", f"{largest_side_mm2:g} mm²", "above 0 mm²")
    limits = label_limits()
    share = limits["symbol_cylinder_share_frac" if is_cylinder else "symbol_side_share_frac"]
    side_mm = min(math.sqrt(share * largest_side_mm2), limits["symbol_side_max_mm"])
    if side_mm < limits["symbol_side_min_mm"]:
        return SymbolSize(limits["symbol_packaging_mm"], is_on_battery=False)
    return SymbolSize(side_mm, is_on_battery=True)


def heavy_metals(cadmium_frac: float, lead_frac: float) -> tuple[str, ...]:
    """Return the chemical signs that the label must show, by share of mass [1].

    Examples
    --------
    >>> heavy_metals(0.0, 0.6), heavy_metals(0.00001, 0.00003)
    (('Pb',), ())
    """
    limits = label_limits()
    found = []
    if cadmium_frac > limits["cadmium_max_frac"]:
        found.append("Cd")
    if lead_frac > limits["lead_max_frac"]:
        found.append("Pb")
    return tuple(found)


def collection_svg(*, side_mm: float, metals: tuple[str, ...] = ()) -> str:
    """Return the symbol as SVG, with the signs of heavy metals below it."""
    height = 108 + (30 if metals else 0)
    words = "Separate collection" + (f"; contains {', '.join(metals)}" if metals else "")
    below = (
        f'<text x="50" y="133" text-anchor="middle" font-size="30" font-weight="700" fill="#000" '
        f'stroke="none" font-family="system-ui, sans-serif">{" ".join(metals)}</text>'
        if metals
        else ""
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{side_mm:g}mm" '
        f'height="{side_mm * height / 100:g}mm" viewBox="0 0 100 {height}" fill="none" '
        f'stroke="#000" stroke-width="5" stroke-linejoin="round"><title>{words}</title>'
        f"{_BIN}{below}</svg>"
    )
