"""The ledger as a whole: is it unforged, and how is it carried away."""

from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import BaseModel, Field

from batteryloop.api.answers import answer, router
from batteryloop.api.house import TheHouse
from batteryloop.api.problems import documented
from batteryloop.errors import RecordSaysNo
from batteryloop.usecases.verify_record import verify_record
from batteryloop.wiring.bundles import signed_bundle

ROUTER = router("/record", "record")


class BreachOut(BaseModel):
    """One thing wrong with the ledger: where, whose, and what."""

    rule: str
    sequence: int
    battery_id: str
    kind: str
    found: str


class VerificationOut(BaseModel):
    """What a walk along the whole chain found."""

    is_whole: bool
    n_entries: int
    sequence: int
    entry_hash: str
    breaches: list[BreachOut]


@ROUTER.get("/verification", summary="Is the ledger unforged?", response_model=VerificationOut)
def verify(house: TheHouse) -> Any:  # noqa: ANN401
    """Walk along the whole chain and name every entry that was altered, removed or moved."""
    found = verify_record(house.record)
    return answer(
        {
            "is_whole": found.is_whole,
            "n_entries": found.n_entries,
            "sequence": found.sequence,
            "entry_hash": found.entry_hash,
            "breaches": [breach.as_dict() for breach in found.breaches],
        }
    )


@ROUTER.get(
    "/export", summary="The record as one signed file", response_class=Response,
    responses={**documented(404, 409), 200: {"content": {"application/zip": {}}}},
)  # fmt: skip
def export(
    house: TheHouse,
    battery_id: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00]+$")]] | None,
        Query(max_length=100, description="Only these, with what they came from; else all."),
    ] = None,
) -> Response:
    """Carry batteries away, with their ancestors, parties and documents."""
    if house.issuer is None:
        raise RecordSaysNo("this server", "has no keys to sign with", next_step="set `keys`")
    content = signed_bundle(house.record, house.issuer, battery_id, now=house.now())
    headers = {"Content-Disposition": 'attachment; filename="record.blrec"'}
    return Response(content, media_type="application/zip", headers=headers)
