"""battery-data-toolkit: `CapacityPerCycle` of each cell; capacity and energy in and out."""

import warnings

import pandas as pd
from battdat.data import BatteryDataset
from battdat.postprocess.integral import CapacityPerCycle
from timing import measured


def summarise(path: str, cells: list[str]) -> tuple[int, int]:
    columns = ["time", "current_a", "voltage_v", "cycle_count"]
    n_rows = n_result = 0
    for cell in cells:
        raw = pd.read_parquet(path, columns=columns, filters=[("battery_id", "==", cell)])
        seconds = (raw["time"] - raw["time"].iloc[0]).dt.total_seconds()
        table = pd.DataFrame(
            {
                "cycle_number": raw["cycle_count"],
                "test_time": seconds,
                "current": raw["current_a"],
                "voltage": raw["voltage_v"],
            }
        )
        data = BatteryDataset.make_cell_dataset(raw_data=table)
        n_result += len(CapacityPerCycle().compute_features(data))
        n_rows += len(raw)
    return n_rows, n_result


warnings.simplefilter("ignore")
measured("battery-data-toolkit", "capacity, energy", summarise)
