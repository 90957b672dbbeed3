"""Match modules into packs: from a table to packs, lineage, hands needed, and what was left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from batteryloop.circular.gates import gates
from batteryloop.circular.remanufacture.match import match
from batteryloop.circular.remanufacture.types import Matching, Modules, PackDesign
from batteryloop.circular.remanufacture.work import WorkContent, work_content
from batteryloop.errors import ColumnMissing, InputWrong, ValueOutOfRange
from batteryloop.usecases.ports import Refusal

NEEDED = ("module_id", "capacity_ah")
OPTIONAL = ("resistance_ohm", "self_discharge_per_day", "temperature_degc")


@dataclass(frozen=True, slots=True)
class Matched:
    """The packs, the hands they take, and the modules left out with the reason."""

    matching: Matching
    work: WorkContent
    refusals: tuple[Refusal, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON, REST and pages."""
        return {
            **self.matching.as_dict(),
            "work": self.work.as_dict(),
            "refused": [refusal.as_dict() for refusal in self.refusals],
        }


def match_modules(
    table: pl.DataFrame,
    design: PackDesign,
    *,
    on: date,
    rng: np.random.Generator,
    objective: str = "spread",
    profiles: Sequence[str] = ("eu-2023-1542",),
    is_exact: bool | None = None,
    work_rows: Sequence[Mapping[str, str]] | None = None,
) -> Matched:
    """Return packs of matched modules with their lineage.

    Parameters
    ----------
    table : polars.DataFrame
        One row a module: `module_id`, `capacity_ah`, and optional `pack_id` (where it came from),
        `resistance_ohm`, `self_discharge_per_day`, `temperature_degc`. A feature counts where
        every module has it.
    design : PackDesign
        What a pack takes.
    on : datetime.date
        The day whose gates hold.
    rng : numpy.random.Generator
        The same state finds the same packs.
    objective : str, optional
        `spread`, `capacity` or `resistance`.
    profiles : sequence of str, optional
        Profiles of gates; they are asked where the design states a rated capacity.
    is_exact : bool, optional
        Whether to prove the least spread; if not given, where the batch is small.
    work_rows : sequence of mapping, optional
        Rows as `work_content.csv` has them, in its place.

    Raises
    ------
    ColumnMissing
        If `module_id` or `capacity_ah` is not there.
    InputWrong
        If too few modules can be read.
    """
    missing = [name for name in NEEDED if name not in table.columns]
    if missing:
        raise ColumnMissing("modules", f"no column {', '.join(missing)}", ", ".join(NEEDED))
    kept, refusals = _checked(table)
    if len(kept) < design.n_modules:
        raise InputWrong(
            "modules", f"{len(kept)} can be read", f"at least the {design.n_modules} of a pack"
        )
    modules = Modules(
        tuple(str(row["module_id"]) for row in kept),
        tuple(str(row.get("pack_id") or "unknown") for row in kept),
        np.array([row["capacity_ah"] for row in kept], dtype=float),
        *(_feature(kept, name) for name in OPTIONAL),
    )
    asked = gates(profiles, on=on, fate="remanufacture") if design.rated_capacity_ah > 0.0 else ()
    found = match(modules, design, rng=rng, objective=objective, gates=asked, is_exact=is_exact)
    opened = set(modules.origin_ids)
    work = work_content(len(opened), modules.n_modules, len(found.packs), work_rows)
    return Matched(found, work, refusals)


def _checked(table: pl.DataFrame) -> tuple[list[dict[str, Any]], tuple[Refusal, ...]]:
    kept: list[dict[str, Any]] = []
    refusals: list[Refusal] = []
    seen: set[str] = set()
    for row in table.iter_rows(named=True):
        name, capacity = str(row["module_id"]), row["capacity_ah"]
        if name in seen:
            why = "is there twice"
        elif not isinstance(capacity, int | float) or not 0.0 < capacity < 1e5:
            why = f"capacity {capacity}"
        else:
            seen.add(name)
            kept.append(row)
            continue
        wrong = ValueOutOfRange(
            f"module {name}", why, "one row a module, capacity above 0 Ah", "measure it first"
        )
        refusals.append(Refusal(name, wrong))
    return kept, tuple(refusals)


def _feature(rows: Sequence[Mapping[str, Any]], name: str) -> np.ndarray:
    values = [row.get(name) for row in rows]
    return np.array([np.nan if value is None else float(value) for value in values])
