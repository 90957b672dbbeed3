"""`batteryloop passport keys`: an issuer's keys, from the first to the last."""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.errors import NotKnown
from batteryloop.passport.credential import KeySet, Withdrawal, signed_status_list
from batteryloop.usecases.rotate_key import begin_issuer, rotate_key, withdraw_key
from batteryloop.wiring.clock import now
from batteryloop.wiring.keys import IssuerFolder, new_signing_key, password_in

app = typer.Typer(help="Make, replace and withdraw the keys that sign.", no_args_is_help=True)

Folder = Annotated[
    Path,
    typer.Option(
        "--folder", envvar="BATTERYLOOP_KEYS", help="The issuer's folder of keys and status list."
    ),
]
DEFAULT_FOLDER = Path("batteryloop-keys")
Algorithm = Annotated[str, typer.Option(help="EdDSA (Ed25519) or ES256 (P-256).")]
ValidDays = Annotated[
    float | None,
    typer.Option("--valid-days", help="How long the key may sign; two years if not given.", min=1),
]


def folder_at(path: Path) -> IssuerFolder:
    """Return the issuer's folder, with the password of its private keys."""
    return IssuerFolder(path, password_in(os.environ))


@app.command()
def new(
    issuer: Annotated[
        str,
        typer.Option(help="The issuer's address, as verifiers will see it.", show_default=False),
    ],
    folder: Folder = DEFAULT_FOLDER,
    algorithm: Algorithm = "EdDSA",
    status_list: Annotated[
        str, typer.Option(help="Address where the status list will be published.")
    ] = "",
    valid_days: ValidDays = None,
    as_json: AsJson = False,
) -> None:
    """Make an issuer's first key, its public key set and an empty status list.

    Private keys are written with mode 0600, encrypted if BATTERYLOOP_KEY_PASSWORD or
    BATTERYLOOP_KEY_PASSWORD_FILE is set.

    Example: `batteryloop passport keys new --issuer https://maker.example.com`
    """
    place, at = folder_at(folder), now()
    key = new_signing_key(issuer, algorithm)
    keys, register = begin_issuer(key, now=at, status_list_id=status_list, valid_days=valid_days)
    place.begin(key, keys, register)
    place.publish_status_list(signed_status_list(register, key, now=at))
    _print(keys, as_json=as_json)


@app.command()
def rotate(
    folder: Folder = DEFAULT_FOLDER,
    algorithm: Algorithm = "EdDSA",
    valid_days: ValidDays = None,
    as_json: AsJson = False,
) -> None:
    """Make a new key that signs from now on; what older keys signed is still believed.

    Example: `batteryloop passport keys rotate --folder batteryloop-keys`
    """
    place = folder_at(folder)
    with place.alone():
        at, keys = now(), place.keys()
        key = new_signing_key(keys.issuer, algorithm)
        changed = rotate_key(keys, key, now=at, valid_days=valid_days)
        place.keep_key(key)
        place.publish_keys(changed)
        place.publish_status_list(signed_status_list(place.register(), key, now=at))
    _print(changed, as_json=as_json)


@app.command()
def withdraw(
    kid: Annotated[
        str, typer.Argument(help="The key's name, from `keys show`.", show_default=False)
    ],
    reason: Annotated[
        str,
        typer.Option(help="compromised: nothing it signed is believed; superseded: its past is."),
    ],
    folder: Folder = DEFAULT_FOLDER,
    as_json: AsJson = False,
) -> None:
    """Withdraw a key; publish the key set at once afterwards, and sign anew what it had signed.

    Example: `batteryloop passport keys withdraw uES_zbKI --reason compromised`
    """
    reasons = {why.value: why for why in Withdrawal}
    if reason not in reasons:
        raise NotKnown.among("reason", reason, reasons)
    place = folder_at(folder)
    with place.alone():
        keys = place.keys()
        whole = [key.kid for key in keys.keys if kid in key.kid]
        name = whole[0] if len(whole) == 1 else kid
        at = now()
        changed = withdraw_key(keys, name, reasons[reason], now=at)
        place.publish_keys(changed)
        # Its signature on the status list counts no longer either.
        if changed.signing_at(at) is not None:
            place.publish_status_list(
                signed_status_list(place.register(), place.signing_key(at), now=at)
            )
    _print(changed, as_json=as_json)


@app.command()
def show(folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False) -> None:
    """Show the public key set: each key, its span, and whether it was withdrawn.

    Example: `batteryloop passport keys show --json`
    """
    _print(folder_at(folder).keys(), as_json=as_json)


def _print(keys: KeySet, *, as_json: bool) -> None:
    if as_json:
        screen.print_json(keys.as_jwks())
        return
    table = Table(title=f"Keys of {keys.issuer}", title_justify="left", box=None, pad_edge=False)
    for name in ("key", "algorithm", "from", "until", "withdrawn"):
        table.add_column(name, no_wrap=True)
    for key in keys.keys:
        why = f"{key.withdrawn_why.value} {_day(key.withdrawn_at)}" if key.withdrawn_why else "–"
        table.add_row(
            key.kid, key.as_jwk()["alg"], _day(key.valid_from_at), _day(key.valid_until_at), why
        )
    screen.out.print(table)


def _day(at: datetime | None) -> str:
    return at.date().isoformat() if at else "–"
