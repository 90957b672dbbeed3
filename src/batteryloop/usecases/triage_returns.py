"""Triage returned packs: from tables to a plan with its proof, and packs left out with reasons."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from batteryloop.circular.gates import DEFAULT_PROFILES, gates
from batteryloop.circular.triage.judge import judge
from batteryloop.circular.triage.network import Facility, Origins, checked_facility
from batteryloop.circular.triage.packs import ReturnedPack, checked_pack, returned_packs
from batteryloop.circular.triage.plan import TriagePlan, plan_triage
from batteryloop.circular.triage.problem import UNITS, Limit
from batteryloop.circular.triage.tables import fate_table, state_tests
from batteryloop.errors import BatteryloopError, ColumnMissing, InputWrong, ValueOutOfRange
from batteryloop.quantities import Estimate
from batteryloop.reference import chemistry as known_chemistry
from batteryloop.usecases.ports import Refusal

PACK_COLUMNS = (
    "battery_id",
    "chemistry",
    "rated_energy_kwh",
    "mass_kg",
    "soh_frac",
    "soh_low_frac",
    "soh_high_frac",
    "unsafe_frac",
    "latitude_deg",
    "longitude_deg",
    "region",
)
FACILITY_COLUMNS = ("facility", "latitude_deg", "longitude_deg", "region", "fates", "capacity_kg")
# Where nobody looked at single modules: the best lies 4 % above the weakest, or 1 to 11.
_SPREAD_UNKNOWN = (0.044, 0.01, 0.11)

Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class TriageOptions:
    """What the decision goes by; every table may be replaced by rows of the same shape."""

    on: date
    profiles: tuple[str, ...] = DEFAULT_PROFILES
    fate_rows: Rows | None = None
    gate_rows: Rows | None = None
    test_rows: Rows | None = None
    transport_rows: Rows | None = None
    carbon_most_kgco2e: float | None = None
    has_tests: bool = True
    is_exact: bool | None = None
    confidence_frac: float = 0.9
    n_threads: int = 2


@dataclass(frozen=True, slots=True)
class Triaged:
    """The plan and what was left out of it."""

    plan: TriagePlan
    refusals: tuple[Refusal, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON, REST and pages."""
        refused = [refusal.as_dict() for refusal in self.refusals]
        return {**self.plan.as_dict(), "refused": refused}


def triage_returns(
    returns: pl.DataFrame,
    facilities: pl.DataFrame,
    options: TriageOptions,
    *,
    limits: pl.DataFrame | None = None,
) -> Triaged:
    """Return where each returned pack goes.

    Parameters
    ----------
    returns : polars.DataFrame
        One row a pack: `PACK_COLUMNS`, and optional `spread_frac` with `spread_low_frac` and
        `spread_high_frac`, `expires_on` (a date), `is_same_purpose`.
    facilities : polars.DataFrame
        One row a facility: `FACILITY_COLUMNS` (fates separated by blanks), optional `opening_eur`.
    options : TriageOptions
        Day, profiles, tables, budget.
    limits : polars.DataFrame, optional
        Further limits: `facility`, `fate`, `chemistry` (empty fits every one), `most`, `unit`.

    Raises
    ------
    ColumnMissing
        If a column is not there.
    InputWrong
        If no pack can be read, or a facility or a limit is wrong.
    RecordSaysNo
        If no plan keeps the carbon budget.
    """
    _need(returns, PACK_COLUMNS, "returns")
    _need(facilities, FACILITY_COLUMNS, "facilities")
    rows, packs, refusals = [], [], []
    seen: set[str] = set()
    for row in returns.iter_rows(named=True):
        read = _pack_or_refusal(row, options, seen)
        if isinstance(read, Refusal):
            refusals.append(read)
        else:
            rows.append(row)
            packs.append(read)
    if not packs:
        why = f"; the first: {refusals[0].error}" if refusals else ""
        raise InputWrong("returns", f"no pack can be read{why}", "at least one pack")
    arrays = returned_packs(packs)
    origins = Origins(
        np.array([row["latitude_deg"] for row in rows], dtype=float),
        np.array([row["longitude_deg"] for row in rows], dtype=float),
        tuple(str(row["region"]) for row in rows),
    )
    judged = judge(
        arrays,
        fate_table(arrays.chemistries, options.fate_rows),
        gates(options.profiles, on=options.on, rows=options.gate_rows),
        n_threads=options.n_threads,
    )
    plan = plan_triage(
        judged,
        origins,
        list(_facilities(facilities)),
        tests=state_tests(options.test_rows) if options.has_tests else (),
        limits=() if limits is None else list(_limits(limits)),
        carbon_most_kgco2e=options.carbon_most_kgco2e,
        transport_rows=options.transport_rows,
        is_exact=options.is_exact,
        n_threads=options.n_threads,
    )
    return Triaged(plan, tuple(refusals))


def _pack_or_refusal(
    row: Mapping[str, Any], options: TriageOptions, seen: set[str]
) -> ReturnedPack | Refusal:
    name = str(row["battery_id"])
    try:
        if name in seen:
            raise InputWrong(name, "is there twice", "one row a pack", "keep the latest")
        empty = [column for column in PACK_COLUMNS if row[column] is None]
        if empty:
            raise ValueOutOfRange(name, f"no {', '.join(empty)}", "a value", "measure it first")
        pack = checked_pack(_pack(name, row, options))
        if abs(float(row["latitude_deg"])) > 90.0 or abs(float(row["longitude_deg"])) > 180.0:
            raise ValueOutOfRange(name, "a position that is none", "latitude -90 to 90")
    except BatteryloopError as error:
        return Refusal(name, error)
    except (TypeError, ValueError) as exc:
        return Refusal(name, ValueOutOfRange(name, str(exc), "numbers and dates as documented"))
    seen.add(name)
    return pack


def _pack(name: str, row: Mapping[str, Any], options: TriageOptions) -> ReturnedPack:
    sure = options.confidence_frac
    spread = [row.get(f"spread{bound}_frac") for bound in ("", "_low", "_high")]
    if any(value is None for value in spread):
        spread = list(_SPREAD_UNKNOWN)
    expires = row.get("expires_on")
    expires_on = date.fromisoformat(expires) if isinstance(expires, str) else expires
    return ReturnedPack(
        name,
        known_chemistry(str(row["chemistry"])).name,
        float(row["rated_energy_kwh"]),
        float(row["mass_kg"]),
        _estimate("soh_frac", [row[f"soh{bound}_frac"] for bound in ("", "_low", "_high")], sure),
        _estimate("spread_frac", spread, sure),
        float(row["unsafe_frac"]),
        expires_on is None or options.on <= expires_on,
        bool(row.get("is_same_purpose", True)),
    )


def _estimate(quantity: str, values: Sequence[Any], confidence_frac: float) -> Estimate:
    value, low, high = (float(v) for v in values)
    return Estimate(quantity, value, low, high, confidence_frac, "returns table")


def _facilities(table: pl.DataFrame) -> Iterator[Facility]:
    for row in table.iter_rows(named=True):
        yield checked_facility(
            Facility(
                str(row["facility"]),
                float(row["latitude_deg"]),
                float(row["longitude_deg"]),
                str(row["region"]),
                tuple(str(row["fates"]).split()),
                float(row["capacity_kg"]),
                float(row.get("opening_eur") or 0.0),
            )
        )


def _limits(table: pl.DataFrame) -> Iterator[Limit]:
    _need(table, ("facility", "fate", "chemistry", "most", "unit"), "limits")
    for row in table.iter_rows(named=True):
        if row["unit"] not in UNITS[:2]:
            raise InputWrong("limits", f"unit {row['unit']!r}", "kg or packs")
        names = [str(row[name] or "") for name in ("facility", "fate", "chemistry")]
        yield Limit(float(row["most"]), str(row["unit"]), *names)


def _need(table: pl.DataFrame, columns: Sequence[str], what: str) -> None:
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise ColumnMissing(
            what, f"no column {', '.join(missing)}", f"columns {', '.join(columns)}"
        )
