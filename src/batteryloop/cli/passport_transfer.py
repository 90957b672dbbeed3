"""`batteryloop passport transfer`: responsibility goes over when both sides have signed."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.cli.passport_keys import DEFAULT_FOLDER, Folder, folder_at
from batteryloop.errors import PathMissing
from batteryloop.passport.credential import parsed
from batteryloop.storage.durable import outside, write_whole
from batteryloop.usecases.hand_over_batteries import (
    begin_hand_over,
    sign_hand_over,
    verify_hand_over,
)
from batteryloop.wiring.clock import now
from batteryloop.wiring.keys import random_bytes, read_key_set

app = typer.Typer(help="Hand batteries over, signed by both sides.", no_args_is_help=True)

TransferFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="The transfer's file.", show_default=False)
]


@app.command()
def new(
    batteries: Annotated[
        list[str], typer.Argument(metavar="BATTERY…", help="Their names.", show_default=False)
    ],
    giver: Annotated[
        str, typer.Option("--from", help="Address of the side that gives.", show_default=False)
    ],
    taker: Annotated[
        str, typer.Option("--to", help="Address of the side that takes.", show_default=False)
    ],
    out: Annotated[Path, typer.Option(help="Where to write it.")] = Path("transfer.json"),
    as_json: AsJson = False,
) -> None:
    """Write the document that both sides sign.

    Example: `batteryloop passport transfer new pack-1 --from https://a.example --to https://b.example`
    """
    file = begin_hand_over(batteries, giver, taker, at=now(), random_bytes=random_bytes)
    _write(out, file)
    _print(file, out, as_json=as_json)


@app.command()
def sign(file: TransferFile, folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False) -> None:
    """Sign as the side whose keys the folder holds; the signature is added to the file.

    Example: `batteryloop passport transfer sign transfer.json --folder batteryloop-keys`
    """
    place = folder_at(folder)
    with place.alone():
        at = now()
        signed = sign_hand_over(
            parsed(_bytes(file), subject=file.name), place.signing_key(at), now=at
        )
        _write(file, signed)
    _print(signed, file, as_json=as_json)


@app.command()
def verify(
    file: TransferFile,
    keys: Annotated[list[Path], typer.Option(help="Key sets of both sides.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Verify without a network that both sides signed; exit 0 if so, 2 if not.

    Example: `batteryloop passport transfer verify transfer.json --keys a.json --keys b.json`
    """
    verdict = verify_hand_over(_bytes(file), [read_key_set(path) for path in keys], now=now())
    if as_json:
        screen.print_json(verdict.as_dict())
    elif verdict.is_valid:
        screen.out.print(f"[green]✓ valid[/]: {escape(verdict.reason)}", soft_wrap=True)
    else:
        flaw = verdict.flaw.value if verdict.flaw else ""
        screen.out.print(f"[red]✗ not valid[/] ({flaw}): {escape(verdict.reason)}", soft_wrap=True)
    if not verdict.is_valid:
        raise typer.Exit(2)


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise PathMissing(str(path), "is not there", "a file", "check the path")
    with outside(str(path)):
        return path.read_bytes()


def _write(path: Path, file: object) -> None:
    with outside(str(path)):
        write_whole(path, json.dumps(file, ensure_ascii=False, indent=2).encode() + b"\n")


def _print(file: dict[str, object], path: Path, *, as_json: bool) -> None:
    if as_json:
        screen.print_json(file)
        return
    signatures = file["signatures"]
    n_signatures = len(signatures) if isinstance(signatures, list) else 0
    screen.out.print(f"{escape(str(path))}: {n_signatures} of 2 signatures", soft_wrap=True)
