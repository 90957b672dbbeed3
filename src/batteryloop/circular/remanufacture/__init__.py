"""Which modules make good packs together, at what work. And may the law call it remanufactured."""

from batteryloop.circular.remanufacture.match import match
from batteryloop.circular.remanufacture.types import (
    Lineage,
    MatchedPack,
    Matching,
    Modules,
    PackDesign,
)
from batteryloop.circular.remanufacture.work import WorkContent, work_content

__all__ = [
    "Lineage",
    "MatchedPack",
    "Matching",
    "Modules",
    "PackDesign",
    "WorkContent",
    "match",
    "work_content",
]
