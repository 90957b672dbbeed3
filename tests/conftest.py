"""What every test may ask for."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes depends on what else the machine does, and is no property of the code.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

_HERE = Path(__file__).resolve()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real measurements, or skip and say so."""
    folder = Path(os.environ.get("BATTERYLOOP_SHARED_DATA", _HERE.parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the measurements are not at {folder}; set BATTERYLOOP_SHARED_DATA")
    return folder
