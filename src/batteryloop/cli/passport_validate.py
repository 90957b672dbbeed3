"""`batteryloop passport validate`: what a passport lacks, and what official schemas refuse."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.errors import OptionWrong
from batteryloop.passport.completeness import Completeness, Line
from batteryloop.usecases.validate_passport import (
    SchemaVerdict,
    validate_against_model,
    validate_against_profile,
)
from batteryloop.wiring.passports import document_at, profile_at, schemas_for

SchemaFolder = Annotated[
    Path | None,
    typer.Option("--schemas", help="A folder with the models' official schemas, as published."),
]


def validate(
    file: Annotated[
        Path,
        typer.Argument(
            help="A passport, or with --model a document of that model.", show_default=False
        ),
    ],
    profile: Annotated[
        str | None,
        typer.Option(
            help="Obligations to check: din-dke-spec-99100, ec-guidance-1.0, or a CSV of your own."
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="A model to check: batterypass, catenax, idta, untp.")
    ] = None,
    schemas: SchemaFolder = None,
    as_json: AsJson = False,
) -> None:
    """Check a passport against obligations or against a model's official schemas; exit 2 if wrong.

    Example: `batteryloop passport validate passport.json --profile ec-guidance-1.0`
    """
    if (profile is None) == (model is None):
        raise OptionWrong("validate", "neither or both of --profile and --model", "one of them")
    document = document_at(file)
    if profile is not None:
        completeness = validate_against_profile(document, profile_at(profile))
        if as_json:
            screen.print_json(completeness.as_dict())
        else:
            _print_completeness(completeness)
        is_good = completeness.is_complete
    else:
        if schemas is None:
            raise OptionWrong("--schemas", "not given", "the folder of the official schemas")
        assert model is not None
        verdict = validate_against_model(document, model, schemas_for(schemas, model))
        if as_json:
            screen.print_json(verdict.as_dict())
        else:
            _print_verdict(verdict)
        is_good = verdict.is_valid
    if not is_good:
        raise typer.Exit(2)


def _print_completeness(found: Completeness) -> None:
    said = found.as_dict()
    profile = found.profile
    screen.out.print(
        f"{escape(found.passport_id)} ({found.category.value}) against {escape(profile.name)} "
        f"{escape(profile.version)}: {len(found.lacking)} of {said['n_mandatory']} mandatory "
        f"attributes lacking, {len(found.to_be_settled)} conditional ones to be settled",
        soft_wrap=True,
    )
    screen.out.print(f"[dim]{escape(profile.reading)}[/]", soft_wrap=True)
    _print_lines("Lacking", found.lacking)
    _print_lines("To be settled", found.to_be_settled)
    _print_lines("Given, though not asked for", found.not_asked_for)


def _print_lines(title: str, lines: Sequence[Line]) -> None:
    if not lines:
        return
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("attribute", no_wrap=True)
    table.add_column("why, or on what condition")
    for line in lines:
        why = line.condition if title != "Lacking" and line.condition else line.reason
        table.add_row(escape(line.attribute), escape(why or line.reference))
    screen.out.print(table)


def _print_verdict(verdict: SchemaVerdict) -> None:
    screen.out.print(
        f"{escape(verdict.model)}: {'valid' if verdict.is_valid else 'refused'}"
        + (f", {len(verdict.problems)} problems" if verdict.problems else "")
    )
    for problem in verdict.problems:
        where = " ".join(part for part in (problem.part, problem.path) if part)
        screen.out.print(f"● {escape(where)}: {escape(problem.found)}", soft_wrap=True)
    if verdict.report:
        counts = ", ".join(f"{n} {kind}" for kind, n in verdict.report.counts.items())
        screen.out.print(
            f"[dim]exported for the check, with placeholders: {counts or 'nothing lost'}; see "
            "`passport export --loss`[/]",
            soft_wrap=True,
        )
