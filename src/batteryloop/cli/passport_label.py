"""`batteryloop passport label`: what is stuck on the battery, ready to print."""

import re
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.errors import BatteryloopError, OptionWrong, PathMissing
from batteryloop.passport.carrier import LabelSize, code_svg, label_page, qr_png, symbol_size
from batteryloop.passport.carrier.collection import SymbolSize
from batteryloop.passport.carrier.tables import label_limits
from batteryloop.passport.credential import parsed
from batteryloop.storage.durable import outside, write_whole
from batteryloop.usecases.label_batteries import BatteryLabel, label_batteries
from batteryloop.usecases.ports import Refusal
from batteryloop.wiring.clock import now


def label(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…", help="Passports, or tables of label facts.", show_default=False
        ),
    ],
    out: Annotated[Path, typer.Option(help="The page to write, HTML.")] = Path("labels.html"),
    code: Annotated[str, typer.Option(help="qr or datamatrix.")] = "qr",
    single: Annotated[
        bool, typer.Option("--single", help="One label a page of its own size, not A4 sheets.")
    ] = False,
    width_mm: Annotated[float, typer.Option(help="Width of a label.")] = 96.0,
    height_mm: Annotated[float, typer.Option(help="Height of a label.")] = 68.0,
    largest_side: Annotated[
        str,
        typer.Option(
            help="Width x height in mm of the battery's largest side: sizes the separate "
            "collection symbol as Article 13(4) asks.",
            show_default="not known: the symbol is 14 mm",
        ),
    ] = "",
    link: Annotated[str, typer.Option(help="What the code leads to, if the file has none.")] = "",
    codes: Annotated[
        Path | None, typer.Option(help="Folder for the codes alone: SVG, and PNG of QR codes.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a page of labels with code, separate collection symbol and the words of Article 13.

    What the law asks for on this day and the file does not say is named, and the label is made
    without it.

    Example: `batteryloop passport label passport.json --out labels.html --codes codes/`
    """
    size, symbol = LabelSize(width_mm, height_mm), _symbol(largest_side)
    documents, refusals = _read(files)
    made: list[BatteryLabel] = []
    for part in label_batteries(documents, on=now().date(), link=link):
        if isinstance(part, Refusal):
            refusals.append(part)
        else:
            made.append(part)
    if made:
        page = label_page(
            [one.facts for one in made],
            symbology=code,
            size=size,
            is_sheet=not single,
            symbol_side_mm=symbol.side_mm,
        )
        with outside(str(out)):
            write_whole(out, page.encode())
        if codes is not None:
            _write_codes(codes, made, code)
    if as_json:
        refused = [refusal.as_dict() for refusal in refusals]
        page_name = str(out) if made else None
        labels = [one.as_dict() for one in made]
        said = {"symbol_side_mm": symbol.side_mm, "symbol_is_on_battery": symbol.is_on_battery}
        screen.print_json({"page": page_name, **said, "labels": labels, "refused": refused})
    else:
        _print(made, out)
        if not largest_side and made:
            screen.out.print("[dim]○ give --largest-side, so that the symbol is large enough[/]")
        if not symbol.is_on_battery:
            screen.out.print("[dim]○ too small for the symbol: print it on the packaging[/]")
    screen.print_refusals(refusals)
    if refusals and not made:
        raise typer.Exit(2)


def _read(files: list[Path]) -> tuple[list[tuple[str, object]], list[Refusal]]:
    documents: list[tuple[str, object]] = []
    refusals: list[Refusal] = []
    for path in files:
        try:
            documents.append((path.name, parsed(_bytes(path), subject=path.name)))
        except BatteryloopError as error:
            refusals.append(Refusal(path.name, error))
    return documents, refusals


def _symbol(largest_side: str) -> SymbolSize:
    if not largest_side:
        return SymbolSize(14.0, is_on_battery=True)
    match = re.fullmatch(r"(\d{1,6}(?:\.\d+)?)\s*[x×]\s*(\d{1,6}(?:\.\d+)?)", largest_side)
    if not match:
        raise OptionWrong("--largest-side", repr(largest_side), "such as 1500x1200, in mm")
    return symbol_size(float(match[1]) * float(match[2]))


def _write_codes(folder: Path, made: list[BatteryLabel], symbology: str) -> None:
    with outside(str(folder)):
        folder.mkdir(parents=True, exist_ok=True)
        for one in made:
            name = Path(one.subject).stem
            svg = code_svg(one.facts.link, symbology, module_mm=label_limits()["module_mm"])
            write_whole(folder / f"{name}.svg", svg.encode())
            if symbology == "qr":
                write_whole(folder / f"{name}.png", qr_png(one.facts.link))


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise PathMissing(str(path), "is not there", "a file", "check the path")
    with outside(str(path)):
        return path.read_bytes()


def _print(made: list[BatteryLabel], out: Path) -> None:
    for one in made:
        screen.out.print(f"{escape(one.subject)}: {escape(one.facts.link)}", soft_wrap=True)
        for item in one.missing:
            screen.out.print(f"  [yellow]▲ missing[/]: {escape(item)}", soft_wrap=True)
        for note in one.notes:
            screen.out.print(f"  [dim]○ {escape(note)}[/]", soft_wrap=True)
    if made:
        n = len(made)
        screen.out.print(f"[dim]{n} label{'s' if n != 1 else ''}: {escape(str(out))}[/]")
