"""Makes the measurements of `src/batteryloop/samples` again, from an unpacked celljar 0.2.1.

    python tools/make_samples.py path/to/celljar-0.2.1

The tester (Bitrode) writes one CSV a test; one of the six has no header line. Kept: time, current,
voltage, cycle, step and the four counters, unrolled because the tester starts them anew in every
step. Left out: the columns that are constant (Exclude, Loop, Data) or follow (Power, Mode).
"""

import argparse
import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

BATTERY_ID = "ORNL-LEAF-2013"
SDIST = {
    "package": "celljar 0.2.1, source distribution, data/raw/ornl_leaf",
    "sha256": "7813e401d974f99f1430c247aef1ab1b0fd5095be4fe0900837e822c314bd12c",
}
FOLDER = Path("data/raw/ornl_leaf")
OUT = Path(__file__).parents[1] / "src" / "batteryloop" / "samples"
# Name of the sample, file it is cut from, temperature of the chamber where it is stated.
TESTS: tuple[tuple[str, str, float | None], ...] = (
    ("leaf_cell_2013_discharge_1c", "cell-discharge-bitrode-1c.csv", None),
    ("leaf_cell_2013_discharge_2c", "cell-discharge-bitrode-2c.csv", None),
    ("leaf_cell_2013_discharge_3c", "cell-discharge-bitrode-3c.csv", None),
    ("leaf_cell_2013_pulses_10degc", "cell-low-current-hppc-10c.csv", 10.0),
    ("leaf_cell_2013_pulses_25degc", "cell-low-current-hppc-25c.csv", 25.0),
    ("leaf_cell_2013_pulses_40degc", "cell-low-current-hppc-40c.csv", 40.0),
)
COLUMNS = [
    "exclude",
    "elapsed_s",
    "cycle_count",
    "loop_1",
    "loop_2",
    "loop_3",
    "step_index",
    "step_time_s",
    "current_a",
    "voltage_v",
    "power_w",
    "step_capacity_ah",
    "step_energy_wh",
    "mode",
    "data",
    "end",
]
COUNTERS = {
    "charge_capacity_ah": ("step_capacity_ah", 1),
    "discharge_capacity_ah": ("step_capacity_ah", -1),
    "charge_energy_wh": ("step_energy_wh", 1),
    "discharge_energy_wh": ("step_energy_wh", -1),
}


def raw_table(path: Path) -> pl.DataFrame:
    """Return the tester's CSV with our names, whether or not it has a header line."""
    has_header = path.read_text(encoding="ascii").startswith("Exclude")
    return pl.read_csv(
        path, has_header=False, skip_rows=int(has_header), new_columns=COLUMNS
    ).with_columns(pl.col("step_index", "cycle_count").cast(pl.Int64))


def unrolled(name: str, sign: int) -> pl.Expr:
    """Return the share of the signed step counter `name` that has `sign`, never falling.

    While it rests the tester repeats the last step's count: that is not counted again.
    """
    amount = pl.when(pl.col("mode") == "REST").then(0.0).otherwise(pl.col(name) * sign).clip(0)
    risen = amount - amount.shift(1, fill_value=0).over("step_run")
    return risen.clip(0).cum_sum().round(2)


def as_frame(raw: pl.DataFrame, *, start_at: datetime, chamber_degc: float | None) -> pl.DataFrame:
    """Return the telemetry columns of one test, its clock starting at `start_at`."""
    runs = raw.with_columns(pl.struct("cycle_count", "step_index").rle_id().alias("step_run"))
    since = (pl.col("elapsed_s") * 1e6).round().cast(pl.Int64)
    frame = runs.select(
        pl.lit(BATTERY_ID).alias("battery_id"),
        (pl.lit(start_at) + pl.duration(microseconds=since))
        .cast(pl.Datetime("us", "UTC"))
        .alias("time"),
        "current_a",
        "voltage_v",
        pl.lit(chamber_degc, dtype=pl.Float64).alias("ambient_temperature_degc"),
        "cycle_count",
        "step_index",
        *(unrolled(source, sign).alias(name) for name, (source, sign) in COUNTERS.items()),
    )
    return frame.drop("ambient_temperature_degc") if chamber_degc is None else frame


def rested_points(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the open-circuit points of a pulse test: the end of each hour of rest.

    The state of charge counts from the rest after the charge (1) to the cut-off (0); the last
    point is the cut-off voltage under a third of the rated current, so it lies low.
    """
    q = pl.col("charge_capacity_ah") - pl.col("discharge_capacity_ah")
    rows = frame.with_columns(
        q.alias("q_ah"),
        (pl.col("current_a").abs() < 0.05).rle_id().alias("run"),
    )
    rests = (
        rows.filter(pl.col("current_a").abs() < 0.05)
        .group_by("run", maintain_order=True)
        .agg(
            (pl.col("time").last() - pl.col("time").first()).alias("span"),
            pl.col("q_ah").last(),
            pl.col("voltage_v").last(),
        )
        .filter(pl.col("span") > timedelta(minutes=50))
        .select("q_ah", "voltage_v")
    )
    first_full = rests.get_column("voltage_v").arg_max()
    assert first_full is not None
    points = pl.concat([rests[first_full:], rows.tail(1).select("q_ah", "voltage_v")])
    full, empty = points["q_ah"][0], points["q_ah"][-1]
    return points.select(
        ((pl.col("q_ah") - empty) / (full - empty)).round(4).alias("soc_frac"), "voltage_v"
    ).sort("soc_frac")


def sha256(path: Path) -> str:
    """Return the SHA-256 of the file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> None:
    """Write the samples and their metadata."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("celljar", type=Path, help="folder of the unpacked source distribution")
    folder = parser.parse_args().celljar / FOLDER
    entries = []
    for number, (name, original, chamber_degc) in enumerate(TESTS):
        start_at = datetime(1970, 1, 1 + 2 * number, tzinfo=UTC)
        frame = as_frame(raw_table(folder / original), start_at=start_at, chamber_degc=chamber_degc)
        path = OUT / f"{name}.parquet"
        frame.write_parquet(path, compression="zstd", compression_level=19)
        entries.append(
            {
                "file": path.name,
                "sha256": sha256(path),
                "n_rows": frame.height,
                "battery_id": BATTERY_ID,
                "cut_from": original,
                "cut_from_sha256": sha256(folder / original),
                "chamber_degc": chamber_degc,
            }
        )
        if chamber_degc == 25.0:
            ocv = OUT / "leaf_cell_2013_ocv_25degc.csv"
            rested_points(frame).write_csv(ocv)
            entries.append(
                {
                    "file": ocv.name,
                    "sha256": sha256(ocv),
                    "battery_id": BATTERY_ID,
                    "cut_from": original,
                    "cut_from_sha256": sha256(folder / original),
                    "chamber_degc": chamber_degc,
                }
            )
    metadata = {
        "title": "Measurements of a cell of a 2013 Nissan Leaf, Oak Ridge National Laboratory",
        "origin": "Wiggins, G., Allu, S., Wang, H. (2019). Battery cell data from a 2013 Nissan"
        " Leaf. Oak Ridge National Laboratory.",
        "doi": "10.5281/zenodo.2580327",
        "license": "MIT",
        "taken_from": SDIST,
        "cell": {
            "maker": "AESC",
            "chemistry": "LMO-NCA",
            "rated_capacity_ah": 33.1,
            "n_cells_series": 1,
        },
        "is_simulated": False,
        "how_cut": "tools/make_samples.py: every row; time, current (positive charges), voltage,"
        " cycle, step; the tester's charge and energy counters, which restart in every step,"
        " unrolled. Temperature of the chamber where the file's name states it; the discharge"
        " tests state none.",
        "time": "The tester gave only elapsed time. Each test starts at midnight, two days after"
        " the one before it, from 1970-01-01 on; the order of the tests is ours.",
        "files": entries,
    }
    (OUT / "metadata.json").write_text(json.dumps(metadata, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
