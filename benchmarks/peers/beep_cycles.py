"""BEEP: `summarize_cycles` of each cell; capacity, energy, efficiency, temperature, resistance."""

import warnings

import pandas as pd
from beep.structure.base import BEEPDatapath
from timing import measured


class Datapath(BEEPDatapath):
    """Raw data that is at hand already."""

    @classmethod
    def from_file(cls, path: str) -> "Datapath":
        """Refuse: nothing is read here."""
        raise NotImplementedError(path)


def summarise(path: str, cells: list[str]) -> tuple[int, int]:
    n_rows = n_result = 0
    for cell in cells:
        raw = pd.read_parquet(path, filters=[("battery_id", "==", cell)]).reset_index(drop=True)
        names = {
            "cycle_count": "cycle_index",
            "current_a": "current",
            "voltage_v": "voltage",
            "temperature_degc": "temperature",
            "charge_capacity_ah": "charge_capacity",
            "discharge_capacity_ah": "discharge_capacity",
            "charge_energy_wh": "charge_energy",
            "discharge_energy_wh": "discharge_energy",
        }
        table = raw.rename(columns=names)
        counters = list(names.values())[4:]
        firsts = table.groupby("cycle_index")[counters].transform("first")
        table[counters] = table[counters] - firsts
        table["test_time"] = (raw["time"] - raw["time"].iloc[0]).dt.total_seconds()
        table["date_time_iso"] = raw["time"].dt.strftime("%Y-%m-%dT%H:%M:%S+00:00")
        table["internal_resistance"] = 0.08
        path_of_data = Datapath(table, {"barcode": cell}, impute_missing=False)
        n_result += len(path_of_data.summarize_cycles())
        n_rows += len(raw)
    return n_rows, n_result


warnings.simplefilter("ignore")
measured("beep", "capacity, energy, efficiency (no resistance of its own)", summarise)
