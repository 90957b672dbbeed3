"""Size a second-life storage from graded modules for a use, for each chemistry at hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from batteryloop.circular.repurpose import Design, GradedModule, Promise, Site, size_storage
from batteryloop.errors import BatteryloopError, ColumnMissing, InputWrong, NotKnown
from batteryloop.reference.ageing import ageing_chemistries
from batteryloop.usecases.ports import Refusal

_NEEDED = ("module_id", "chemistry", "energy_kwh", "soh_frac")


@dataclass(frozen=True, slots=True)
class SecondLifePlan:
    """Designs of every chemistry, that of most worth first; and what was refused."""

    use: str
    designs: tuple[Design, ...]
    refused: tuple[Refusal, ...]

    @property
    def best(self) -> Design | None:
        """The design of most worth, if there is any."""
        return self.designs[0] if self.designs else None

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for pages."""
        return {
            "use": self.use,
            "designs": [design.as_dict() for design in self.designs],
            "refused": [refusal.as_dict() for refusal in self.refused],
        }


def size_second_life(
    use: str,
    modules: Sequence[GradedModule],
    site: Site,
    rng: np.random.Generator,
    *,
    promise: Promise | None = None,
    refused: Sequence[Refusal] = (),
) -> SecondLifePlan:
    """Return the designs for a use; chemistries are not mixed in one storage.

    Parameters
    ----------
    use : str
        `peak-shaving`, `self-consumption`, `fast-charge-buffer` or `grid-service`.
    modules : sequence of GradedModule
        As they were graded.
    site : Site
        A year, hour by hour, with its tariff.
    rng : numpy.random.Generator
        For ageing, costs and later prices.
    promise : Promise, optional
        The warranty that is asked about.
    refused : sequence of Refusal, optional
        What was refused before.

    Raises
    ------
    InputWrong
        If the site lacks what the use lives from.
    NotKnown
        If the use is not known.
    """
    left_out = list(refused)
    by_chemistry: dict[str, list[GradedModule]] = {}
    for module in modules:
        try:
            by_chemistry.setdefault(module.chemistry, []).append(_checked(module))
        except BatteryloopError as error:
            left_out.append(Refusal(module.module_id, error))
    designs = [
        design
        for own in by_chemistry.values()
        if own
        for design in size_storage(use, own, site, rng, promise=promise)
    ]
    return SecondLifePlan(
        use,
        tuple(sorted(designs, key=lambda d: -(d.worth.npv_eur.value or 0.0))),
        tuple(left_out),
    )


def _checked(module: GradedModule) -> GradedModule:
    if module.chemistry not in ageing_chemistries():
        raise NotKnown.among("law of ageing of", module.chemistry, ageing_chemistries())
    if not (
        module.energy_kwh > 0
        and 0 < module.soh_low_frac <= module.soh_frac <= module.soh_high_frac <= 1.2
    ):
        raise InputWrong(
            module.module_id,
            f"{module.energy_kwh:g} kWh, health {module.soh_frac:g} "
            f"({module.soh_low_frac:g} to {module.soh_high_frac:g})",
            "energy above 0, and health as shares of 1 within their interval",
        )
    return module


def graded_modules(table: pl.DataFrame) -> tuple[tuple[GradedModule, ...], tuple[Refusal, ...]]:
    """Return the modules of a table, and the rows that cannot be read.

    Without an interval the health is taken to be known to 3 points, said nowhere else.

    Raises
    ------
    ColumnMissing
        If `module_id`, `chemistry`, `energy_kwh` or `soh_frac` is missing.

    Examples
    --------
    >>> table = pl.DataFrame({"module_id": ["M1"], "chemistry": ["LFP"],
    ...     "energy_kwh": [2.1], "soh_frac": [0.81]})
    >>> graded_modules(table)[0][0].soh_low_frac
    0.78
    """
    missing = [name for name in _NEEDED if name not in table.columns]
    if missing:
        raise ColumnMissing("modules", f"no column {', '.join(missing)}", ", ".join(_NEEDED))
    modules: dict[str, GradedModule] = {}
    refused = []
    for number, row in enumerate(table.iter_rows(named=True), start=2):
        name = str(row["module_id"] or f"row {number}")
        try:
            soh = float(row["soh_frac"])
            module = GradedModule(
                name,
                str(row["chemistry"]).strip(),
                float(row["energy_kwh"]),
                soh,
                float(row.get("soh_low_frac") or round(soh - 0.03, 6)),
                float(row.get("soh_high_frac") or round(soh + 0.03, 6)),
                float(row.get("price_eur") or 0.0),
            )
        except (TypeError, ValueError) as error:
            refused.append(Refusal(name, InputWrong(name, f"cannot be read: {error}")))
            continue
        if name in modules:
            refused.append(Refusal(name, InputWrong(name, "comes twice", "one row each")))
            continue
        modules[name] = module
    return tuple(modules.values()), tuple(refused)


def hourly(table: pl.DataFrame, column: str | None, *, n_hours: int = 8760) -> Any:  # noqa: ANN401
    """Return the first year of a column of numbers, rows without a number left out.

    Parameters
    ----------
    table : polars.DataFrame
        One row an hour.
    column : str, optional
        Which; else the last column of numbers.
    n_hours : int, optional
        How many hours at most.

    Raises
    ------
    ColumnMissing
        If there is no such column of numbers.

    Examples
    --------
    >>> hourly(pl.DataFrame({"time": ["a", "b"], "kw": [1.0, 2.0]}), None).tolist()
    [1.0, 2.0]
    """
    numeric = [name for name, kind in table.schema.items() if kind.is_numeric()]
    chosen = column or (numeric[-1] if numeric else "")
    if chosen not in numeric:
        raise ColumnMissing("series", f"no column of numbers {chosen!r}", ", ".join(numeric))
    return table[chosen].drop_nulls().head(n_hours).cast(pl.Float64).to_numpy()
