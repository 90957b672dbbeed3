"""What a battery is: its description as made, and what it is made up of."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from batteryloop.record.categories import Application, Category, category_of
from batteryloop.record.types import BatteryIdentity


class ComponentKind(StrEnum):
    """What a part of a battery is."""

    PACK = "pack"
    MODULE = "module"
    CELL = "cell"
    MANAGEMENT_UNIT = "management-unit"
    SUPERVISION_CIRCUIT = "supervision-circuit"
    CONTACTOR = "contactor"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Component:
    """A part with its own serial; `parent_serial` is the part it sits in, None in the battery."""

    serial: str
    kind: ComponentKind
    parent_serial: str | None = None
    position: int | None = None
    model: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "serial": self.serial,
            "kind": self.kind.value,
            "parent_serial": self.parent_serial,
            "position": self.position,
            "model": self.model,
        }


@dataclass(frozen=True, slots=True)
class Battery:
    """One battery as it was made and described.

    Parameters
    ----------
    battery_id : str
        Its name in this record.
    application : Application
        What it is used in; the legal category follows.
    chemistry : str, optional
        A name of `reference/chemistries.csv`.
    model : str, default ""
        The maker's model.
    producer_id : str, default ""
        The party that made it or placed it on the market.
    rated_capacity_ah, rated_energy_wh, rated_voltage_v, mass_kg : float, optional
        As the maker states them. [Ah], [Wh], [V], [kg]
    n_cells_series, n_cells_parallel : int
        Its topology.
    manufactured_at : datetime, optional
        When it was made, UTC.
    codes : mapping of str to str
        Its codes by scheme: `gs1-digital-link`, `iso-15459`, `gbt-34014` …
    is_simulated : bool
        Whether it exists in a simulation alone.
    """

    battery_id: str
    application: Application
    chemistry: str | None = None
    model: str = ""
    producer_id: str = ""
    rated_capacity_ah: float | None = None
    rated_energy_wh: float | None = None
    rated_voltage_v: float | None = None
    mass_kg: float | None = None
    n_cells_series: int = 1
    n_cells_parallel: int = 1
    manufactured_at: datetime | None = None
    codes: dict[str, str] = field(default_factory=dict)
    is_simulated: bool = False

    @property
    def category(self) -> Category:
        """The legal category."""
        return category_of(self.application)

    @property
    def identity(self) -> BatteryIdentity:
        """As much of it as telemetry and health need."""
        return BatteryIdentity(
            self.battery_id, self.chemistry, self.rated_capacity_ah, self.n_cells_series
        )
