"""Verify a record: that the chain is whole, nothing cut off, and the tables say the same."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from batteryloop.errors import BatteryloopError, RecordSaysNo
from batteryloop.record.checkpoints import (
    Checkpoint,
    SignatureCheck,
    Signer,
    checked,
    signed_checkpoint,
)
from batteryloop.record.moments import text_of
from batteryloop.record.verification import Breach, Verification, verify
from batteryloop.usecases.record_port import WholeRecord


def verify_record(
    record: WholeRecord,
    *,
    checkpoints: Sequence[Checkpoint] = (),
    objection: SignatureCheck | None = None,
    with_projections: bool = False,
) -> Verification:
    """Walk along the whole ledger and name all that is wrong with it.

    Parameters
    ----------
    record : WholeRecord
        The record.
    checkpoints : sequence of Checkpoint
        Signed heads that were kept elsewhere, beside those in the record.
    objection : callable, optional
        Says why a signature does not hold; without it signatures are not looked at.
    with_projections : bool
        Whether to fold the whole ledger again and compare the tables with it.
    """
    marks: list[Checkpoint] = []
    forged: list[Breach] = []
    for mark in (*record.checkpoints(), *checkpoints):
        try:
            marks.append(checked(mark, objection) if objection else mark)
        except RecordSaysNo as error:
            forged.append(Breach("checkpoint-forged", mark.sequence, "", "", error.found))
    found = verify(record.lines(), checkpoints=marks, head=record.head())
    breaches = (*found.breaches, *forged)
    if with_projections and found.is_whole:
        breaches = (*breaches, *_stale(record, found.sequence))
    return replace(found, breaches=breaches)


def sign_head(record: WholeRecord, signer: Signer, *, now: datetime) -> Checkpoint:
    """Sign how long the ledger is and what its last hash; keep the checkpoint and return it.

    Raises
    ------
    RecordSaysNo
        If the chain is broken: nobody should sign that.
    """
    found = verify(record.lines(), head=record.head())
    if not found.is_whole:
        first = found.breaches[0]
        raise RecordSaysNo(
            f"entry {first.sequence}",
            f"{first.rule}: {first.found}",
            "an unbroken chain",
            "see `batteryloop record verify`",
        )
    mark = signed_checkpoint(found.sequence, found.entry_hash, text_of(now), signer)
    record.keep_checkpoint(mark)
    return mark


def _stale(record: WholeRecord, sequence: int) -> Iterator[Breach]:
    try:
        for sentence in record.stale():
            yield Breach("stale", sequence, "", "", sentence)
    except BatteryloopError as error:
        yield Breach("stale", sequence, "", "", str(error))
