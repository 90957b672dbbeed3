"""Who is it? A battery's identity and what is known of it before anything is measured."""

from batteryloop.record.types import BatteryIdentity

__all__ = ["BatteryIdentity"]
