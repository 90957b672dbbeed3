"""BatteryPass 1.2 (Performance 1.2.1): seven aspects, in which every property is asked for.

Where the model contradicts itself we keep to the sense of its text and say so: power "in percent",
capacity "in kilowatt hours", a warranty period that is a month of the year, an e-mail pattern that
has lost its backslashes.
"""

import hashlib
import re
from typing import Any

from batteryloop.passport.mappings.conversions import SHARED, despite, names, uuid_in
from batteryloop.passport.mappings.engine import carry_back, carry_out
from batteryloop.passport.mappings.footprint_stages import STAGE
from batteryloop.passport.mappings.loss import Exported, Imported, LossKind, LossReport
from batteryloop.passport.mappings.scribe import Conversion, Conversions, Scribe, Unfit
from batteryloop.passport.mappings.table import mapping_rows
from batteryloop.passport.mappings.tree import attributes_of, tree_of
from batteryloop.passport.types import Passport

MODEL = "BatteryPass 1.2"
ASPECTS = (
    "GeneralProductInformation", "CarbonFootprint", "Circularity", "Labels",
    "MaterialComposition", "Performance", "SupplyChainDueDiligence",
)  # fmt: skip
_URN = re.compile(r"urn:[a-z0-9]+:[a-z0-9]+")
_BARE_UUID = re.compile(r"urn:uuid:(\w{8})(\w{4})(\w{4})(\w{4})(\w{12})")
# As the schema has it: a dot and a w, where any character and any letter were meant.
_EMAIL = re.compile(r"[w.-]+@[w.-]+.[A-Za-z]{2,}")


def to_batterypass(passport: Passport, *, is_filled: bool = False) -> Exported:
    """Return a passport as the seven aspects of BatteryPass 1.2, by name of aspect.

    Parameters
    ----------
    passport : Passport
        As it is to be shown: redact it before, if need be.
    is_filled : bool
        Whether to write placeholders where the schemas insist and the passport does not know.
    """
    scribe = Scribe(tree_of(passport))
    document = carry_out(
        scribe, mapping_rows("batterypass"), _CONVERSIONS,
        is_filled=is_filled, moment=passport.issued_at.isoformat(),
    )  # fmt: skip
    return Exported(document, LossReport(MODEL, tuple(scribe.losses)))


def from_batterypass(document: dict[str, Any]) -> Imported:
    """Return what the aspects of a BatteryPass document say, in our words."""
    scribe = Scribe({})
    carry_back(scribe, document, mapping_rows("batterypass"), _CONVERSIONS)
    attributes = attributes_of(scribe.tree, scribe, model=MODEL)
    return Imported(attributes, LossReport(MODEL, tuple(scribe.losses)))


def _urn(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    if uuid := uuid_in(value):
        return f"urn:uuid:{uuid.replace('-', '')}"
    if _URN.fullmatch(value):
        return value
    scribe.note(LossKind.CHANGED, "the model wants urn:word:word; a hash of the name stands there")
    return f"urn:sha256:{hashlib.sha256(value.encode()).hexdigest()}"


def _from_urn(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    bare = _BARE_UUID.fullmatch(value)
    return f"urn:uuid:{'-'.join(bare.groups())}" if bare else value


def _email(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    why = "the schema's pattern has lost its backslashes and refuses ordinary addresses"
    return value if _EMAIL.fullmatch(value) else Unfit(why)


_KINDS = names(
    {"bill-of-material": "BillOfMaterial", "model-3d": "Model3D",
     "dismantling-manual": "DismantlingManual", "removal-manual": "RemovalManual",
     "manual": "OtherManual", "drawing": "Drawing"}, "kind of document",
)  # fmt: skip


def _document_kind(value: Any, scribe: Scribe) -> Any:  # noqa: ANN401
    if value == "manual":
        scribe.note(LossKind.CHANGED, "read back, another manual cannot be told from no kind")
    return _KINDS.out(value, scribe)


_CONVERSIONS: Conversions = {
    **SHARED,
    "passport_urn": Conversion(_urn, _from_urn),
    "broken_email": Conversion(_email, SHARED[""].back),
    "stage": STAGE,
    "watts_despite_percent": despite("W", "percent"),
    "amperehours_despite_kilowatthours": despite("Ah", "kWh"),
    "status": names(
        {"original": "Original", "repurposed": "Repurposed", "re-used": "Reused",
         "remanufactured": "Remanufactured", "waste": "Waste"}, "status",
    ),
    "category": names(
        {"light-transport": "lmt", "electric-vehicle": "ev", "industrial": "industrial",
         "stationary-storage": "stationary"}, "category",
    ),
    "hazard_class": names(
        {"acute-toxicity": "AcuteToxicity",
         "skin-corrosion-or-irritation": "SkinCorrosionOrIrritation",
         "eye-damage-or-irritation": "EyeDamageOrIrritation"}, "hazard class",
    ),
    "document_kind": Conversion(_document_kind, _KINDS.back),
}  # fmt: skip
