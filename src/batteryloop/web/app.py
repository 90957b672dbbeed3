"""Mounts the pages on the server: their routes, their rows in the table of access, the files."""

from importlib.resources import files

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

from batteryloop.api.access import Route, Rule
from batteryloop.api.app import seal
from batteryloop.web.pages import (
    accounts,
    battery,
    circular,
    circular_cells,
    circular_matching,
    circular_plant,
    circular_returns,
    circular_tours,
    fleet,
    home,
    passport,
    passports,
    search,
    session,
)

PAGES = (
    home,
    fleet,
    battery,
    circular,
    circular_cells,
    circular_matching,
    circular_plant,
    circular_returns,
    circular_tours,
    passport,
    passports,
    search,
    accounts,
    session,
)


class KeptFiles(StaticFiles):
    """Files whose address carries the version: a browser may keep them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, to be kept for a day."""
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = "public, max-age=86400"
        return answer


def mount(app: FastAPI) -> None:
    """Add every page to the server's app and check the table of access again.

    Raises
    ------
    RuntimeError
        If a page has no row in its table, or a row no page.
    """
    rules: dict[Route, Rule] = app.state.house.rules
    for page in PAGES:
        router: APIRouter = page.ROUTER
        app.include_router(router)
        rules |= page.RULES
    app.mount("/static", KeptFiles(directory=str(files("batteryloop.web") / "static")))
    seal(app)
