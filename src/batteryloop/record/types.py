"""A battery's identity: only as much of the record as telemetry and health need."""

from dataclasses import dataclass

from batteryloop.errors import ValueOutOfRange


@dataclass(frozen=True, slots=True)
class BatteryIdentity:
    """What is known of a battery before it is measured.

    Parameters
    ----------
    battery_id : str
        Its name in this record.
    chemistry : str, optional
        A name of `reference/chemistries.csv`.
    rated_capacity_ah : float, optional
        Capacity as the maker states it. [Ah]
    n_cells_series : int, default 1
        Cells (or parallel groups) in series between the terminals.

    Raises
    ------
    ValueOutOfRange
        If the rated capacity is not above 0 or there is no cell in series.
    """

    battery_id: str
    chemistry: str | None = None
    rated_capacity_ah: float | None = None
    n_cells_series: int = 1

    def __post_init__(self) -> None:
        if self.rated_capacity_ah is not None and not self.rated_capacity_ah > 0:
            raise ValueOutOfRange(
                f"battery {self.battery_id}",
                f"rated capacity {self.rated_capacity_ah} Ah",
                "above 0 Ah",
                "give the capacity printed on the battery",
            )
        if self.n_cells_series < 1:
            raise ValueOutOfRange(
                f"battery {self.battery_id}",
                f"{self.n_cells_series} cells in series",
                "at least 1",
                "give the number of cells in series",
            )
