"""Options that several commands share, each said once."""

from pathlib import Path
from typing import Annotated

import typer

from batteryloop.errors import OptionWrong
from batteryloop.record import BatteryIdentity
from batteryloop.reference.chemistries import chemistry as known_chemistry

Paths = Annotated[
    list[Path],
    typer.Argument(metavar="PATH…", help="Files, folders of files, or a lake.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Mapping = Annotated[
    Path | None,
    typer.Option(
        help="Names the columns, units and sign of a table of no known format (TOML or JSON)."
    ),
]
Chemistry = Annotated[
    str | None, typer.Option(help="LFP, NMC622, NCA, LMO, LCO, LTO …; see docs/reference.")
]
RatedCapacity = Annotated[
    float | None,
    typer.Option("--rated-capacity-ah", help="Capacity that the maker states, in Ah."),
]
CellsInSeries = Annotated[
    int, typer.Option("--cells-in-series", help="Cells in series between the terminals.", min=1)
]
Confidence = Annotated[
    float, typer.Option("--confidence", help="How sure the intervals are, between 0.5 and 0.999.")
]
Plots = Annotated[
    Path | None, typer.Option("--plots", help="Folder for SVG plots, made if need be.")
]


def default_identity(
    chemistry: str | None, rated_capacity_ah: float | None, n_cells_series: int
) -> BatteryIdentity:
    """Return what the options say of batteries of which nothing else is known."""
    name = known_chemistry(chemistry).name if chemistry else None
    return BatteryIdentity("command line", name, rated_capacity_ah, n_cells_series)


def checked_confidence(confidence_frac: float) -> float:
    """Return the confidence, or say what it may be."""
    if not 0.5 <= confidence_frac <= 0.999:
        raise OptionWrong(
            "--confidence", f"{confidence_frac:g}", "0.5 to 0.999", "90 % sure is 0.9"
        )
    return confidence_frac
