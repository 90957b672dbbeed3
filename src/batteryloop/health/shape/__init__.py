"""What do the curves tell beyond capacity? Peaks, modes of degradation, resistance in use."""

from batteryloop.health.shape.degradation_modes import DegradationModes, degradation_modes
from batteryloop.health.shape.examine import DeeperReport, deeper
from batteryloop.health.shape.incremental_capacity import IncrementalCapacity, incremental_capacity
from batteryloop.health.shape.peak_tracking import PeakTrack

__all__ = [
    "DeeperReport",
    "DegradationModes",
    "IncrementalCapacity",
    "PeakTrack",
    "deeper",
    "degradation_modes",
    "incremental_capacity",
]
