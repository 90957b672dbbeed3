"""Where a simulation's truth goes: Parquet files in a folder beside the telemetry."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

FOLDER = "truth"


@dataclass(frozen=True, slots=True)
class TruthFolder:
    """The folder `truth` of a lake; each file says that it is simulated."""

    lake: Path

    @property
    def folder(self) -> Path:
        """Where the truth is."""
        return self.lake / FOLDER

    def write(self, name: str, table: pl.DataFrame) -> None:
        """Write one table of the truth."""
        self.folder.mkdir(parents=True, exist_ok=True)
        table.write_parquet(
            self.folder / f"{name}.SIMULATED.parquet",
            compression="zstd",
            metadata={"batteryloop_is_simulated": "true"},
        )

    def read(self, name: str) -> pl.DataFrame:
        """Return one table of the truth."""
        return pl.read_parquet(self.folder / f"{name}.SIMULATED.parquet")
