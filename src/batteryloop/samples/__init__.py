"""Which real measurements come with the package? Six tests of a cell of a 2013 Nissan Leaf.

Their origin, licence and hashes are in `metadata.json`; `tools/make_samples.py` makes them again.
"""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from batteryloop.errors import NotKnown

_FOLDER = Path(str(files("batteryloop.samples")))
_STEM = "leaf_cell_2013"
SAMPLES: tuple[str, ...] = (
    _STEM,
    *sorted(path.stem for path in _FOLDER.glob("*.parquet")),
    *sorted(path.stem for path in _FOLDER.glob("*.csv")),
)


def sample_paths(name: str) -> tuple[Path, ...]:
    """Return the files of a sample; `leaf_cell_2013` is all six tests of the cell.

    Raises
    ------
    NotKnown
        If there is no sample of that name; the nearest three are offered.

    Examples
    --------
    >>> [path.name for path in sample_paths("leaf_cell_2013_discharge_1c")]
    ['leaf_cell_2013_discharge_1c.parquet']
    >>> len(sample_paths("leaf_cell_2013"))
    6
    """
    if name not in SAMPLES:
        raise NotKnown.among("sample", name, SAMPLES)
    if name == _STEM:
        return tuple(sorted(_FOLDER.glob(f"{_STEM}_*.parquet")))
    parquet = _FOLDER / f"{name}.parquet"
    return (parquet if parquet.exists() else _FOLDER / f"{name}.csv",)


def sample(name: str = _STEM) -> pl.DataFrame:
    """Return a sample: telemetry rows, or the open-circuit table (`soc_frac`, `voltage_v`).

    Raises
    ------
    NotKnown
        If there is no sample of that name; the nearest three are offered.

    Examples
    --------
    >>> sample("leaf_cell_2013_discharge_1c").height
    2287
    >>> sample("leaf_cell_2013_ocv_25degc").columns
    ['soc_frac', 'voltage_v']
    """
    paths = sample_paths(name)
    if paths[0].suffix == ".csv":
        return pl.read_csv(paths[0])
    return pl.concat([pl.read_parquet(path) for path in paths], how="diagonal").sort("time")


def sample_metadata() -> dict[str, Any]:
    """Return where the samples come from: origin, DOI, licence, hashes, how they were cut.

    Examples
    --------
    >>> sample_metadata()["license"]
    'MIT'
    """
    data: dict[str, Any] = json.loads((_FOLDER / "metadata.json").read_text(encoding="utf-8"))
    return data
