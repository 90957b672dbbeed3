"""Catena-X battery pass 6.1.0: one document, in which parties are business partner numbers.

Recycled shares are one figure a metal, so ours before and after use are added; of many originals
only one predecessor can be named; whoever has no business partner number is a placeholder.
"""

import re
import uuid
from typing import Any

from batteryloop.passport.mappings.conversions import SHARED, names, tidy, uuid_in
from batteryloop.passport.mappings.engine import carry_back, carry_out
from batteryloop.passport.mappings.footprint_stages import STAGE, needs_footprint
from batteryloop.passport.mappings.loss import Exported, Imported, LossKind, LossReport
from batteryloop.passport.mappings.paths import MISSING, get
from batteryloop.passport.mappings.scribe import Conversion, Conversions, Scribe, Unfit
from batteryloop.passport.mappings.table import mapping_rows
from batteryloop.passport.mappings.tree import attributes_of, originals_of, tree_of
from batteryloop.passport.types import Passport

MODEL = "Catena-X battery pass 6.1.0"
_KG = {
    "unit:gram": 0.001, "unit:kilogram": 1.0, "unit:tonneMetricTon": 1000.0,
    "unit:pound": 0.45359237, "unit:ounceAvoirdupois": 0.028349523125,
}  # fmt: skip
_MM = {
    "unit:millimetre": 1.0, "unit:centimetre": 10.0, "unit:metre": 1000.0,
    "unit:inch": 25.4, "unit:foot": 304.8, "unit:yard": 914.4,
}  # fmt: skip
_MONTHS = {"unit:month": 1.0, "unit:year": 12.0}


def to_catenax(passport: Passport, *, is_filled: bool = False) -> Exported:
    """Return a passport as a Catena-X battery pass.

    Parameters
    ----------
    passport : Passport
        As it is to be shown: redact it before, if need be.
    is_filled : bool
        Whether to write placeholders where the schema insists and the passport does not know.
    """
    scribe = Scribe(tree_of(passport))
    document = carry_out(
        scribe, mapping_rows("catenax"), _CONVERSIONS,
        is_filled=is_filled, moment=passport.issued_at.isoformat(),
    )  # fmt: skip
    return Exported(document, LossReport(MODEL, tuple(scribe.losses)))


def from_catenax(document: dict[str, Any]) -> Imported:
    """Return what a Catena-X battery pass says, in our words."""
    scribe = Scribe({})
    carry_back(scribe, document, mapping_rows("catenax"), _CONVERSIONS)
    attributes = attributes_of(scribe.tree, scribe, model=MODEL)
    return Imported(attributes, LossReport(MODEL, tuple(scribe.losses)), originals_of(scribe.tree))


def _category(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    if value == "stationary-storage":
        scribe.note(LossKind.CHANGED, "stationary storage is plain industrial in the model")
        return "industrial"
    return _CATEGORIES.out(value, scribe)


def _uuid(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    if found := uuid_in(value):
        return f"urn:uuid:{found}"
    scribe.note(LossKind.CHANGED, "the model wants a UUID; one made from the name stands there")
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, value)}"


def _from_uuid(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    found = uuid_in(value)
    return f"urn:uuid:{found}" if found else Unfit(f"{value!r} is no UUID")


def _partner(letter: str) -> Conversion:
    pattern = re.compile(rf"BPN{letter}[a-zA-Z0-9]{{12}}")

    def fit(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
        if pattern.fullmatch(value):
            return value
        return Unfit(f"{value!r} is no business partner number BPN{letter}…")

    return Conversion(fit, fit)


def _sized(ours: str, units: dict[str, float], value_key: str, unit_key: str) -> Conversion:
    """Return the conversion between a number of ours and a table of value and unit."""

    def out(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
        return {value_key: value, unit_key: ours}

    def back(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
        factor = units.get(str(value.get(unit_key))) if isinstance(value, dict) else None
        if factor is None or not isinstance(value.get(value_key), int | float):
            return Unfit(f"{value!r} is in no unit that can be converted")
        return tidy(value[value_key] * factor)

    return Conversion(out, back)


def _metal(scribe: Scribe) -> str:
    return scribe.field.split("_")[2]


def _recycled(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    before = f"recycled_pre_{_metal(scribe)}_frac"
    pre = get(scribe.tree, (before,))
    if pre is MISSING:
        scribe.note(LossKind.CHANGED, "the model's share is of all recycled, ours after use alone")
        return tidy(value * 100)
    scribe.also.add((before,))
    for name in (scribe.field, before):
        scribe.note(LossKind.CHANGED, "added up: before and after use are one figure", at=name)
    return tidy((value + pre) * 100)


def _one_share(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    return Unfit(f"{value!r} % recycled, before and after use not told apart")


def _is_critical(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    scribe.note(LossKind.CHANGED, "the model only tells whether a metal is among them")
    metal = scribe.path.split(".")[2]
    return metal in {str(name).casefold() for name in value}


def _not_a_list(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    return Unfit("whether one metal is critical is no list of the critical raw materials")


def _mass_percent(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    total = get(scribe.tree, ("mass_kg",))
    if total is MISSING or not total > 0:
        return Unfit("the model wants a share, and the battery's mass is not known")
    return tidy(100 * value / total)


def _mass(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    total = get(scribe.tree, ("mass_kg",))
    if total is MISSING:
        return Unfit("a share of a mass that is not known")
    return tidy(value / 100 * total)


_CATEGORIES = names(
    {"light-transport": "LMT", "electric-vehicle": "EV", "industrial": "industrial",
     "starter": "SLI", "portable": "portable"}, "category",
)  # fmt: skip
_STATUS = ("original", "repurposed", "re-used", "remanufactured", "waste")
_CONVERSIONS: Conversions = {
    **SHARED,
    "category": Conversion(_category, _CATEGORIES.back),
    "status": names({status: status for status in _STATUS}, "status"),
    "uuid": Conversion(_uuid, _from_uuid),
    "bpnl": _partner("L"),
    "bpna": _partner("A"),
    "weight": _sized("unit:kilogram", _KG, "value", "unit"),
    "length": _sized("unit:millimetre", _MM, "value", "unit"),
    "warranty": _sized("unit:month", _MONTHS, "lifeValue", "lifeUnit"),
    "stage": STAGE,
    "needs_footprint": needs_footprint("whole life cycle"),
    "recycled": Conversion(_recycled, _one_share),
    "is_critical": Conversion(_is_critical, _not_a_list),
    "mass_percent": Conversion(_mass_percent, _mass),
}
