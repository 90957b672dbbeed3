"""What the readers give, held against the text the testers wrote, and against physics."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from batteryloop.errors import InputWrong, NotTimeSeries
from batteryloop.readers import Mapping, read, read_many
from batteryloop.telemetry.types import Recording

pytestmark = pytest.mark.shared_data
EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "mappings"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# Counted and read off in a text editor: rows, the first and the last sample (time, A, V).
EXPORTS = {
    "2017-05-09_test-TC-contact_CH33.csv": (
        "arbin-text",
        287,
        (at("2017-05-10 00:47:33.170"), 6.600444793701172, 3.298668384552002),
        (at("2017-05-10 01:04:36.061"), 1.1000289916992188, 3.4119858741760254),
    ),
    "arbin_example.csv": (
        "arbin-text",
        2142,
        (at("2017-07-02 14:39:13"), -9.63e-05, 3.2796359),
        (at("2017-07-02 16:24:21.482"), 0.0, 2.4080653),
    ),
    "sample_data_arbin.csv": (
        "arbin-text",
        13,
        (at("2024-09-20 08:32:34.558"), 0.0, 3.534595),
        (at("2024-09-20 08:37:05.772"), 2.650138, 3.599601),
    ),
    "maccor_example.001": (
        "maccor",
        8,
        (at("2016-03-31 16:05:31"), 0.0, 3.30678264),
        (at("2016-03-31 16:06:41"), 0.0, 3.30617227),
    ),
    "maccor_three.txt": (
        "maccor",
        4009,
        (at("2021-08-23 18:04:18"), 0.0, 1.8538186),
        (at("2021-08-27 12:51:41.420"), -0.8960098, 1.3000687),
    ),
    "xTESLADIAG_000038.078": (
        "maccor",
        10714,
        (at("2019-08-13 19:17:53"), 0.0, 3.45807584),
        (at("2019-08-15 16:15:00.160"), 0.0, 3.55611505),
    ),
    "PredictionDiagnostics_000151_paused.052": (
        "maccor",
        332,
        (at("2019-10-21 10:59:59"), -4.8400091554, 3.86823835),
        (at("2019-10-21 13:00:02"), -4.8402380407, 3.86251621),
    ),
    "sample_data_maccor.csv": (
        "maccor",
        15,
        (at("2023-11-23 15:56:11"), 0.0, 3.668),
        (at("2023-11-23 15:56:24"), 28.798, 3.716),
    ),
    "Sample_data_biologic_01_MB_CA1.txt": (
        "biologic-text",
        1397,
        (at("2024-05-13 11:19:51.602"), 0.0, 3.5180547),
        (at("2024-05-13 11:22:11.126"), -0.89982635, 3.4854481),
    ),
    "neware_uio.csv": (
        "neware-text",
        9065,
        (at("2022-05-18 16:27:52"), 0.0, 2.917),
        (at("2022-05-24 16:29:53"), 0.00099171, 0.4251),
    ),
    "sample_data_novonix.csv": (
        "novonix",
        207,
        (at("2025-07-19 15:26:20"), 0.0, 3.84318331),
        (at("2025-07-19 18:51:08"), 0.49999387, 4.12864581),
    ),
    "pec.csv": (
        "pec",
        16255,
        (at("2019-02-22 16:23:27"), 0.0, 3.272632),
        (at("2019-02-26 10:06:56"), 1.6401, 3.7875572),
    ),
    "sample_data_basytec.txt": (
        "basytec",
        74,
        (at("2023-06-19 17:56:53"), 0.0, 3.52575489148741),
        (at("2023-06-19 17:58:03.236"), 0.449601734416934, 3.53285012323902),
    ),
    "sample.bdf.csv": (
        "bdf",
        3,
        (at("1970-01-01 00:00:00"), 0.1, 3.7),
        (at("1970-01-01 00:00:02"), 0.1, 3.5),
    ),
    "DLR__LiLNMOHydra0b__20221125__POCV__25degC__Basytec.bdf.csv": (
        "bdf",
        17860,
        (at("1970-01-01 00:00:00"), 0.0, 3.79767300543967),
        (at("1986-10-23 06:08:24.692"), 0.0, 3.76373456809816),
    ),
    "p492-13-raw.csv": (
        "named-units",
        2021 - 78,
        (at("2020-01-02 10:37:01"), 0.0, 3.27603571),
        (at("2020-01-14 15:44:26"), 0.0, 3.32410163),
    ),
}
LONG_S = {"p492-13-raw.csv": 120.0, "neware_uio.csv": 20.0}  # their two clocks drift apart


@pytest.fixture(scope="module")
def exports(shared_data) -> dict[str, Recording]:
    return {name: read(shared_data / "cycler_exports" / name) for name in EXPORTS}


@pytest.mark.parametrize("name", EXPORTS)
def test_rows_and_first_and_last_samples_are_those_of_the_text(name, exports):
    form, n_rows, first, last = EXPORTS[name]
    frame = exports[name].frame
    assert exports[name].source.format == form
    assert frame.height == n_rows
    for row, (time, current_a, voltage_v) in ((0, first), (-1, last)):
        assert frame["current_a"][row] == pytest.approx(current_a, abs=1e-9)
        assert frame["voltage_v"][row] == pytest.approx(voltage_v, abs=1e-9)
        assert abs((frame["time"][row] - time).total_seconds()) < LONG_S.get(name, 1.0)
    assert frame["time"].is_sorted()


def test_no_row_of_the_text_is_lost(shared_data, exports):
    n_heads = {"arbin_example.csv": 1, "neware_uio.csv": 1, "pec.csv": 33}
    n_heads |= {"xTESLADIAG_000038.078": 2, "maccor_three.txt": 5, "p492-13-raw.csv": 1}
    for name, n_head in n_heads.items():
        text = (shared_data / "cycler_exports" / name).read_text(encoding="utf-8")
        n_lines = sum(bool(line.strip()) for line in text.split("\n")[n_head:])
        n_told = sum(f.n_rows for f in exports[name].findings if f.rule == "impedance-rows")
        assert exports[name].frame.height + n_told == n_lines, name


@pytest.mark.parametrize(
    "name",
    [
        "2017-05-09_test-TC-contact_CH33.csv",
        "arbin_example.csv",
        "maccor_three.txt",
        "xTESLADIAG_000038.078",
        "sample_data_maccor.csv",
        "Sample_data_biologic_01_MB_CA1.txt",
        "neware_uio.csv",
        "sample_data_novonix.csv",
        "pec.csv",
        "sample_data_basytec.txt",
        "p492-13-raw.csv",
    ],
)
def test_charge_is_positive_as_the_voltage_shows(name, exports):
    """A current that steps up lifts the voltage through the cell's resistance."""
    frame = exports[name].frame
    step_a = np.diff(frame["current_a"].to_numpy())
    step_v = np.diff(frame["voltage_v"].to_numpy())
    most = np.abs(frame["current_a"].to_numpy()).max()
    steps = np.abs(step_a) > 0.2 * most
    assert steps.any()
    assert np.sum(step_a[steps] * step_v[steps]) > 0
    from_rest = steps & (np.abs(frame["current_a"].to_numpy()[:-1]) < 0.01 * most)
    assert np.all(step_a[from_rest] * step_v[from_rest] > 0)


def grown(counter: pl.Series) -> float:
    step = counter.diff().fill_null(0.0)
    return float(pl.select(pl.when(step < 0).then(pl.lit(counter)).otherwise(step).sum()).item())


@pytest.mark.parametrize(
    ("name", "within"),
    [
        ("2017-05-09_test-TC-contact_CH33.csv", 0.01),
        ("arbin_example.csv", 0.01),
        ("maccor_three.txt", 0.01),
        ("xTESLADIAG_000038.078", 0.015),
        ("PredictionDiagnostics_000151_paused.052", 0.01),
        ("Sample_data_biologic_01_MB_CA1.txt", 0.01),
        ("pec.csv", 0.01),
        ("sample_data_basytec.txt", 0.02),
        ("neware_uio.csv", 0.01),
    ],
)
def test_counters_agree_with_current_and_power_over_time(name, within, exports):
    """Charge is the integral of current, energy that of power, each way apart (trapezia).

    p492-13-raw.csv is left out: its counters are filled in some of its cycles only.
    """
    frame = exports[name].frame
    hours = frame["time"].diff().dt.total_microseconds().fill_null(0).to_numpy() / 3.6e9
    hours[hours > 0.5] = 0.0  # a pause
    current = frame["current_a"].to_numpy()
    middle_a = np.where(
        np.sign(current) == np.sign(np.roll(current, 1)),
        (current + np.roll(current, 1)) / 2,
        current,
    )
    power = middle_a * frame["voltage_v"].to_numpy()
    for flow, unit, names in (
        (middle_a, "ah", ("charge_capacity_ah", "discharge_capacity_ah")),
        (power, "wh", ("charge_energy_wh", "discharge_energy_wh")),
    ):
        for sign, column in zip((1, -1), names, strict=True):
            if column not in frame.columns:
                continue
            counted = grown(frame[column])
            integral = float(np.sum(np.clip(sign * flow, 0, None) * hours))
            most = max(grown(frame[c]) for c in names if c in frame.columns)
            assert integral == pytest.approx(counted, rel=within, abs=within * most), (unit, column)


def test_every_export_that_holds_samples_opens_and_the_summary_is_refused(shared_data):
    folder = shared_data / "cycler_exports"
    results = dict(zip(sorted(folder.iterdir()), read_many([folder]), strict=True))
    refused = {path.name: r for path, r in results.items() if not isinstance(r, Recording)}
    assert list(refused) == ["p492-13-summary.csv"]
    assert isinstance(refused["p492-13-summary.csv"], NotTimeSeries)
    assert "one row each" in str(refused["p492-13-summary.csv"])
    assert len(results) == 24


def test_no_spectrum_is_taken_for_samples(shared_data):
    results = list(read_many([shared_data / "eis"]))
    assert len(results) == 18
    assert all(isinstance(r, InputWrong) for r in results)
    assert sum(isinstance(r, NotTimeSeries) for r in results) == 17  # one has bare numbers only


def test_calce_runs_on_over_its_files(shared_data):
    mapping = Mapping.load(EXAMPLES / "calce_arbin.toml")
    raw = pl.read_parquet(shared_data / "cycle_life" / "calce_CS2_35.parquet")
    recording = read(shared_data / "cycle_life" / "calce_CS2_35.parquet", mapping=mapping)
    frame = recording.frame
    # two of the files are the same measurement
    assert [f.rule for f in recording.findings] == ["part-repeated"]
    once = raw.filter(pl.col("file") != "CS2_35_2_10_11.xlsx")
    assert frame.height == once.height
    assert frame["time"].is_sorted()
    per_file = once.group_by("file").agg(
        pl.col("Cycle_Index").n_unique(), pl.col("Discharge_Capacity(Ah)").max()
    )
    assert frame["cycle_count"].n_unique() == per_file["Cycle_Index"].sum()
    assert frame["cycle_count"].is_sorted()
    total_ah = per_file["Discharge_Capacity(Ah)"].sum()
    assert frame["discharge_capacity_ah"][-1] == pytest.approx(total_ah, rel=1e-9)
    moved = frame.filter(pl.col("current_a") > 0.1)["voltage_v"].mean()
    assert moved > frame.filter(pl.col("current_a") < -0.1)["voltage_v"].mean()
    stamps = once.sort("Date_Time", maintain_order=True)["Date_Time"].dt.epoch("us")
    apart_s = (frame["time"].dt.epoch("us") - stamps).abs().max() / 1e6
    assert apart_s < 70.0  # the tester's and the computer's clock part by a minute a week


def test_nasa_discharges_carry_their_own_time_and_capacity(shared_data):
    path = shared_data / "cycle_life" / "nasa_discharges.parquet"
    recording = read(path, mapping=Mapping.load(EXAMPLES / "nasa_discharges.toml"))
    raw = pl.read_parquet(path)
    frame = recording.frame
    assert frame.height == raw.height
    assert frame["battery_id"].n_unique() == 11
    hours = pl.col("time").diff().dt.total_microseconds() / 3.6e9
    middle = (pl.col("current_a") + pl.col("current_a").shift()) / 2
    whose = ["battery_id", "cycle_count"]
    until = pl.col("voltage_v").cum_min() > 2.7  # NASA counts to 2.7 V, wherever the test ends
    measured = frame.group_by(whose, maintain_order=True).agg(
        (-(middle * hours).filter(until).sum()).alias("ah")
    )
    truth = raw.group_by(
        pl.col("cell").alias("battery_id"), pl.col("cycle_number").alias("cycle_count")
    ).agg(pl.col("capacity_ahr").first())
    both = measured.join(truth, on=whose).filter(pl.col("capacity_ahr") > 0.1)
    assert both.height > 600  # of 810; where NASA reports none, the capacity is given as 0
    assert (both["ah"] / both["capacity_ahr"] - 1).abs().median() < 0.01


def test_the_leaf_charges_positively_and_its_slipped_row_is_told(shared_data):
    recording = read(shared_data / "field_ev" / "leaf_2013.parquet")
    frame = recording.frame
    assert frame.height == 80_442
    raw = pl.read_parquet(shared_data / "field_ev" / "leaf_2013.parquet")
    plugged = (raw["Charge Mode"] > 0) & (raw["Speed"] == 0)
    assert frame.filter(plugged)["current_a"].median() > 10
    cells = frame["cell_voltages_v"].list.sum()
    assert (cells - frame["voltage_v"]).drop_nulls().median() == pytest.approx(0.048, abs=0.01)
    assert frame["cell_voltages_v"].list.len().unique().to_list() == [96]
    (finding,) = [f for f in recording.findings if f.rule == "cell-voltage-invalid"]
    assert (finding.n_rows, finding.row_first) == (1, 72909)
    assert frame["soc_frac"].drop_nulls().is_between(0.0, 1.0).all()
    assert frame["odometer_km"].drop_nulls().min() > 50_000
