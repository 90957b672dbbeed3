"""`batteryloop record code` and `code-make`: the codes on labels, read and made."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.errors import OptionWrong
from batteryloop.record.codes import IdentityCode
from batteryloop.usecases.identify_batteries import PARTS, identify_batteries, make_code
from batteryloop.usecases.ports import Refusal
from batteryloop.wiring.clock import now


def code(
    texts: Annotated[
        list[str],
        typer.Argument(metavar="TEXT…", help="What stands on the label.", show_default=False),
    ],
    as_json: AsJson = False,
) -> None:
    """Say which kind of code a text is, check it and take it apart.

    GS1 Digital Link, identification link of IEC 61406, unique identifier of ISO/IEC 15459,
    traction battery code of GB/T 34014.

    Example: `batteryloop record code 04QCB76836300JBC40000903`
    """
    parts = list(identify_batteries(texts, today=now().date()))
    read = [part for part in parts if not isinstance(part, Refusal)]
    refusals = [part for part in parts if isinstance(part, Refusal)]
    if as_json:
        refused = [refusal.as_dict() for refusal in refusals]
        screen.print_json({"codes": [found.as_dict() for found in read], "refused": refused})
    else:
        for found in read:
            _print(found)
    screen.print_refusals(refusals)
    if refusals and not read:
        raise typer.Exit(2)


def code_make(
    kind: Annotated[str, typer.Argument(help="gs1, iso15459 or gbt34014.", show_default=False)],
    parts: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME=VALUE…",
            help=" · ".join(f"{kind}: {' '.join(names)}" for kind, names in PARTS.items())
            + " (with = may be left out).",
            show_default=False,
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Make a code from its parts, with check digit checked and escapes written.

    Example: `batteryloop record code-make gs1 gtin=09521234543213 serial=42 host=id.example.com`
    """
    given: dict[str, str] = {}
    for part in parts:
        name, sign, value = part.partition("=")
        if not sign or name in given:
            raise OptionWrong("NAME=VALUE", repr(part), "each name once, with = and its value")
        given[name] = value
    made = make_code(kind, given)
    if as_json:
        screen.print_json(made.as_dict())
    else:
        screen.out.print(made.text, soft_wrap=True, markup=False)


def _print(found: IdentityCode) -> None:
    table = Table(title=escape(found.kind), title_justify="left", box=None, show_header=False)
    table.add_column("part", no_wrap=True)
    table.add_column("value")
    for name, value in found.as_dict().items():
        if name not in {"kind", "notes"} and value not in {"", None}:
            table.add_row(name.replace("_", " "), escape(str(value)))
    screen.out.print(table)
    for note in found.notes:
        screen.out.print(f"[dim]○ {escape(note)}[/]", soft_wrap=True)
