"""Passports: issued, shown by role, validated, exported, signed, revoked, printed."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path, Query, Response
from pydantic import BaseModel, Field, JsonValue

from batteryloop.api.access import viewers_of
from batteryloop.api.answers import Id, Moment, answer, router
from batteryloop.api.house import House, TheBattery, TheCaller, TheHouse
from batteryloop.api.passport_views import (
    PassportOut,
    admit_issuer,
    carrier_link,
    history_of,
    next_version,
    shown,
)
from batteryloop.api.problems import documented
from batteryloop.errors import NotKnown, OptionWrong, RecordSaysNo
from batteryloop.passport.access import Viewer, redact
from batteryloop.passport.carrier import code_svg, label_page
from batteryloop.passport.completeness import check_completeness
from batteryloop.passport.document import passport_document
from batteryloop.passport.eu.obligations import profile_called
from batteryloop.record import BatteryState, EventKind, LifeEvent
from batteryloop.usecases.export_passport import export_passport, model_called
from batteryloop.usecases.label_batteries import label_batteries
from batteryloop.usecases.ports import only_one
from batteryloop.wiring.issuers import (
    CREDENTIAL,
    credential_document,
    revoke_in_folder,
    sign_in_folder,
    sign_on_record,
)
from batteryloop.wiring.keys import IssuerFolder
from batteryloop.wiring.passports import schemas_for
from batteryloop.wiring.records import new_event_id

ROUTER = router("/passports", "passports")

At = Annotated[Moment | None, Query(description="The version that held then; else today's.")]
Model = Annotated[str, Path(max_length=40, description="batterypass, catenax, idta or untp.")]
Symbology = Annotated[Literal["qr", "datamatrix"], Query(description="Kind of code.")]


class AttributesIn(BaseModel):
    """What the record does not say of a battery."""

    attributes: dict[str, JsonValue] = Field(
        default_factory=dict,
        description="By name the bare value, or an object with value, low, high, method …",
    )


class VersionOut(BaseModel):
    """That a version was written."""

    version: int
    issued_at: datetime
    ceased_at: datetime | None


class ExportOut(BaseModel):
    """A passport in the words of a public model, and what that cost."""

    document: dict[str, JsonValue]
    loss: dict[str, JsonValue] = Field(description="Every field lost, changed or invented.")


class CredentialOut(BaseModel):
    """A signed view of a passport."""

    credential: str = Field(description="W3C Verifiable Credential 2.0, as vc+jwt.")
    credential_id: str
    passport_version: str
    passport_sha256: str
    view: Literal["public", "whole"]


class SignIn(BaseModel):
    """Which view of a passport is signed."""

    view: Literal["public", "whole"] = "public"


class RevocationIn(BaseModel):
    """Which credential no longer counts, and why."""

    credential_id: str = Field(min_length=1, max_length=200)
    reason: str = Field(min_length=1, max_length=500)


@ROUTER.post(
    "/of/{battery_id}", status_code=201, summary="Issue a passport, or its next version",
    response_model=PassportOut, responses=documented(400, 404, 409),
)  # fmt: skip
def issue(
    battery_id: Id, given: AttributesIn, battery: TheBattery, house: TheHouse, caller: TheCaller
) -> Any:  # noqa: ANN401
    """Write the version that holds from now on, from the record, the last evaluation and this."""
    recorded = next_version(house, caller, battery, given.attributes)
    passport = redact(recorded.history.latest, viewers_of(caller, battery))
    return answer(passport_document(passport), 201)


@ROUTER.get(
    "/{passport_id}", summary="A passport", response_model=PassportOut,
    responses=documented(404, 409),
)  # fmt: skip
def show(
    passport_id: Id, battery: TheBattery, house: TheHouse, caller: TheCaller, at: At = None
) -> Any:  # noqa: ANN401
    """Return as much of it as whoever asks may see."""
    return answer(passport_document(shown(house, caller, battery, at)))


@ROUTER.get(
    "/{passport_id}/versions", summary="Its versions", response_model=list[VersionOut],
    responses=documented(404),
)  # fmt: skip
def versions(passport_id: Id, battery: TheBattery, house: TheHouse) -> Any:  # noqa: ANN401
    """Return when each version was written, the oldest first."""
    return answer(
        [
            {"version": v.version, "issued_at": v.issued_at, "ceased_at": v.ceased_at}
            for v in history_of(house, battery).versions
        ]
    )


@ROUTER.get(
    "/{passport_id}/validation", summary="What it lacks", response_model=dict[str, JsonValue],
    responses=documented(404, 409),
)  # fmt: skip
def validate(
    passport_id: Id, battery: TheBattery, house: TheHouse,
    profile: Annotated[
        str, Query(max_length=100, description="A profile of obligations.")
    ] = "ec-guidance-1.0",
) -> Any:  # noqa: ANN401  # fmt: skip
    """Hold the whole passport against a profile of obligations."""
    found = check_completeness(history_of(house, battery).latest, profile_called(profile))
    return answer(found.as_dict())


@ROUTER.get(
    "/{passport_id}/exports/{model}", summary="In the words of a public model",
    response_model=ExportOut, responses=documented(404, 409),
)  # fmt: skip
def export(
    passport_id: Id, model: Model, battery: TheBattery, house: TheHouse, caller: TheCaller,
    is_filled: Annotated[
        bool, Query(description="Write placeholders where the model insists; all are reported.")
    ] = False,
) -> Any:  # noqa: ANN401  # fmt: skip
    """Return as much as whoever asks may see, with a report of all that was lost on the way."""
    wanted = model_called(model)
    schemas = None
    if wanted.needs_schemas:
        if house.settings.schemas is None:
            raise OptionWrong(
                f"model {model}", "needs its official templates", "the setting `schemas`",
                "ask whoever runs the server",
            )  # fmt: skip
        schemas = schemas_for(house.settings.schemas, wanted.name)
    exported = export_passport(
        shown(house, caller, battery), wanted.name, schemas=schemas, is_filled=is_filled
    )
    return answer({"document": exported.document, "loss": exported.report.as_dict()})


@ROUTER.get(
    "/{passport_id}/code.svg", summary="Its code, to print", response_class=Response,
    responses={**documented(404), 200: {"content": {"image/svg+xml": {}}}},
)  # fmt: skip
def code(
    passport_id: Id, battery: TheBattery, house: TheHouse, symbology: Symbology = "qr"
) -> Response:
    """Return a QR or Data Matrix code that leads to the passport."""
    link = carrier_link(house, history_of(house, battery).latest)
    return Response(code_svg(link, symbology, module_mm=0.5), media_type="image/svg+xml")


@ROUTER.get(
    "/{passport_id}/label", summary="Its label, to print", response_class=Response,
    responses={**documented(404), 200: {"content": {"text/html": {}}}},
)  # fmt: skip
def label(
    passport_id: Id, battery: TheBattery, house: TheHouse, symbology: Symbology = "qr"
) -> Response:
    """Return a page with code, separate collection symbol and the words of Article 13."""
    public = redact(history_of(house, battery).latest, [Viewer.PUBLIC])
    link = carrier_link(house, public)
    made = only_one(
        label_batteries(
            [(passport_id, passport_document(public))], on=house.now().date(), link=link
        )
    )
    page = label_page([made.facts], symbology=symbology)
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
    return Response(page, media_type="text/html", headers={"Content-Security-Policy": policy})


@ROUTER.get(
    "/{passport_id}/credential", summary="Its public view, signed", response_model=CredentialOut,
    responses=documented(404),
)  # fmt: skip
def credential(passport_id: Id, battery: TheBattery, house: TheHouse) -> Any:  # noqa: ANN401
    """Return the newest signature of the public view, for anybody to verify."""
    kept = house.record.documents(battery.battery.battery_id, CREDENTIAL)
    if not kept:
        raise NotKnown(f"credential of {passport_id}", "not signed yet", next_step="sign it")
    return Response(house.record.document(kept[0][0]), media_type="application/json")


@ROUTER.post(
    "/{passport_id}/credential", status_code=201, summary="Sign it",
    response_model=CredentialOut, responses=documented(400, 404, 409),
)  # fmt: skip
def sign(
    passport_id: Id, given: SignIn, battery: TheBattery, house: TheHouse, caller: TheCaller
) -> Any:  # noqa: ANN401
    """Sign a view of the version that holds now; a revocation has its place from the beginning."""
    admit_issuer(caller, battery)
    whole, battery_id = history_of(house, battery).latest, battery.battery.battery_id
    if given.view == "public":
        made = sign_on_record(_issuer(house), house.record, battery_id, whole, now=house.now())
    else:
        signed = sign_in_folder(_issuer(house), passport_document(whole), now=house.now())
        made = credential_document(signed, given.view)
    return answer(made, 201)


@ROUTER.post(
    "/{passport_id}/revocation", status_code=204, summary="Revoke a signature",
    responses=documented(400, 404, 409),
)  # fmt: skip
def revoke(
    passport_id: Id, given: RevocationIn, battery: TheBattery, house: TheHouse, caller: TheCaller
) -> None:
    """Set the credential's bit in the status list, once and for all, and note it in the record."""
    admit_issuer(caller, battery)
    revoke_in_folder(_issuer(house), given.credential_id, given.reason, now=house.now())
    details = {"text": f"credential {given.credential_id} was revoked: {given.reason}"}
    _note(house, battery, details, caller.account_id)


def _note(house: House, battery: BatteryState, details: dict[str, str], by: str) -> None:
    event = LifeEvent(
        new_event_id(), battery.battery.battery_id, EventKind.NOTED, house.now(),
        battery.responsible_id, details,
    )  # fmt: skip
    house.record.append([event], recorded_by=by, recorded_at=house.now())


def _issuer(house: House) -> IssuerFolder:
    if house.issuer is None:
        raise RecordSaysNo("this server", "has no keys to sign with", next_step="set `keys`")
    return house.issuer
