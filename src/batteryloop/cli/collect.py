"""`batteryloop circular collect`: tours, dangerous-goods papers and borders of a day."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import JustifyMethod
from rich.markup import escape
from rich.table import Table

from batteryloop.circular.collect import Hub, PickUp, VehicleKind, document_html, document_text
from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.cli.recycle import day_of
from batteryloop.usecases.plan_collection import CollectionPlan, plan_collection, read_rows
from batteryloop.wiring.clock import now
from batteryloop.wiring.sources import read_table

_AT = ("name", "address", "country", "latitude_deg", "longitude_deg")


def collect(
    pickups: Annotated[
        Path,
        typer.Argument(
            help="CSV: pickup_id, name, address, country, latitude_deg, longitude_deg, mass_kg, "
            "n_packages, un_number, packed, condition, purpose, opens_h, closes_h …",
            show_default=False,
        ),
    ],
    hubs: Annotated[
        Path,
        typer.Option(
            "--hubs",
            help="CSV: hub_id, name, address, country, latitude_deg, longitude_deg; capacity_kg, "
            "day_eur, is_plant.",
            show_default=False,
        ),
    ],
    fleet: Annotated[
        Path,
        typer.Option(
            "--fleet",
            help="CSV: kind_id, n_available, capacity_kg, n_places, day_eur, cost_eur_per_km; "
            "has_certified_driver, takes_critical, starts_h, ends_h.",
            show_default=False,
        ),
    ],
    on: Annotated[
        str | None, typer.Option("--on", help="The day, whose rules hold; else today.")
    ] = None,
    documents: Annotated[
        Path | None,
        typer.Option("--documents", help="Folder for each truck's document, as text and page."),
    ] = None,
    iterations: Annotated[
        int, typer.Option("--iterations", help="Of the search for tours.", min=1)
    ] = 10_000,
    bound: Annotated[
        bool, typer.Option("--bound", help="Also prove how far the tours may be from the best.")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", help="The same seed, the same tours.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Plan a day's collection: who fetches what, how it is packed, which papers travel.

    Example: `batteryloop circular collect pickups.csv --hubs hubs.csv --fleet fleet.csv`
    """
    sites, bad_sites = read_rows(
        read_table(pickups), PickUp, "pickup_id", ("pickup_id", *_AT, "mass_kg")
    )
    homes, bad_hubs = read_rows(read_table(hubs), Hub, "hub_id", ("hub_id", *_AT))
    trucks, bad_trucks = read_rows(
        read_table(fleet),
        VehicleKind,
        "kind_id",
        ("kind_id", "n_available", "capacity_kg", "n_places", "day_eur", "cost_eur_per_km"),
    )
    plan = plan_collection(
        sites,
        homes,
        trucks,
        day_of("--on", on) if on else now().date(),
        n_iterations=iterations,
        seed=seed,
        is_bounded=bound,
        refused=(*bad_sites, *bad_hubs, *bad_trucks),
    )
    if documents:
        documents.mkdir(parents=True, exist_ok=True)
        for name, document in plan.documents.items():
            (documents / f"{name}.txt").write_text(document_text(document), encoding="utf-8")
            (documents / f"{name}.html").write_text(document_html(document), encoding="utf-8")
    if as_json:
        screen.print_json(plan.as_dict())
    else:
        _print(plan)
    screen.print_refusals(plan.refused)
    if plan.refused and not plan.plans:
        raise typer.Exit(2)


def _print(plan: CollectionPlan) -> None:
    for own in plan.plans:
        table = Table(
            title=escape(f"Hub {own.hub_id}: {own.cost_eur:,.2f} EUR"),
            title_justify="left",
            box=None,
            pad_edge=False,
        )
        for number, name in enumerate(
            ("tour", "truck", "stops", "load [kg]", "way [km]", "out [h]", "cost [EUR]",
             "points", "driver")
        ):  # fmt: skip
            justify: JustifyMethod = "left" if number in (0, 1, 8) else "right"
            table.add_column(escape(name), justify=justify)
        for tour in own.tours:
            table.add_row(
                escape(tour.tour_id),
                escape(tour.kind_id),
                str(len(tour.stops)),
                f"{tour.load_kg:,.0f}",
                f"{tour.distance_km:,.0f}",
                f"{tour.starts_h:.1f}–{tour.ends_h:.1f}",
                f"{tour.cost_eur:,.2f}",
                "category 0" if tour.is_critical else f"{tour.points:,.0f}",
                "certified" if tour.needs_certified_driver else "any",
            )
        screen.out.print(table)
        if own.gap_frac is not None:
            screen.out.print(
                f"at most {100 * own.gap_frac:.2f} % above the best possible "
                f"({own.bound_eur:,.2f} EUR; {own.bound_method})",
                soft_wrap=True,
            )
    if plan.consolidation:
        together = plan.consolidation
        for hub_id, mass_kg in together.trunk_kg.items():
            screen.out.print(
                f"{escape(hub_id)} gathers {mass_kg:,.0f} kg for "
                f"{escape(together.plant_of[hub_id])}"
            )
        screen.out.print(f"hauling on: {together.trunk_eur:,.2f} EUR")
    for movement in plan.movements:
        screen.out.print(
            f"▲ {escape(movement.reason)}: {movement.control}, "
            f"{escape(', '.join(movement.codes))} [dim]({escape(movement.confidence)})[/]",
            soft_wrap=True,
        )
    n_doubtful = sum("not opened" in rule.confidence for rule in plan.rules.values())
    screen.out.print(
        f"{len(plan.documents)} transport documents, each checked; {n_doubtful} of "
        f"{len(plan.rules)} consignments rest on rules that were not read in the original",
        soft_wrap=True,
    )
