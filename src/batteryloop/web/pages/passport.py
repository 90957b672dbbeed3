"""A passport's page: what the code on a battery leads to, for everybody."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from batteryloop.api.access import (
    EVERYONE,
    HOLDERS,
    OVERSEERS,
    About,
    Route,
    Rule,
    admit_battery,
    unknown_passport,
)
from batteryloop.api.answers import Id, answer
from batteryloop.api.house import House, TheBattery, TheCaller, TheHouse
from batteryloop.api.passport_views import history_of, next_version
from batteryloop.api.routes.passports import RevocationIn, SignIn, revoke, sign
from batteryloop.errors import NotKnown
from batteryloop.record import BatteryState
from batteryloop.record.accounts import Caller, Role, Scope
from batteryloop.web.passport import passport_view
from batteryloop.web.rendering import language, page
from batteryloop.web.routes import PageRoute
from batteryloop.web.signature import public_document, signature_of
from batteryloop.web.translation import translator

ROUTER = APIRouter(route_class=PageRoute, include_in_schema=False)
_WRITERS = HOLDERS | {Role.ADMIN}
_OF_BATTERY = Rule(HOLDERS | OVERSEERS, OVERSEERS, About.BATTERY, is_restricted=True)
_SHOWN = Rule(EVERYONE, EVERYONE, About.PASSPORT, is_restricted=True)
_WRITE = Rule(_WRITERS, frozenset({Role.ADMIN}), About.PASSPORT, Scope.WRITE)
RULES: dict[Route, Rule] = {
    ("GET", "/passport/{passport_id}"): _SHOWN,
    ("GET", "/passport/{passport_id}/public.json"): Rule(EVERYONE, EVERYONE, About.PASSPORT),
    ("GET", "/passport/{passport_id}/credential.vc.jwt"): Rule(EVERYONE, EVERYONE, About.PASSPORT),
    ("GET", "/01/{gtin}/21/{serial}"): Rule(EVERYONE, EVERYONE),
    ("POST", "/fleet/{battery_id}/passport"): Rule(
        _WRITERS, frozenset({Role.ADMIN}), About.BATTERY, Scope.WRITE
    ),
    ("POST", "/passport/{passport_id}/signature"): _WRITE,
    ("POST", "/passport/{passport_id}/revocation"): _WRITE,
}


@ROUTER.get("/passport/{passport_id}")
def passport(
    request: Request,
    passport_id: Id,
    house: TheHouse,
    battery: TheBattery,
    caller: TheCaller,
    version: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """Return the page, with as much as whoever asks may see."""
    view = passport_view(
        house,
        caller,
        battery,
        history_of(house, battery),
        version=version,
        may_open_battery=_may_open(caller, battery),
        may_write=caller.role in _WRITERS,
        say=translator(language(request)),
    )
    return page(request, "passport.html", active="passports", view=view)


@ROUTER.get("/passport/{passport_id}/public.json")
def public(passport_id: Id, house: TheHouse, battery: TheBattery) -> Response:
    """Return the document that was signed, byte for byte what a verifier compares."""
    history = history_of(house, battery)
    return answer(public_document(history, signature_of(house, battery, history).version))


@ROUTER.get("/passport/{passport_id}/credential.vc.jwt")
def credential(passport_id: Id, house: TheHouse, battery: TheBattery) -> Response:
    """Return the newest signature as the bare token that `batteryloop passport verify` reads."""
    signature = signature_of(house, battery, history_of(house, battery))
    if not signature.token:
        raise NotKnown(f"credential of {passport_id}", "not signed yet")
    return Response(signature.token, media_type="application/vc+jwt")


@ROUTER.get("/01/{gtin}/21/{serial}")
def digital_link(
    request: Request,
    house: TheHouse,
    gtin: Annotated[str, Path(pattern=r"^\d{8,14}$")],
    serial: Annotated[str, Path(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]+$")],
) -> Response:
    """Lead a GS1 Digital Link on to the passport, wherever its host was said to be."""
    place = f"/01/{gtin}/21/{serial}"
    hosts = (house.settings.address, f"https://{request.url.netloc}", "https://id.gs1.org")
    for host in dict.fromkeys(hosts):
        found = _passport_of(house, f"{host}{place}")
        if found:
            return RedirectResponse(f"/passport/{found}", status_code=307)
    raise unknown_passport(place)


@ROUTER.post("/fleet/{battery_id}/passport")
def issue(battery_id: Id, house: TheHouse, battery: TheBattery, caller: TheCaller) -> Response:
    """Issue the passport, or its next version, from all that the record knows."""
    recorded = next_version(house, caller, battery, {})
    return _to_passport(recorded.history.latest.passport_id)


@ROUTER.post("/passport/{passport_id}/signature")
def sign_it(passport_id: Id, house: TheHouse, battery: TheBattery, caller: TheCaller) -> Response:
    """Sign the public view of the version that holds now."""
    sign(passport_id, SignIn(view="public"), battery, house, caller)
    return _to_passport(passport_id)


@ROUTER.post("/passport/{passport_id}/revocation")
def revoke_it(
    passport_id: Id,
    house: TheHouse,
    battery: TheBattery,
    caller: TheCaller,
    credential_id: Annotated[str, Form(min_length=1, max_length=200)],
    reason: Annotated[str, Form(min_length=1, max_length=500)],
) -> Response:
    """Take a signature back, once and for all, with the reason."""
    given = RevocationIn(credential_id=credential_id, reason=reason)
    revoke(passport_id, given, battery, house, caller)
    return _to_passport(passport_id)


def _may_open(caller: Caller, battery: BatteryState) -> bool:
    try:
        admit_battery(_OF_BATTERY, caller, battery)
    except NotKnown:
        return False
    return True


def _passport_of(house: House, code: str) -> str:
    try:
        return house.record.battery(house.record.battery_with_code(code)).passport_id
    except NotKnown:
        return ""


def _to_passport(passport_id: str) -> Response:
    return RedirectResponse(f"/passport/{passport_id}", status_code=303)
