"""What did it say? The frame of samples, its findings, segments and cycles."""

from batteryloop.telemetry.types import Finding, Recording, Source

__all__ = ["Finding", "Recording", "Source"]
