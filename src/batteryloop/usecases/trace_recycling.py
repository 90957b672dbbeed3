"""Follow returned packs through a plant into the recycled content of new batteries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from batteryloop.circular.recycle.genealogy import ReturnedPack, TracedReturns
from batteryloop.circular.recycle.recycled_content import (
    NewBatteries,
    NewBattery,
    loop_gap_frac,
    make_batteries,
    mass_balance_rules,
)
from batteryloop.circular.recycle.traceability import trace_returns
from batteryloop.errors import BatteryloopError, ColumnMissing, InputWrong, ValueOutOfRange
from batteryloop.reference.compositions import composition
from batteryloop.usecases.ports import Refusal


@dataclass(frozen=True, slots=True)
class TracedLoop:
    """Packs to lots to new batteries, what was refused, and how well the masses close."""

    traced: TracedReturns
    made: NewBatteries
    refused: tuple[Refusal, ...]
    worst_gap_frac: float

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data; `nodes` and `links` are one Sankey from pack to battery."""
        traced, made = self.traced.as_dict(), self.made.as_dict()
        return {
            "nodes": traced.pop("nodes") + made.pop("nodes"),
            "links": traced.pop("links") + made.pop("links"),
            "returns": traced,
            "made": made,
            "refused": [refusal.as_dict() for refusal in self.refused],
            "worst_gap_frac": self.worst_gap_frac,
            "rules": mass_balance_rules(),
        }


def trace_recycling(
    returns: pl.DataFrame,
    batteries: Sequence[NewBattery],
    day: date,
    *,
    wanted_frac: Mapping[str, float] | None = None,
    batch_kg: float = 20_000.0,
    opening: str = "electrified",
    route: str = "hydro",
    steps: Sequence[str] = (),
) -> TracedLoop:
    """Return the way of a table of packs into new batteries; a bad row is refused, not fatal.

    Parameters
    ----------
    returns : polars.DataFrame
        Columns `battery_id`, `chemistry`, and `mass_kg` or `rated_energy_kwh`; where the mass is
        not known it follows from the energy and the chemistry's specific energy.
    batteries : sequence of NewBattery
        What is made of the salts.
    day : datetime.date
        When the new batteries are placed on the market.
    wanted_frac : mapping of str to float, optional
        Recycled share wanted by element [1]; as much as there is, if not given.
    batch_kg, opening, route, steps
        As `trace_returns` takes them.

    Raises
    ------
    ColumnMissing
        If a column is not there.
    ValueOutOfRange
        If no row can be used.
    """
    for name in ("battery_id", "chemistry"):
        if name not in returns.columns:
            raise ColumnMissing("returns", f"no column {name}", "battery_id, chemistry, mass_kg")
    packs: list[ReturnedPack] = []
    refused: list[Refusal] = []
    seen: set[str] = set()
    for row in returns.iter_rows(named=True):
        subject = str(row["battery_id"])
        try:
            pack = _pack(subject, row)
            if subject in seen:
                raise ValueOutOfRange(subject, "comes twice", "each pack once", "drop one row")
        except BatteryloopError as error:
            found = error.found if error.subject == subject else f"{error.subject}: {error.found}"
            wrong = InputWrong(subject, found, error.allowed, error.next_step)
            refused.append(Refusal(subject, wrong))
            continue
        seen.add(subject)
        packs.append(pack)
    traced = trace_returns(
        packs, batch_kg=batch_kg, opening=opening, route=route, steps=tuple(steps)
    )
    made = make_batteries(traced.lots, batteries, day, wanted_frac=wanted_frac)
    return TracedLoop(traced, made, tuple(refused), loop_gap_frac(traced, made))


def _pack(subject: str, row: Mapping[str, Any]) -> ReturnedPack:
    made_of = composition(str(row["chemistry"]))
    energy = row.get("rated_energy_kwh")
    mass = row.get("mass_kg")
    if mass is None and energy is not None:
        mass = float(energy) * 1000.0 / made_of.specific_energy_wh_per_kg
    if mass is None or not 0 < float(mass) < 1e6:
        raise ValueOutOfRange(
            subject, f"mass {mass} kg", "above 0 kg", "give mass_kg or rated_energy_kwh"
        )
    known = None if energy is None else float(energy)
    return ReturnedPack(subject, made_of.chemistry, float(mass), known)
