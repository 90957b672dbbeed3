"""From a template and what it needs to a page, in the language of who asks."""

from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from batteryloop import __version__
from batteryloop.api.access import HOLDERS, OVERSEERS
from batteryloop.api.cookies import FIELD
from batteryloop.api.house import House
from batteryloop.evaluation.figures import shown
from batteryloop.record.accounts import Caller
from batteryloop.web.evaluation_page import said
from batteryloop.web.numbers import interval, moment, percent, since
from batteryloop.web.translation import LANGUAGES, language_of, translator

LANGUAGE_COOKIE = "batteryloop_language"
_A_YEAR_S = 31_536_000
FINDER = ({"key": "search", "name": "Find a passport", "href": "/search"},)
ROOMS = (
    {"key": "home", "name": "Home", "href": "/"},
    {"key": "fleet", "name": "Fleet", "href": "/fleet"},
    {"key": "circular", "name": "Circular", "href": "/circular"},
    {"key": "passports", "name": "Passports", "href": "/passports"},
)


@cache
def environment() -> Environment:
    """Return the templates with their filters; whatever they print is escaped."""
    env = Environment(
        loader=PackageLoader("batteryloop.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals |= {
        "static": _static,
        "percent": percent,
        "interval": interval,
        "moment": moment,
        "since": since,
    }
    # What the body of an evaluation says by.
    env.filters |= {"shown": lambda figure: shown(figure.name, figure.estimate), "said": said}
    # A name within an address; `urn:…` stays readable.
    env.filters["named"] = lambda name: quote(name, safe=":")
    return env


def _static(path: str) -> str:
    """Return the address of a file, with the version so that browsers may keep it."""
    return f"/static/{path}?v={__version__}"


def picture(svg: str) -> Markup:
    """Return a drawing of `web.drawings` as it may stand in a page; it has escaped its words."""
    return Markup(svg)


def language(request: Request) -> str:
    """Return the language that was asked for by address or cookie, else the browser's."""
    asked = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    return language_of(asked, request.headers.get("accept-language", ""))


def page(
    request: Request,
    template: str,
    *,
    active: str = "",
    status_code: int = 200,
    **values: Any,  # noqa: ANN401
) -> HTMLResponse:
    """Return a page; what the frame of every page needs is taken from the request.

    Parameters
    ----------
    request : Request
        With `caller` in its scope, where the guard has let it pass.
    template : str
        A file of `templates`.
    active : str, default ""
        The room that the head marks.
    status_code : int, default 200
        Of the answer.
    **values
        What the template draws.
    """
    house: House = request.app.state.house
    caller: Caller | None = request.scope.get("caller")
    spoken = language(request)
    html = (
        environment()
        .get_template(template)
        .render(
            _=translator(spoken),
            language=spoken,
            active=active,
            viewer=_viewer(caller),
            rooms=_rooms(house, caller),
            now=house.now(),
            csrf=lambda: _csrf_field(request, house, caller),
            in_language=lambda code: _in_language(request, code),
            **values,
        )
    )
    answer = HTMLResponse(html, status_code)
    if request.query_params.get("lang") in LANGUAGES:
        answer.set_cookie(
            LANGUAGE_COOKIE,
            spoken,
            max_age=_A_YEAR_S,
            samesite="lax",
            secure=house.settings.is_https,
            httponly=True,
        )
    return answer


def _rooms(house: House, caller: Caller | None) -> list[dict[str, str]]:
    """Return the rooms with a page, for who has a fleet; the others look for passports."""
    rooms = ROOMS if caller is not None and caller.role in HOLDERS | OVERSEERS else FINDER
    return [room for room in rooms if ("GET", room["href"]) in house.rules]


def _viewer(caller: Caller | None) -> dict[str, str] | None:
    if caller is None or caller.is_nobody:
        return None
    return {
        "name": caller.account_id,
        "role": caller.role.value,
        "organisation": ", ".join(sorted(caller.organisation_ids)),
    }


def _csrf_field(request: Request, house: House, caller: Caller | None) -> Markup:
    secret = request.scope.get("session_secret")
    if caller is None or not caller.is_by_session or not secret:
        return Markup()
    token = house.cookies.csrf_token(secret)
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token)


def _in_language(request: Request, code: str) -> str:
    kept = [(k, v) for k, v in request.query_params.multi_items() if k != "lang"]
    return f"{request.url.path}?{urlencode([*kept, ('lang', code)])}"
