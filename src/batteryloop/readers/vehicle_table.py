"""A log of a vehicle with every cell voltage (`CP1` … `CP96`, mV), as LeafSpy writes it.

Pack amperes are positive on discharge there. That is not taken on trust: where the current rises
and the pack voltage falls at the same moment, positive is discharge; where both rise, charge.
On the 2013 Leaf of 80,442 rows the two move against each other at r = -0.96, by 65 mohm.
"""

import re
from pathlib import Path

import numpy as np
import polars as pl

from batteryloop.errors import FileDamaged
from batteryloop.quantities import QUANTITIES, label
from batteryloop.readers.delimited import read_fields
from batteryloop.readers.headers import Column
from batteryloop.readers.layout import Layout, find_layout
from batteryloop.readers.parquet import names_of, read_named
from batteryloop.readers.sign import with_opposite_sign
from batteryloop.readers.tabular import Table, raw_table
from batteryloop.readers.timestamps import parse_stamps
from batteryloop.readers.types import Format, Head, RawTable, noticed
from batteryloop.telemetry.types import Finding

_CELL = re.compile(r"^CP(\d+)$")
_N_CELLS_LEAST = 4
_CELL_V = (1.0, 5.0)  # outside, a logger's filler or a row that slipped
_CHARGED_CELL_V = 3.5  # a cell this high is not empty
_STEP_A = 5.0
_N_STEPS_LEAST = 10

_MOMENTS = ("epoch time", "t", "Date/Time")
_PLAIN = {
    "Pack Volts": "voltage_v",
    "Pack Amps": "current_a",
    "Odo(km)": "odometer_km",
    "Speed": "speed_km_per_h",
    "Ambient": "ambient_temperature_degc",
}
_SCALED = {"SOC": "soc_frac", "SOH": "reported_soh_frac", "AHr": "reported_capacity_ah"}
_SENSORS = ("Pack T1 C", "Pack T2 C", "Pack T3 C", "Pack T4 C")


def recognises(head: Head) -> bool:
    """Return whether a line names cell pairs, pack volts and pack amps."""
    layout = find_layout(head, "vehicle")
    return layout is not None and _are_vehicle(layout.labels)


def read(path: Path) -> RawTable:
    """Return the samples of a csv."""
    layout = find_layout(Head.of(path), "vehicle")
    assert layout is not None
    fields, findings = read_fields(path, layout, _wanted(layout))
    return _raw(fields, findings, path)


def recognises_parquet(head: Head) -> bool:
    """Return whether a Parquet file has columns of cell pairs, pack volts and pack amps."""
    return _are_vehicle(names_of(head))


def read_parquet(path: Path) -> RawTable:
    """Return the samples of a Parquet file."""
    wanted = [name for name in names_of(Head.of(path)) if _is_wanted(name)]
    return _raw(read_named(path, wanted), [], path)


def positive_is_discharge(current: np.ndarray, voltage: np.ndarray) -> bool | None:
    """Return whether a positive current lowers the voltage; None where nothing tells.

    Steps of the current of at least 5 A between neighbouring rows are held against the steps of
    the voltage: through a resistance the two move together on charge and against on discharge.

    Parameters
    ----------
    current, voltage : ndarray
        Shape (n,). [A], [V]

    Examples
    --------
    >>> amps = np.tile([0.0, 50.0], 20)
    >>> positive_is_discharge(amps, 380 - 0.07 * amps)
    True
    """
    step_a, step_v = np.diff(current), np.diff(voltage)
    tells = np.isfinite(step_a) & np.isfinite(step_v) & (np.abs(step_a) >= _STEP_A)
    if tells.sum() < _N_STEPS_LEAST:
        return None
    together = float(np.sum(step_a[tells] * step_v[tells]))
    return together < 0 if together != 0 else None


def _are_vehicle(names: tuple[str, ...]) -> bool:
    plain = {name.strip() for name in names}
    n_cells = sum(bool(_CELL.match(name)) for name in plain)
    return n_cells >= _N_CELLS_LEAST and {"Pack Volts", "Pack Amps"} <= plain


def _is_wanted(name: str) -> bool:
    plain = name.strip()
    return (
        plain in _MOMENTS
        or plain in _PLAIN
        or plain in _SCALED
        or plain in _SENSORS
        or plain == "n_balancing"
        or bool(_CELL.match(plain))
    )


def _wanted(layout: Layout) -> list[Column]:
    found: dict[str, Column] = {}
    for i, written in enumerate(layout.labels):
        plain = written.strip()
        if _is_wanted(plain):
            found.setdefault(plain, Column(i, plain, plain, ""))
    return list(found.values())


def _raw(fields: pl.DataFrame, noted: list[Finding], path: Path) -> RawTable:
    said = fields.rename({name: name.strip() for name in fields.columns})
    numbers = said.select(
        pl.col(name).cast(pl.Float64, strict=False).fill_nan(None)
        for name in said.columns
        if name not in ("t", "Date/Time")
    )
    moments = _moments(said, numbers)
    if moments is None:
        raise FileDamaged(path.name, "has no time that can be read", "t, Date/Time or epoch time")
    cells, n_balancing, found = _cells(numbers)
    noted = [*noted, *found]
    columns = [moments.alias("time"), cells, *_sensors(numbers)]
    columns.append(numbers.get_column("n_balancing") if "n_balancing" in numbers else n_balancing)
    for written, name in _PLAIN.items():
        if written in numbers.columns:
            values, found = _possible(numbers.get_column(written).alias(name), written)
            noted += found
            columns.append(values)
    for written, name in _SCALED.items():
        if written in numbers.columns:
            values, found = _possible(_unscaled(numbers.get_column(written), name), written)
            noted += found
            columns.append(values)
    frame = pl.DataFrame(columns)
    frame, found = _ambient_in_degc(frame)
    noted += found
    frame, found = _without_unread(frame)
    noted += found
    table = _with_our_sign(Table(frame, tuple(noted), "epoch time" in numbers.columns))
    return raw_table(table, subject=path.name, metadata={"n_cells_series": str(_n_cells(numbers))})


def _moments(said: pl.DataFrame, numbers: pl.DataFrame) -> pl.Series | None:
    """Return the time, UTC where the log has Unix seconds, else as its clock showed it."""
    epoch = None
    if "epoch time" in numbers.columns:
        seconds = numbers.get_column("epoch time")
        epoch = (
            seconds.to_frame("s")
            .select(
                pl.when(pl.col("s").is_between(1e8, 1e10))
                .then(pl.col("s") * 1e6)
                .cast(pl.Int64)
                .cast(pl.Datetime("us"))
            )
            .to_series()
        )
    clock = None
    for name in ("t", "Date/Time"):
        if clock is None and name in said.columns:
            given = said.get_column(name)
            if given.dtype == pl.String:
                given = parse_stamps(given)[0]
            if given.dtype.is_temporal():
                clock = given.cast(pl.Datetime("us")).dt.replace_time_zone(None)
    if epoch is None or clock is None:
        return clock if epoch is None else epoch
    both = pl.DataFrame({"epoch": epoch, "clock": clock})
    ahead = (pl.col("clock") - pl.col("epoch")).median()
    return both.select(pl.coalesce("epoch", pl.col("clock") - ahead)).to_series()


def _n_cells(numbers: pl.DataFrame) -> int:
    return sum(bool(_CELL.match(name)) for name in numbers.columns)


def _cells(numbers: pl.DataFrame) -> tuple[pl.Series, pl.Series, list[Finding]]:
    """Return cell voltages in order, the count of shunts on, and which values cannot be."""
    names = sorted(
        (n for n in numbers.columns if _CELL.match(n)), key=lambda n: int(n.removeprefix("CP"))
    )
    given_mv = numbers.select(names).to_numpy()
    volts = np.abs(given_mv) / 1e3  # a minus says that the cell's shunt is on
    is_sane = (volts >= _CELL_V[0]) & (volts <= _CELL_V[1])
    kept = pl.Series(np.where(is_sane, volts, np.nan).astype(np.float32).ravel()).fill_nan(None)
    cells = kept.reshape(volts.shape).cast(pl.List(pl.Float32)).alias("cell_voltages_v")
    n_balancing = pl.Series("n_balancing", np.sum(given_mv < 0, axis=1).astype(float))
    is_out = pl.Series(np.sum(~is_sane, axis=1))
    rows = (is_out > 0).arg_true()
    found: list[Finding] = []
    if len(rows):
        found.append(
            noticed(
                "cell-voltage-invalid",
                f"{int(is_out.sum())} cell voltages in {len(rows)} rows are missing or outside "
                f"{_CELL_V[0]:.0f}–{_CELL_V[1]:.0f} V and are left out",
                "look at these rows; a whole row of them means that its columns slipped",
                row_first=int(rows[0]),
                row_last=int(rows[-1]),
                n_rows=len(rows),
            )
        )
    return cells, n_balancing, found


def _sensors(numbers: pl.DataFrame) -> list[pl.Series]:
    """Return the lowest and highest of the temperature sensors that are fitted."""
    names = [n for n in _SENSORS if n in numbers.columns]
    if not names:
        return []
    low, high = QUANTITIES["temperature_degc"].low, QUANTITIES["temperature_degc"].high
    sane = numbers.select(
        pl.when(pl.col(n).is_between(low, high)).then(pl.col(n)).alias(n) for n in names
    )
    return [
        sane.min_horizontal().alias("temperature_min_degc"),
        sane.max_horizontal().alias("temperature_max_degc"),
    ]


def _unscaled(values: pl.Series, name: str) -> pl.Series:
    """Return shares as 0–1 and ampere hours as such, from per cent or from ten-thousandths."""
    size = values.abs().quantile(0.9)
    top = QUANTITIES[name].high
    scale = 1.0
    if isinstance(size, float) and size > top:
        is_share = QUANTITIES[name].unit == "1"
        scale = (1e-2 if size <= 150 else 1e-6) if is_share else 1e-4
    return (values * scale).alias(name)


def _possible(values: pl.Series, written: str) -> tuple[pl.Series, list[Finding]]:
    """Return `values` without those that the quantity cannot have: a logger's filler."""
    quantity = QUANTITIES[values.name]
    is_fahrenheit = values.name == "ambient_temperature_degc"
    high = 9 / 5 * quantity.high + 32 if is_fahrenheit else quantity.high
    is_out = ~values.is_between(quantity.low, high)
    rows = is_out.fill_null(False).arg_true()
    if rows.is_empty():
        return values, []
    kept = values.to_frame("x").select(pl.when(~is_out).then(pl.col("x"))).to_series()
    return kept.alias(values.name), [
        noticed(
            "value-impossible",
            f"column {written}: {len(rows)} values outside {quantity.low:g} to {high:g}, the first "
            f"{values[int(rows[0])]:g}, are left out",
            "look at these rows",
            row_first=int(rows[0]),
            row_last=int(rows[-1]),
            n_rows=len(rows),
        )
    ]


def _ambient_in_degc(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Finding]]:
    """Return the ambient temperature in °C: a car set to °F shows more than 45 on most days."""
    name = "ambient_temperature_degc"
    if name not in frame.columns:
        return frame, []
    middle = frame.get_column(name).median()
    if not isinstance(middle, float) or middle <= 45.0:
        return frame, []
    return frame.with_columns((pl.col(name) - 32.0) / 1.8), [
        noticed(
            "unit-converted",
            f"Ambient has a median of {middle:.0f}: taken for °F and converted to °C",
            "nothing, unless the car stood in the desert",
        )
    ]


def _without_unread(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Finding]]:
    """Return `frame` without the noughts that a logger writes before it has read a value."""
    is_unread = {
        "soc_frac": (pl.col("soc_frac") == 0)
        & (pl.col("cell_voltages_v").list.mean() > _CHARGED_CELL_V),
        "odometer_km": (pl.col("odometer_km") == 0) & (pl.col("odometer_km").median() > 0),
    }
    noted: list[Finding] = []
    for name, is_so in is_unread.items():
        if name not in frame.columns:
            continue
        rows = frame.select(is_so.fill_null(False)).to_series().arg_true()
        if len(rows):
            frame = frame.with_columns(pl.when(~is_so).then(pl.col(name)).alias(name))
            noted.append(
                noticed(
                    "value-not-read",
                    f"{label(name)} is 0 in {len(rows)} rows where it cannot be: it was not read "
                    "yet and is left out",
                    "nothing",
                    severity="note",
                    row_first=int(rows[0]),
                    row_last=int(rows[-1]),
                    n_rows=len(rows),
                )
            )
    return frame, noted


def _with_our_sign(table: Table) -> Table:
    frame = table.frame.sort("time")
    is_discharge = positive_is_discharge(
        frame.get_column("current_a").to_numpy().astype(float),
        frame.get_column("voltage_v").to_numpy().astype(float),
    )
    if is_discharge is None:
        because = "as LeafSpy does; too few steps of the current to check"
        return with_opposite_sign(table, because=because)
    if is_discharge:
        return with_opposite_sign(table, because="the voltage sags as it rises")
    return table


FORMAT = Format("vehicle", "vehicle log with cell voltages (LeafSpy csv)", recognises, read)
PARQUET = Format(
    "vehicle-parquet",
    "vehicle log with cell voltages (Parquet)",
    recognises_parquet,
    read_parquet,
)
