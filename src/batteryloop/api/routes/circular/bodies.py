"""What bodies of the circular routes are made of: every list and every figure has its bounds."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict


def _written(value: Any) -> Any:  # noqa: ANN401
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise ValueError("write it as 2027-12-31")
    return value


def _weighable(mass_t: float) -> float:
    """Refuse what is neither nothing nor a milligram: no balance divides by it."""
    if 0.0 < mass_t < 1e-9:
        raise ValueError("0, or at least 1e-9 t")
    return mass_t


Day = Annotated[date, Strict(False), BeforeValidator(_written)]
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
Words = Annotated[str, Field(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Latitude = Annotated[float, Field(ge=-90.0, le=90.0)]
Longitude = Annotated[float, Field(ge=-180.0, le=180.0)]
Tonnes = Annotated[float, Field(ge=0.0, le=1e8), AfterValidator(_weighable)]
ByChemistry = Annotated[dict[Name, Tonnes], Field(max_length=20)]
Opening = Literal["thermal", "electrified"]
Route = Literal["hydro", "direct", "pyro"]
Steps = Annotated[list[Name], Field(max_length=10)]
Counting = Literal["whole", "without_graphite", "carbon_and_phosphorus_out"]


class Body(BaseModel):
    """A body that takes what it names and nothing else."""

    model_config = ConfigDict(strict=True, extra="forbid")


class PriceIn(Body):
    """One price, in place of those that ship with the project."""

    item: Name
    kind: Literal["product", "reagent", "feed", "energy_mj"]
    price_usd_per_kg: float = Field(ge=-1e6, le=1e6, description="Energy: per MJ. [USD/kg]")
    dated: Words = ""


def table_of(rows: Sequence[BaseModel]) -> pl.DataFrame:
    """Return rows of a body as the table that a use case reads; None stays empty."""
    return pl.DataFrame([row.model_dump() for row in rows], infer_schema_length=None)
