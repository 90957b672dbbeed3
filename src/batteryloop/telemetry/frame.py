"""The telemetry frame: its columns, their types, and the making of one from raw columns."""

import polars as pl

from batteryloop.errors import ColumnMissing, InputWrong
from batteryloop.quantities import QUANTITIES

TIME = pl.Datetime("us", "UTC")
_POLARS_OF = {
    "str": pl.String(),
    "time": TIME,
    "float": pl.Float64(),
    "int": pl.Int64(),
    "list": pl.List(pl.Float32),
}

REQUIRED = ("battery_id", "time", "current_a")
VOLTAGES = (
    "voltage_v",
    "cell_voltage_mean_v",
    "cell_voltage_min_v",
    "cell_voltage_max_v",
    "cell_voltages_v",
)
COUNTERS = (
    "charge_capacity_ah",
    "discharge_capacity_ah",
    "charge_energy_wh",
    "discharge_energy_wh",
)
OPTIONAL = (
    "power_w",
    "soc_frac",
    "temperature_degc",
    "temperature_min_degc",
    "temperature_max_degc",
    "ambient_temperature_degc",
    "cell_temperatures_degc",
    "n_balancing",
    "insulation_kohm",
    "odometer_km",
    "speed_km_per_h",
    "cycle_count",
    "step_index",
    "alarm_bits",
    *COUNTERS,
    "internal_resistance_ohm",
    "reported_capacity_ah",
    "reported_soh_frac",
)
COLUMNS = (*REQUIRED, *VOLTAGES, *OPTIONAL)


def dtype_of(name: str) -> pl.DataType:
    """Return the Polars type that the frame's column `name` has.

    Examples
    --------
    >>> dtype_of("current_a")
    Float64
    """
    return _POLARS_OF[QUANTITIES[name].dtype]


def as_frame(raw: pl.DataFrame, *, subject: str) -> pl.DataFrame:
    """Return `raw` as a telemetry frame: known columns only, typed, sorted by battery and time.

    Parameters
    ----------
    raw : polars.DataFrame
        Columns by the names of `quantities.csv`; others are left out.
    subject : str
        What to call it in an error: the file's name.

    Returns
    -------
    polars.DataFrame
        Columns in the order of `COLUMNS`; rows of equal battery and time keep their order.

    Raises
    ------
    ColumnMissing
        If battery, time, current or every voltage is missing.
    InputWrong
        If a column cannot take its type.
    """
    missing = [name for name in REQUIRED if name not in raw.columns]
    if missing:
        raise ColumnMissing(
            subject,
            f"no column for {', '.join(missing)}; columns: {', '.join(raw.columns[:12])}",
            f"{', '.join(REQUIRED)} and one of {', '.join(VOLTAGES)}",
            "name the columns in a mapping file (--mapping)",
        )
    if not any(name in raw.columns for name in VOLTAGES):
        raise ColumnMissing(
            subject,
            f"no voltage column; columns: {', '.join(raw.columns[:12])}",
            f"one of {', '.join(VOLTAGES)}",
            "name the columns in a mapping file (--mapping)",
        )
    names = [name for name in COLUMNS if name in raw.columns]
    try:
        frame = raw.select(pl.col(name).cast(dtype_of(name)) for name in names)
    except pl.exceptions.PolarsError as exc:
        raise InputWrong(
            subject,
            f"a column cannot take its type ({str(exc).splitlines()[0][:160]})",
            "numbers in the units of quantities.csv",
            "correct the file or its mapping",
        ) from exc
    if frame.get_column("battery_id").is_sorted() and _is_time_sorted(frame):
        return frame
    return frame.sort("battery_id", "time", maintain_order=True)


def _is_time_sorted(frame: pl.DataFrame) -> bool:
    falls = (pl.col("time").diff() < pl.duration()) & (
        pl.col("battery_id") == pl.col("battery_id").shift()
    )
    return not frame.select(falls.any()).item()


def pack_voltage(frame: pl.DataFrame | pl.LazyFrame, *, n_cells_series: int = 1) -> pl.Expr:
    """Return the expression of the battery's voltage from whatever voltage the frame carries.

    Pack voltage where present; else the mean, the middle of lowest and highest, the highest or
    the lowest, or the list of the cell voltages, times the cells in series. [V]

    Raises
    ------
    ColumnMissing
        If the frame carries no voltage.
    """
    has = frame.collect_schema().names()
    if "voltage_v" in has:
        return pl.col("voltage_v")
    if "cell_voltage_mean_v" in has:
        cell = pl.col("cell_voltage_mean_v")
    elif "cell_voltages_v" in has:
        cell = pl.col("cell_voltages_v").list.mean().cast(pl.Float64)
    elif "cell_voltage_min_v" in has and "cell_voltage_max_v" in has:
        cell = (pl.col("cell_voltage_min_v") + pl.col("cell_voltage_max_v")) / 2
    elif "cell_voltage_max_v" in has:
        cell = pl.col("cell_voltage_max_v")
    elif "cell_voltage_min_v" in has:
        cell = pl.col("cell_voltage_min_v")
    else:
        raise ColumnMissing("frame", "no voltage column", f"one of {', '.join(VOLTAGES)}")
    return (cell * n_cells_series).alias("voltage_v")


def mean_temperature(frame: pl.DataFrame | pl.LazyFrame) -> pl.Expr | None:
    """Return the expression of the battery's temperature, or None if the frame carries none.

    The one sensor that speaks for it; else the middle of lowest and highest, the one of them
    there is, or the mean of the sensors. [°C]
    """
    has = frame.collect_schema().names()
    low, high = "temperature_min_degc", "temperature_max_degc"
    if "temperature_degc" in has:
        return pl.col("temperature_degc")
    if low in has and high in has:
        return ((pl.col(low) + pl.col(high)) / 2).alias("temperature_degc")
    for name in (high, low):
        if name in has:
            return pl.col(name).alias("temperature_degc")
    if "cell_temperatures_degc" in has:
        return pl.col("cell_temperatures_degc").list.mean().alias("temperature_degc")
    return None


def highest_temperature(frame: pl.DataFrame | pl.LazyFrame) -> pl.Expr | None:
    """Return the expression of the battery's highest temperature, or None. [°C]."""
    has = frame.collect_schema().names()
    for name in ("temperature_max_degc", "temperature_degc", "temperature_min_degc"):
        if name in has:
            return pl.col(name).alias("temperature_max_degc")
    if "cell_temperatures_degc" in has:
        return pl.col("cell_temperatures_degc").list.max().alias("temperature_max_degc")
    return None
