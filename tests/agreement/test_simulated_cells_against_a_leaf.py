"""The cells of a simulated car lie apart as those of a real one of the same age."""

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from batteryloop.simulation import FleetSpec, Horizon, fleet


def apart_v(cell_v, current_a):
    return np.percentile(cell_v[np.abs(current_a) < 1.0].std(axis=1), [5, 50, 95])


@pytest.mark.shared_data
def test_cells_at_rest_lie_apart_as_in_a_leaf_of_the_same_health(shared_data):
    columns = [f"CP{n}" for n in range(1, 97)]
    log = pl.read_parquet(
        shared_data / "field_ev" / "leaf_2013.parquet", columns=[*columns, "Pack Amps"]
    )
    real = log.select(columns).to_numpy() / 1e3
    sound = (real.min(axis=1) > 3.0) & (real.max(axis=1) < 4.3)
    leaf = apart_v(real[sound], log["Pack Amps"].to_numpy()[sound])

    spec = FleetSpec(
        4,
        Horizon(datetime(2025, 3, 3, tzinfo=UTC), 14),
        duties=("city-car",),
        chemistries=("LMO", "NMC111"),
        soh_low_frac=0.80,
        soh_high_frac=0.85,
    )
    for pack in fleet(spec, rng=np.random.Generator(np.random.PCG64(5))):
        frame = pack.recording.frame
        cells = np.array(frame["cell_voltages_v"].to_list())
        simulated = apart_v(cells, frame["current_a"].to_numpy())
        assert (simulated > leaf / 2).all(), pack.spec
        assert (simulated < leaf * 2).all(), pack.spec
