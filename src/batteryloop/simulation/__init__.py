"""What would a fleet of known truth have told? Packs that age, drive, charge, rest and fail."""

from batteryloop.simulation.faults import FAULT_KINDS, FaultKind, FaultRequest, parse_fault
from batteryloop.simulation.fleet import FleetSpec, fleet, fleet_plan, simulated_chemistries
from batteryloop.simulation.pack import simulate_pack
from batteryloop.simulation.types import Fault, Horizon, PackSpec, Sensing, SimulatedPack

__all__ = [
    "FAULT_KINDS",
    "Fault",
    "FaultKind",
    "FaultRequest",
    "FleetSpec",
    "Horizon",
    "PackSpec",
    "Sensing",
    "SimulatedPack",
    "fleet",
    "fleet_plan",
    "parse_fault",
    "simulate_pack",
    "simulated_chemistries",
]
