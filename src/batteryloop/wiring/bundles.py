"""A record, or some batteries of it, as the bytes of one signed file."""

import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from batteryloop.record.bundle import members_of
from batteryloop.storage.records.bundle_file import write_bundle
from batteryloop.usecases.export_record import export_record
from batteryloop.usecases.record_port import WholeRecord
from batteryloop.usecases.sign_content import ContentSigner
from batteryloop.wiring.keys import IssuerFolder


def signed_bundle(
    record: WholeRecord, place: IssuerFolder, battery_ids: Sequence[str] | None, *, now: datetime
) -> bytes:
    """Return the file that carries batteries with all they were made from, or everything if None.

    Raises
    ------
    NotKnown
        If there is no such battery.
    """
    bundle = export_record(record, battery_ids, now=now)
    with place.alone():
        signer = ContentSigner(place.signing_key(now), now)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "record.blrec"
        write_bundle(file, members_of(bundle, signer))
        return file.read_bytes()
