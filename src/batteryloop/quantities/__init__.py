"""What may be said, in which unit and within which bounds? One table answers: `quantities.csv`."""

from batteryloop.quantities.estimate import Estimate
from batteryloop.quantities.table import (
    QUANTITIES,
    Quantity,
    label,
    quantity,
    unit_suffixes,
)

__all__ = ["QUANTITIES", "Estimate", "Quantity", "label", "quantity", "unit_suffixes"]
