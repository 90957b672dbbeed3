"""`batteryloop record verify`, `checkpoint`, `export`, `import`, `migrate`: whole and unforged."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.cli.passport_keys import DEFAULT_FOLDER, Folder, folder_at
from batteryloop.cli.record_options import Keys, RecordAt, recorder
from batteryloop.errors import FileDamaged, PathMissing
from batteryloop.record.bundle import bundle_of, members_of
from batteryloop.record.checkpoints import Checkpoint, checkpoint_of
from batteryloop.storage.durable import outside, write_whole
from batteryloop.storage.records.bundle_file import read_bundle, write_bundle
from batteryloop.usecases.export_record import export_record
from batteryloop.usecases.import_record import import_record
from batteryloop.usecases.sign_content import ContentSigner, objection_by
from batteryloop.usecases.verify_record import sign_head, verify_record
from batteryloop.wiring.clock import now
from batteryloop.wiring.keys import read_key_set
from batteryloop.wiring.records import existing_record, open_record

_MOST = 20


def verify(
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="A checkpoint file kept elsewhere; may be repeated."),
    ] = None,
    keys: Keys = None,
    projections: Annotated[
        bool, typer.Option("--projections", help="Also fold the ledger and compare the tables.")
    ] = False,
    record: RecordAt = None,
    as_json: AsJson = False,
) -> None:
    """Find every altered, removed, moved or inserted event, and a tail that was cut off.

    Ends with 1 if anything is wrong. Signatures of checkpoints are checked where --keys is given.

    Example: `batteryloop record verify --checkpoint head.json --keys keys.json`
    """
    objection = objection_by([read_key_set(path) for path in keys]) if keys else None
    marks = [_read_checkpoint(path) for path in checkpoint or ()]
    with existing_record(record) as kept:
        found = verify_record(
            kept, checkpoints=marks, objection=objection, with_projections=projections
        )
    if as_json:
        screen.print_json(
            {
                "is_whole": found.is_whole,
                "n_entries": found.n_entries,
                "head": {"sequence": found.sequence, "entry_hash": found.entry_hash},
                "n_checkpoints": found.n_checkpoints,
                "breaches": [breach.as_dict() for breach in found.breaches],
            }
        )
    else:
        screen.out.print(
            f"{found.n_entries:,} entries, head {found.entry_hash[:16]}…, "
            f"{found.n_checkpoints} checkpoints"
        )
        table = Table("entry", "battery", "event", "what", box=None, pad_edge=False)
        for breach in found.breaches[:_MOST]:
            table.add_row(
                str(breach.sequence),
                escape(breach.battery_id or "–"),
                breach.kind or "–",
                escape(f"{breach.rule}: {breach.found}"),
            )
        screen.out.print(table if found.breaches else "the chain is whole")
        if len(found.breaches) > _MOST:
            screen.out.print(f"… and {len(found.breaches) - _MOST} more; --json has them all")
    if not found.is_whole:
        raise typer.Exit(1)


def checkpoint(
    out: Annotated[
        Path, typer.Option(help="Where to write it; keep the file apart from the record.")
    ] = Path("record-head.json"),
    folder: Folder = DEFAULT_FOLDER,
    record: RecordAt = None,
    as_json: AsJson = False,
) -> None:
    """Sign how long the ledger is and what its last hash, so that a cut-off tail is found.

    Example: `batteryloop record checkpoint --out record-head.json`
    """
    place, at = folder_at(folder), now()
    with place.alone():
        signer = ContentSigner(place.signing_key(at), at)
    with existing_record(record) as kept:
        mark = sign_head(kept, signer, now=at)
    with outside(str(out)):
        write_whole(out, json.dumps(mark.as_dict(), indent=2).encode() + b"\n")
    if as_json:
        screen.print_json({"file": str(out), **mark.as_dict()})
    else:
        screen.out.print(f"{out}: entry {mark.sequence:,}, {mark.entry_hash[:16]}…, signed")


def export(
    out: Annotated[Path, typer.Argument(help="The file to write, .blrec.", show_default=False)],
    battery: Annotated[
        list[str] | None,
        typer.Option(help="Only this battery and what it came from; may be repeated."),
    ] = None,
    folder: Folder = DEFAULT_FOLDER,
    record: RecordAt = None,
    as_json: AsJson = False,
) -> None:
    """Write the record, or some batteries of it, as one signed file.

    Example: `batteryloop record export fleet.blrec`
    """
    place, at = folder_at(folder), now()
    with place.alone():
        signer = ContentSigner(place.signing_key(at), at)
    with existing_record(record) as kept:
        bundle = export_record(kept, battery or None, now=at)
    write_bundle(out, members_of(bundle, signer))
    said = {
        "file": str(out),
        "n_entries": len(bundle.lines),
        "n_parties": len(bundle.parties),
        "n_documents": len(bundle.documents),
        "signed_by": signer.key_id,
    }
    _print(said, as_json=as_json)


def read(
    bundle: Annotated[
        Path, typer.Argument(metavar="FILE", help="A .blrec file.", show_default=False)
    ],
    keys: Annotated[
        list[Path],
        typer.Option(help="The public key set of who exported it.", show_default=False),
    ],
    record: RecordAt = None,
    as_json: AsJson = False,
) -> None:
    """Take in a record that was exported, once signature and chain are found right.

    Example: `batteryloop record import fleet.blrec --keys keys.json --record other.sqlite`
    """
    objection = objection_by([read_key_set(path) for path in keys])
    opened = bundle_of(read_bundle(bundle), objection, subject=bundle.name)
    by = f"{recorder()} from {opened.key_id}"
    with open_record(record) as kept:
        found = import_record(kept, opened, recorded_by=by, now=now())
    said = {
        "n_entries": found.n_entries,
        "n_new": found.n_new,
        "n_parties": found.n_parties,
        "n_documents": found.n_documents,
        "is_as_it_was": found.is_as_it_was,
        "signed_by": opened.key_id,
    }
    _print(said, as_json=as_json)


def migrate(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Also make the tables anew from the ledger.")
    ] = False,
    record: RecordAt = None,
    as_json: AsJson = False,
) -> None:
    """Bring the record's tables up to this version; done by itself whenever it is opened.

    Example: `batteryloop record migrate --record fleet.sqlite`
    """
    with open_record(record) as kept:
        before, after = kept.migrate()
        n_entries = kept.rebuild() if rebuild else None
    said = {"step": after, "was": before, "n_entries_folded": n_entries}
    _print(said, as_json=as_json)


def _print(said: Mapping[str, object], *, as_json: bool) -> None:
    if as_json:
        screen.print_json(said)
        return
    for name, value in said.items():
        if value is not None:
            screen.out.print(f"{name.removeprefix('n_').replace('_', ' ')}: {escape(str(value))}")


def _read_checkpoint(path: Path) -> Checkpoint:
    if not path.is_file():
        raise PathMissing(str(path), "is not there", "a checkpoint file", "check the path")
    try:
        return checkpoint_of(json.loads(path.read_text(encoding="utf-8")), subject=path.name)
    except ValueError as exc:
        raise FileDamaged(path.name, f"is no checkpoint ({exc})", "a checkpoint file") from exc
