"""`batteryloop passport sign`, `verify`, `revoke`, `publish-status`: proofs, from files alone."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.cli.passport_keys import DEFAULT_FOLDER, Folder, folder_at
from batteryloop.errors import FileDamaged, PathMissing
from batteryloop.passport.credential import KeySet, Verdict, parsed, signed_status_list
from batteryloop.storage.durable import outside, write_whole
from batteryloop.usecases.revoke_passport import credential_id_of, revoke_passport
from batteryloop.usecases.sign_passport import sign_passport, signed_part, subject_of
from batteryloop.usecases.verify_passport import remembered, verify_passport
from batteryloop.wiring.clock import now
from batteryloop.wiring.keys import random_bytes, read_key_set

PassportFile = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="The passport, any JSON document.", show_default=False),
]


def sign(
    passport: PassportFile,
    out: Annotated[
        Path | None, typer.Option(help="Where to write; beside the file, as .vc.jwt, if not given.")
    ] = None,
    subject: Annotated[
        str, typer.Option(help="The passport's address, if it does not say it itself.")
    ] = "",
    version: Annotated[
        str, typer.Option(help="The passport's version, if it does not say it itself.")
    ] = "",
    valid_days: Annotated[
        float | None, typer.Option(help="Days until it expires; never if not given.", min=0)
    ] = None,
    folder: Folder = DEFAULT_FOLDER,
    as_json: AsJson = False,
) -> None:
    """Sign a passport as a W3C Verifiable Credential 2.0 (vc+jwt) that binds its hash.

    Of a file with several versions the newest is signed, or the one that --version names.

    Example: `batteryloop passport sign passport.json --folder batteryloop-keys`
    """
    document = signed_part(parsed(_bytes(passport), subject=passport.name), version)
    place = folder_at(folder)
    target = out or _beside(passport)
    with place.alone():
        at = now()
        signed = sign_passport(
            document,
            subject_of(document, subject_id=subject, version=version),
            place.signing_key(at),
            place.register(),
            now=at,
            random_bytes=random_bytes,
            valid_days=valid_days,
        )
        # The place is kept before the token is out: a revocation always finds it.
        place.keep_register(signed.register)
        place.publish_status_list(signed.status_list)
    _write(target, signed.token)
    said = {
        "credential": str(target),
        "credential_id": signed.credential_id,
        "subject_id": signed.subject.subject_id,
        "passport_version": signed.subject.passport_version,
        "passport_sha256": signed.passport_sha256,
        "status_list": str(place.status_list_file),
        "keys": str(place.keys_file),
    }
    if as_json:
        screen.print_json(said)
    else:
        _print_rows("Signed", said)


def verify(
    passport: PassportFile,
    credential: Annotated[
        Path | None,
        typer.Option(help="The signed credential; beside the file, as .vc.jwt, if not given."),
    ] = None,
    keys: Annotated[
        list[Path] | None,
        typer.Option(help="Key sets of the issuers that are trusted; may be given several times."),
    ] = None,
    status_list: Annotated[
        list[Path] | None, typer.Option(help="Status lists; may be given several times.")
    ] = None,
    issuer: Annotated[str, typer.Option(help="Accept this issuer alone.")] = "",
    max_status_age_days: Annotated[
        float | None,
        typer.Option(help="Oldest status list that is taken; 30 days if not given.", min=0),
    ] = None,
    without_status: Annotated[
        bool, typer.Option("--without-status", help="Do not ask whether it was revoked.")
    ] = False,
    memory: Annotated[
        Path | None,
        typer.Option(help="File that remembers the newest status list seen; older are refused."),
    ] = None,
    folder: Folder = DEFAULT_FOLDER,
    as_json: AsJson = False,
) -> None:
    """Verify a signed passport without a network; exit 0 if it is valid, 2 if not.

    Without --keys and --status-list those of the issuer's own folder are taken.

    Example: `batteryloop passport verify passport.json --keys keys.json --status-list list.vc.jwt`
    """
    place = folder_at(folder)
    key_sets = _key_sets(keys, place.keys_file)
    lists = status_list or ([] if without_status else [place.status_list_file])
    before = _memory(memory)
    verdict = verify_passport(
        _bytes(passport),
        _text(credential or _beside(passport)),
        key_sets,
        [_text(path) for path in lists if path.is_file() or status_list],
        now=now(),
        known_versions=before,
        wanted_issuer=issuer,
        needs_status=not without_status,
        status_age_max_days=max_status_age_days,
    )
    after = remembered(before, verdict)
    if memory is not None and after != before:
        _write(memory, json.dumps(after, indent=2))
    if as_json:
        screen.print_json(verdict.as_dict())
    else:
        _print_verdict(verdict)
    if not verdict.is_valid:
        raise typer.Exit(2)


def revoke(
    credential: Annotated[
        str,
        typer.Argument(help="The .vc.jwt file or the credential's name.", show_default=False),
    ],
    reason: Annotated[
        str, typer.Option(help="Why, in a sentence; it is published.", show_default=False)
    ],
    folder: Folder = DEFAULT_FOLDER,
    as_json: AsJson = False,
) -> None:
    """Revoke a signed passport for good, and publish the status list anew.

    Example: `batteryloop passport revoke passport.vc.jwt --reason "capacity was overstated"`
    """
    place = folder_at(folder)
    text = _text(Path(credential)) if Path(credential).is_file() else credential
    with place.alone():
        at = now()
        credential_id = credential_id_of(text, place.keys())
        register, token = revoke_passport(
            credential_id, reason, place.register(), place.signing_key(at), now=at
        )
        place.keep_register(register)
        place.publish_status_list(token)
    said = {
        "credential_id": credential_id,
        "reason": reason,
        "status_list": str(place.status_list_file),
        "status_list_version": register.version,
    }
    if as_json:
        screen.print_json(said)
    else:
        _print_rows("Revoked", said)


def publish_status(folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False) -> None:
    """Sign the status list anew, so that verifiers find a fresh one; run it every day or week.

    Example: `batteryloop passport publish-status --folder batteryloop-keys`
    """
    place = folder_at(folder)
    with place.alone():
        at, register = now(), place.register()
        place.publish_status_list(signed_status_list(register, place.signing_key(at), now=at))
    said = {
        "status_list": str(place.status_list_file),
        "status_list_id": register.list_id,
        "status_list_version": register.version,
        "n_given": len(register.given),
        "n_revoked": len(register.revoked),
    }
    if as_json:
        screen.print_json(said)
    else:
        _print_rows("Published", said)


def _key_sets(files: list[Path] | None, own: Path) -> list[KeySet]:
    if not files and not own.is_file():
        raise PathMissing(
            "--keys", f"not given, and {own} is not there", "key sets of trusted issuers",
            "get the issuer's keys.json from the issuer, on a way that you trust",
        )  # fmt: skip
    return [read_key_set(path) for path in files or [own]]


def _memory(path: Path | None) -> dict[str, int]:
    if path is None or not path.is_file():
        return {}
    found = parsed(_bytes(path), subject=path.name)
    if not isinstance(found, dict) or not all(isinstance(v, int) for v in found.values()):
        raise FileDamaged(path.name, "is no memory of status lists", "as `verify` wrote it")
    return found


def _beside(passport: Path) -> Path:
    return passport.with_suffix(".vc.jwt")


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise PathMissing(str(path), "is not there", "a file", "check the path")
    with outside(str(path)):
        return path.read_bytes()


def _text(path: Path) -> str:
    # What is no text gets a verdict, as every other wrong token does.
    return _bytes(path).decode("utf-8", "replace")


def _write(path: Path, text: str) -> None:
    with outside(str(path)):
        write_whole(path, text.encode() + b"\n")


def _print_rows(title: str, rows: dict[str, Any]) -> None:
    table = Table(title=title, title_justify="left", box=None, show_header=False, pad_edge=False)
    table.add_column("name", no_wrap=True)
    table.add_column("value", overflow="fold")
    for name, value in rows.items():
        table.add_row(name.replace("_", " "), escape(str(value)))
    screen.out.print(table)


def _print_verdict(verdict: Verdict) -> None:
    if verdict.is_valid:
        screen.out.print(f"[green]✓ valid[/]: {escape(verdict.reason)}", soft_wrap=True)
    else:
        flaw = verdict.flaw.value if verdict.flaw else ""
        screen.out.print(f"[red]✗ not valid[/] ({flaw}): {escape(verdict.reason)}", soft_wrap=True)
    for note in verdict.notes:
        screen.out.print(f"[dim]○ {escape(note)}[/]", soft_wrap=True)
