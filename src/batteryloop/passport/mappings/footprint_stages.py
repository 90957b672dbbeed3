"""The stages of a footprint: ours are shares of the whole, the models' are kg CO2e/kWh."""

from typing import Any

from batteryloop.passport.mappings.conversions import tidy
from batteryloop.passport.mappings.paths import MISSING, get
from batteryloop.passport.mappings.scribe import Conversion, Scribe, Unfit

_TOTAL = ("footprint_kgco2e_per_kwh",)


def _stage(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    total = get(scribe.tree, _TOTAL)
    if total is MISSING:
        return Unfit("the model wants kg CO2e/kWh, and the whole footprint is not known")
    return tidy(value * total)


def _share(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    total = get(scribe.tree, _TOTAL)
    if total is MISSING or not total > 0:
        return Unfit("a share of the footprint cannot be told without the whole")
    return tidy(value / total)


STAGE = Conversion(_stage, _share)


def needs_footprint(of: str) -> Conversion:
    """Return the conversion of what a model can only tell beside the footprint of `of`."""

    def out(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
        if get(scribe.tree, _TOTAL) is MISSING:
            return Unfit(f"the model tells it beside the footprint of the {of} alone")
        return value

    def back(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
        return value

    return Conversion(out, back)
