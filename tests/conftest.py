"""What every test may ask for."""

import os
from pathlib import Path

import pytest

_HERE = Path(__file__).resolve()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real measurements, or skip and say so."""
    folder = Path(os.environ.get("BATTERYLOOP_SHARED_DATA", _HERE.parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the measurements are not at {folder}; set BATTERYLOOP_SHARED_DATA")
    return folder
