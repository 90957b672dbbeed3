"""`batteryloop record transfer-draft`, `transfer-sign`, `transfer`: who answers for a battery."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.cli.passport_keys import DEFAULT_FOLDER, Folder, folder_at
from batteryloop.cli.record_options import At, RecordAt, entry_dict, moment_given, recorder
from batteryloop.errors import FileDamaged, PathMissing
from batteryloop.passport.credential import transfer_document, transfer_signature
from batteryloop.storage.durable import outside, write_whole
from batteryloop.usecases.transfer_responsibility import transfer_responsibility
from batteryloop.wiring.clock import now
from batteryloop.wiring.keys import random_bytes, read_key_set
from batteryloop.wiring.records import existing_record

TransferFile = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="The transfer, that both sides sign.", show_default=False),
]


def transfer_draft(
    out: TransferFile,
    battery: Annotated[
        list[str], typer.Option(help="A battery; may be repeated.", show_default=False)
    ],
    from_party: Annotated[
        str, typer.Option("--from", help="Who answers for it now.", show_default=False)
    ],
    to_party: Annotated[
        str, typer.Option("--to", help="Who will answer for it.", show_default=False)
    ],
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Write the document of a transfer of responsibility, for both sides to sign.

    The parties are named as in the record, and as their keys name them.

    Example: `batteryloop record transfer-draft t.json --battery B7 --from maker --to operator`
    """
    document = transfer_document(
        battery, from_party, to_party, moment_given(at, now()), random_bytes=random_bytes
    )
    _write(out, {"document": document, "signatures": []})
    if as_json:
        screen.print_json({"file": str(out), "document": document})
    else:
        screen.out.print(f"{escape(str(out))}: to be signed by both sides")


def transfer_sign(
    transfer: TransferFile, folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False
) -> None:
    """Sign a transfer for the side that the key belongs to.

    Example: `batteryloop record transfer-sign t.json --folder batteryloop-keys`
    """
    found = _read(transfer)
    place, at = folder_at(folder), now()
    with place.alone():
        key = place.signing_key(at)
    signature = transfer_signature(found["document"], key, now=at)
    _write(transfer, {**found, "signatures": [*found["signatures"], signature]})
    if as_json:
        screen.print_json({"file": str(transfer), "signed_by": key.issuer})
    else:
        screen.out.print(f"{escape(str(transfer))}: signed by {escape(key.issuer)}")


def transfer(
    transfer: TransferFile,
    keys: Annotated[
        list[Path],
        typer.Option(help="The public key set of a side; give both.", show_default=False),
    ],
    record: RecordAt = None,
    as_json: AsJson = False,
) -> None:
    """Record a transfer of responsibility, once both signatures are found right.

    Example: `batteryloop record transfer t.json --keys maker.json --keys operator.json`
    """
    found = _read(transfer)
    with existing_record(record) as kept:
        entries = transfer_responsibility(
            kept,
            found["document"],
            found["signatures"],
            [read_key_set(path) for path in keys],
            recorded_by=recorder(),
            now=now(),
        )
    if as_json:
        screen.print_json({"entries": [entry_dict(entry) for entry in entries]})
        return
    for entry in entries:
        to = entry.event.details["to_id"]
        screen.out.print(
            f"entry {entry.sequence}: {escape(to)} answers for {escape(entry.event.battery_id)}"
        )


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise PathMissing(str(path), "is not there", "a transfer file", "check the path")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        signatures = found["signatures"]
        is_one = isinstance(found["document"], dict) and isinstance(signatures, list)
    except (ValueError, KeyError, TypeError) as exc:
        raise FileDamaged(path.name, f"is no transfer ({exc})", "a file of transfer-draft") from exc
    if not is_one or not all(isinstance(text, str) for text in signatures):
        raise FileDamaged(path.name, "is no transfer", "a file of transfer-draft")
    return dict(found)


def _write(path: Path, data: dict[str, Any]) -> None:
    with outside(str(path)):
        write_whole(path, json.dumps(data, indent=2, ensure_ascii=False).encode() + b"\n")
