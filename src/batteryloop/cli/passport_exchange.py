"""`batteryloop passport export` and `import`: into the models of others and back, with the cost."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.cli.passport_issue import PassportFile
from batteryloop.cli.passport_validate import SchemaFolder
from batteryloop.errors import OptionWrong
from batteryloop.passport.access import Viewer, redact, viewer_called
from batteryloop.passport.document import attribute_document
from batteryloop.passport.mappings.loss import LossReport
from batteryloop.usecases.export_passport import (
    check_export,
    export_passport,
    import_passport,
    model_called,
)
from batteryloop.wiring.passports import document_at, passport_at, schemas_for, write_json

Model = Annotated[str, typer.Option(help="batterypass, catenax, idta or untp.", show_default=False)]
WithLoss = Annotated[bool, typer.Option("--loss", help="Print the loss report, field by field.")]
Out = Annotated[Path | None, typer.Option(help="Where to write the document.")]


def export(
    passport: PassportFile,
    model: Model,
    viewers: Annotated[
        list[str],
        typer.Option("--as", help="For whom, as in `passport show`."),
    ] = [Viewer.ISSUER.value],  # noqa: B006
    fill: Annotated[
        bool,
        typer.Option(
            help="Write placeholders where the model insists on what is not known; each is in the "
            "loss report."
        ),
    ] = False,
    schemas: SchemaFolder = None,
    loss: WithLoss = False,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Export a passport into a public model, and tell what that cost.

    Example: `batteryloop passport export passport.json --model catenax --fill --loss`
    """
    if model_called(model).needs_schemas and schemas is None:
        raise OptionWrong("--schemas", "not given", "idta is made from its official templates")
    files = schemas_for(schemas, model) if schemas else None
    seen = redact(passport_at(passport).latest, [viewer_called(name) for name in viewers])
    exported = export_passport(seen, model, schemas=files, is_filled=fill)
    problems = check_export(exported.document, model, files) if files else None
    if out:
        write_json(exported.document, out)
    if as_json:
        screen.print_json(
            {
                "document": exported.document,
                "loss": exported.report.as_dict(),
                "problems": None if problems is None else [p.as_dict() for p in problems],
            }
        )
        return
    _print_report(exported.report, is_long=loss)
    if problems is None:
        screen.out.print("[dim]not checked: name the official schemas with --schemas[/]")
    else:
        refused = f"refused by its schemas in {len(problems)} places, see `passport validate`"
        screen.out.print(refused if problems else "valid by its official schemas")
    if out:
        screen.out.print(f"[dim]written to {escape(str(out))}[/]", soft_wrap=True)


def read(
    file: Annotated[Path, typer.Argument(help="A document of the model.", show_default=False)],
    model: Model,
    schemas: SchemaFolder = None,
    loss: WithLoss = False,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Read a document of a public model into a description that `passport issue` takes.

    Example: `batteryloop passport import theirs.json --model catenax --out battery.json`
    """
    if model_called(model).needs_schemas and schemas is None:
        raise OptionWrong("--schemas", "not given", "idta is read with its official templates")
    files = schemas_for(schemas, model) if schemas else None
    imported = import_passport(document_at(file), model, schemas=files)
    description = {"attributes": {a.name: attribute_document(a) for a in imported.attributes}}
    if out:
        write_json(description, out)
    if as_json:
        loss_document = imported.report.as_dict()
        originals = list(imported.originals)
        screen.print_json({**description, "originals": originals, "loss": loss_document})
        return
    screen.out.print(f"{len(imported.attributes)} attributes read")
    for name in imported.originals:
        screen.out.print(f"made from {escape(name)}")
    _print_report(imported.report, is_long=loss)


def _print_report(report: LossReport, *, is_long: bool) -> None:
    counts = ", ".join(f"{n} {kind}" for kind, n in report.counts.items()) or "nothing lost"
    screen.out.print(f"{escape(report.model)}: {counts}", soft_wrap=True)
    if not is_long:
        if report.losses:
            screen.out.print("[dim]--loss tells each field[/]")
        return
    table = Table(title="Loss report", title_justify="left", box=None, pad_edge=False)
    table.add_column("what", no_wrap=True)
    table.add_column("field", overflow="fold", ratio=1)
    table.add_column("why", overflow="fold", ratio=1)
    for item in sorted(report.losses, key=lambda item: item.kind.value):
        table.add_row(item.kind.value, escape(item.field), escape(item.why))
    screen.out.print(table)
