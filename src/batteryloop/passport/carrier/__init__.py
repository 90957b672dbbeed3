"""How does a battery carry its passport? As a code, and on a label that says what law asks."""

from batteryloop.passport.carrier.collection import collection_svg, heavy_metals, symbol_size
from batteryloop.passport.carrier.label import LabelFacts, label_facts_of
from batteryloop.passport.carrier.page import LabelSize, label_page
from batteryloop.passport.carrier.symbols import code_svg, matrix_of, qr_png

__all__ = [
    "LabelFacts",
    "LabelSize",
    "code_svg",
    "collection_svg",
    "heavy_metals",
    "label_facts_of",
    "label_page",
    "matrix_of",
    "qr_png",
    "symbol_size",
]
