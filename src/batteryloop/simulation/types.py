"""The records of this room: what is to be simulated, and what comes of it."""

from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from batteryloop.errors import OptionWrong
from batteryloop.record.types import BatteryIdentity
from batteryloop.telemetry.types import Recording

SIMULATED = "SIMULATED"
ID_PREFIX = "SIM-"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong: what, how strongly, in which cell, from when on.

    The unit of `strength` is that of the kind, in `faults.FAULT_KINDS`; `cell` counts from 0
    and is None where the fault is of the whole pack.
    """

    kind: str
    strength: float
    onset_at: datetime
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Sensing:
    """How the management unit sees the pack: how often, how finely, how wrongly.

    `parked_sampling_s` None means that a parked pack says nothing at all. Noise is per sample,
    an offset or a gain is drawn once a pack from a normal distribution of that width.
    """

    sampling_s: float = 10.0
    parked_sampling_s: float | None = 600.0
    cell_voltage_step_v: float = 0.001
    cell_voltage_noise_v: float = 0.001
    cell_voltage_offset_sd_v: float = 0.001
    pack_voltage_step_v: float = 0.1
    current_step_a: float = 0.1
    current_noise_a: float = 0.1
    current_offset_sd_a: float = 0.05
    current_gain_sd_frac: float = 0.003
    temperature_step_degc: float = 1.0
    temperature_noise_degc: float = 0.3
    soc_step_frac: float = 0.005
    n_cells_per_temperature: int = 12
    has_cell_voltages: bool = True

    def __post_init__(self) -> None:
        if not 1.0 <= self.sampling_s <= 300.0:
            raise OptionWrong(
                "sampling", f"every {self.sampling_s} s", "1 to 300 s", "sample at 1 Hz to 1/300 Hz"
            )

    @classmethod
    def ideal(cls, *, sampling_s: float = 10.0, parked_sampling_s: float = 600.0) -> "Sensing":
        """Return sensors without noise, offset or steps, for tests and for teaching.

        Examples
        --------
        >>> Sensing.ideal().current_noise_a
        0.0
        """
        return cls(
            sampling_s=sampling_s,
            parked_sampling_s=parked_sampling_s,
            cell_voltage_step_v=0.0,
            cell_voltage_noise_v=0.0,
            cell_voltage_offset_sd_v=0.0,
            pack_voltage_step_v=0.0,
            current_step_a=0.0,
            current_noise_a=0.0,
            current_offset_sd_a=0.0,
            current_gain_sd_frac=0.0,
            temperature_step_degc=0.0,
            temperature_noise_degc=0.0,
            soc_step_frac=0.0,
        )


@dataclass(frozen=True, slots=True)
class Horizon:
    """From when on, for how long, and which part of it is recorded.

    Every `record_every_days`, `record_days` are simulated second by second and recorded; the
    days between only age the cells. `record_days` None records all.
    """

    start_at: datetime
    n_days: int
    record_days: int | None = None
    record_every_days: int = 30

    def __post_init__(self) -> None:
        if self.start_at.tzinfo is None:
            raise OptionWrong("start", f"{self.start_at} without time zone", "an aware UTC time")
        if self.n_days < 1:
            raise OptionWrong("days", f"{self.n_days}", "at least 1")
        if self.record_days is not None and not 1 <= self.record_days <= self.record_every_days:
            raise OptionWrong(
                "recorded days",
                f"{self.record_days} every {self.record_every_days}",
                "at least 1, at most the days from one window to the next",
            )

    def is_recorded(self, day: int) -> bool:
        """Whether day number `day` is simulated in full.

        Examples
        --------
        >>> from datetime import UTC
        >>> year = Horizon(datetime(2025, 1, 1, tzinfo=UTC), 365, record_days=7)
        >>> [day for day in range(40) if year.is_recorded(day)]
        [0, 1, 2, 3, 4, 5, 6, 30, 31, 32, 33, 34, 35, 36]
        """
        return self.record_days is None or day % self.record_every_days < self.record_days


@dataclass(frozen=True, slots=True)
class PackSpec:
    """One pack to simulate.

    `soh_start_frac` is the health at which the recording shall begin; the life before it is
    simulated in coarse steps. None begins with a new pack.
    """

    battery_id: str
    chemistry: str
    duty: str
    climate: str
    n_cells_series: int
    rated_capacity_ah: float
    soh_start_frac: float | None = None
    faults: tuple[Fault, ...] = ()
    sensing: Sensing = field(default_factory=Sensing)

    def __post_init__(self) -> None:
        if not self.battery_id.startswith(ID_PREFIX):
            raise OptionWrong(
                f"pack {self.battery_id}",
                "a name like that of a real battery",
                f"names that start with {ID_PREFIX}",
                "call it so that nobody mistakes it",
            )

    @property
    def identity(self) -> BatteryIdentity:
        """Return who the pack says it is."""
        return BatteryIdentity(
            self.battery_id, self.chemistry, self.rated_capacity_ah, self.n_cells_series
        )


@dataclass(frozen=True, slots=True)
class SimulatedPack:
    """A pack's telemetry and, beside it, the truth. Every table says that it is simulated.

    Parameters
    ----------
    spec : PackSpec
        What was asked for.
    recording : Recording
        What the management unit saw; `recording.source.is_simulated` is True.
    truth : polars.DataFrame
        The pack at checkpoints: `truth.PACK_COLUMNS`.
    cell_truth : polars.DataFrame
        Each cell at the same checkpoints: `truth.CELL_COLUMNS`.
    fault_truth : polars.DataFrame
        Each fault: kind, strength, unit, cell, onset.
    true_soc : polars.DataFrame
        The true mean state of charge at each recorded row.
    """

    spec: PackSpec
    recording: Recording
    truth: pl.DataFrame
    cell_truth: pl.DataFrame
    fault_truth: pl.DataFrame
    true_soc: pl.DataFrame
