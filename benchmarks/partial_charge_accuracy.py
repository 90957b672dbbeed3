"""How far partial-charge capacities are off, on cells followed to their end (CALCE CS2).

Run `python -m benchmarks.partial_charge_accuracy [CELL.parquet ...]`. Each cycle's charge is cut
to a window of 20 to 50 % of its charge at a random place; the truth is the discharge that follows,
by the tester's counter. The capacity is estimated from the window's time, current and voltage and
one early charge of the same cell.

Three ways: with the charge family learnt from the *other* cells given (left out one by one), with
the family that ships (learnt from CS2_35 and CS2_36), and with none. Last, the first way followed
over the life, a window every eight cycles.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from batteryloop.health.charge_curve.curve import ChargeCurve, charge_curve
from batteryloop.health.charge_curve.family import learn_charge_family
from batteryloop.health.charge_curve.match import (
    Family,
    capacity_distribution,
    capacity_from_partial_charge,
)
from batteryloop.health.charge_curve.track import CapacityTrack, followed
from batteryloop.reference.charge_families import ChargeFamily, charge_doubt, charge_families

Array = NDArray[np.float64]

RATED_AH = 1.1
SHARED = Path(os.environ.get("BATTERYLOOP_SHARED_DATA", "../shared/data"))
CELLS = ("calce_CS2_35", "calce_CS2_36")
BANDS = ((0.9, 1.1), (0.8, 0.9), (0.7, 0.8), (0.5, 0.7), (0.3, 0.5))
REFERENCES = (2, 5, 10, 20)
_RENAMED = {
    "Test_Time(s)": "time_s",
    "Current(A)": "current_a",
    "Voltage(V)": "voltage_v",
    "Discharge_Capacity(Ah)": "discharged_ah",
    "Charge_Capacity(Ah)": "charged_ah",
}


@dataclass(frozen=True, slots=True)
class LifeCycle:
    """One cycle's charge as sampled, and the discharge that followed, by the tester's counter."""

    time_s: Array
    current_a: Array
    voltage_v: Array
    discharged_ah: float

    def curve(self, *, rated_capacity_ah: float | None = None) -> ChargeCurve:
        """Return the whole charge, with its capacity."""
        return charge_curve(
            self.time_s,
            self.current_a,
            self.voltage_v,
            capacity_ah=self.discharged_ah,
            rated_capacity_ah=rated_capacity_ah,
        )

    def window(self, begin_frac: float, width_frac: float) -> tuple[Array, Array, Array]:
        """Return time, current and voltage of a part of the charge, by share of its charge."""
        steps = np.diff(self.time_s) * (self.current_a[1:] + self.current_a[:-1]) / 2
        flowed = np.concatenate([[0.0], np.cumsum(steps)]) / steps.sum()
        is_in = (flowed >= begin_frac) & (flowed <= begin_frac + width_frac)
        return self.time_s[is_in], self.current_a[is_in], self.voltage_v[is_in]


def life_cycles(path: Path) -> list[LifeCycle]:
    """Return the cycles of an Arbin life test that were charged and discharged to the end.

    Left out: cycles whose charge did not taper to 60 mA, or whose discharge did not reach 2.72 V,
    or whose charge and discharge differ by more than 5 %: they began or ended part-way.
    """
    rows = pl.read_parquet(path).rename(_RENAMED)
    found = []
    for _, cycle in rows.group_by(["file", "Cycle_Index"], maintain_order=True):
        current, voltage = cycle["current_a"].to_numpy(), cycle["voltage_v"].to_numpy()
        is_down, is_up = current < -0.01, current > 0.01
        if not is_down.any() or not is_up.any() or voltage[is_down].min() > 2.72:
            continue
        first, last = np.flatnonzero(is_up)[[0, -1]]
        given = float(cycle["discharged_ah"].max() - cycle["discharged_ah"].min())
        taken = float(cycle["charged_ah"].max() - cycle["charged_ah"].min())
        if current[last] > 0.06 or abs(taken / given - 1) > 0.05 or is_down[first:last].any():
            continue
        part = slice(first, last + 1)
        found.append(
            LifeCycle(cycle["time_s"].to_numpy()[part], current[part], voltage[part], given)
        )
    return found


def family_from(cells: list[list[LifeCycle]]) -> ChargeFamily:
    """Return the charge family that the cells went through."""
    return learn_charge_family(
        [[cycle.curve() for cycle in cycles] for cycles in cells],
        rated_capacity_ah=RATED_AH,
        name="learnt",
        doubt=charge_doubt("CS2-LCO-C2"),
    )


def errors(
    cycles: list[LifeCycle],
    *,
    reference: int,
    family: Family,
    every: int,
    rng: np.random.Generator,
    voltage_sd_v: float = 0.0,
    rated_capacity_ah: float | None = None,
) -> pl.DataFrame:
    """Return one row a window: truth, estimate, interval, where the window lay."""
    young = cycles[reference].curve(rated_capacity_ah=rated_capacity_ah)
    rows = []
    for cycle in cycles[:: max(every, 1)]:
        width = rng.uniform(0.2, 0.5)
        begin = rng.uniform(0, 1 - width)
        time, current, voltage = cycle.window(begin, width)
        voltage = voltage + rng.normal(size=voltage.size) * voltage_sd_v
        soh = cycle.discharged_ah / young.capacity_ah
        if soh < BANDS[-1][0]:
            continue
        found = capacity_from_partial_charge(time, current, voltage, young, family=family)
        rows.append(
            {
                "soh_frac": soh,
                "begin_frac": begin,
                "capacity_ah": cycle.discharged_ah,
                "estimated_ah": found.value,
                "low_ah": found.low,
                "high_ah": found.high,
                "reason": found.reason,
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(
        (pl.col("estimated_ah").cast(pl.Float64) / pl.col("capacity_ah") - 1).alias("error_frac"),
        pl.col("capacity_ah").is_between(pl.col("low_ah"), pl.col("high_ah")).alias("is_covered"),
    )


def followed_errors(
    cycles: list[LifeCycle], *, reference: int, family: Family, every: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Return one row a window, as `errors`, of the estimate that all windows so far give."""
    young, track, rows = cycles[reference].curve(), CapacityTrack(), []
    for cycle in cycles[2 * reference :: max(every, 1)]:
        width = rng.uniform(0.2, 0.5)
        samples = cycle.window(rng.uniform(0, 1 - width), width)
        seen = capacity_distribution(*samples, young, family=family)
        track = followed(track, seen, n_cycles=every)
        found = track.estimate()
        soh = cycle.discharged_ah / young.capacity_ah
        if found.value is None or found.low is None or found.high is None or soh < BANDS[-1][0]:
            continue
        rows.append(
            {
                "soh_frac": soh,
                "capacity_ah": cycle.discharged_ah,
                "estimated_ah": found.value,
                "low_ah": found.low,
                "high_ah": found.high,
                "error_frac": found.value / cycle.discharged_ah - 1,
                "is_covered": found.low <= cycle.discharged_ah <= found.high,
            }
        )
    return pl.DataFrame(rows)


def summary(table: pl.DataFrame) -> dict[str, float | None]:
    """Return the figures of a table of errors: median, 90th percentile, cover, share refused."""
    answered = table.filter(pl.col("estimated_ah").is_not_null())
    size = answered["error_frac"].abs()
    width = (answered["high_ah"] - answered["low_ah"]) / answered["estimated_ah"]
    return {
        "n": table.height,
        "median": size.median(),
        "p90": size.quantile(0.9),
        "bias": answered["error_frac"].median(),
        "cover": answered["is_covered"].mean(),
        "width": width.median(),
        "refused": 1 - answered.height / table.height,
    }


def bands(table: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield all down to 70 %, then each band of the state of health."""
    yield "70-110 %", table.filter(pl.col("soh_frac") >= 0.7)
    for low, high in BANDS:
        part = table.filter(pl.col("soh_frac").is_between(low, high, closed="left"))
        if part.height:
            yield f"{low * 100:.0f}-{high * 100:.0f} %", part


def main(argv: list[str]) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.partial_charge_accuracy")
    parser.add_argument("cells", nargs="*", type=Path, help="Arbin life tests as Parquet")
    parser.add_argument("--every", type=int, default=7, help="take every n-th cycle")
    parser.add_argument("--noise-mv", type=float, default=0.0, help="noise added to the voltage")
    parser.add_argument("--rated-ah", type=float, help="rated capacity, if it shall be known")
    parser.add_argument("--reference", type=int, nargs="+", default=REFERENCES, help="cycle(s)")
    given = parser.parse_args(argv)
    paths = given.cells or [SHARED / "cycle_life" / f"{name}.parquet" for name in CELLS]
    lives = {path.stem: life_cycles(path) for path in paths}
    heading = f"{'family':12} {'cell':14} {'SoH':9}" + "".join(
        f"{word:>9}" for word in ("n", "median", "p90", "bias", "cover", "width", "refused")
    )
    print(heading)
    for way in ("left-one-out", "shipped", "none"):
        if way == "left-one-out" and len(lives) < 2:
            continue
        tables = []
        for name, cycles in lives.items():
            family = {
                "left-one-out": lambda name=name: family_from(
                    [c for other, c in lives.items() if other != name]
                ),
                "shipped": lambda: next(iter(charge_families().values())),
                "none": lambda: "none",
            }[way]()
            table = pl.concat(
                errors(
                    cycles,
                    reference=reference,
                    family=family,
                    every=given.every * (4 if way == "none" else 1),
                    rng=np.random.default_rng(reference),
                    voltage_sd_v=given.noise_mv / 1000,
                    rated_capacity_ah=given.rated_ah,
                )
                for reference in given.reference
            )
            tables.append(table)
            _print(way, name, table)
        _print(way, "all", pl.concat(tables))
    if len(lives) > 1:
        _print_followed(lives)


def _print_followed(lives: dict[str, list[LifeCycle]]) -> None:
    tables = []
    for name, cycles in lives.items():
        family = family_from([c for other, c in lives.items() if other != name])
        table = followed_errors(
            cycles, reference=10, family=family, every=8, rng=np.random.default_rng(1)
        )
        tables.append(table)
        _print("followed", name, table)
    _print("followed", "all", pl.concat(tables))


def _print(way: str, name: str, table: pl.DataFrame) -> None:
    for words, part in bands(table):
        figures = summary(part)
        text = "".join(_figure(key, value) for key, value in figures.items())
        print(f"{way:12} {name:14} {words:9}{text}", flush=True)


def _figure(name: str, value: float | None) -> str:
    if value is None:
        return f"{'-':>9}"
    return f"{value:9.0f}" if name == "n" else f"{value * 100:8.1f}%"


if __name__ == "__main__":
    main(sys.argv[1:])
