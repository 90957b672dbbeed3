"""What is known beforehand? Cited tables: chemistries and their limits, open-circuit curves."""

from batteryloop.reference.chemistries import (
    Chemistry,
    ResistanceActivation,
    chemistries,
    chemistry,
    resistance_activation,
)

__all__ = ["Chemistry", "ResistanceActivation", "chemistries", "chemistry", "resistance_activation"]
