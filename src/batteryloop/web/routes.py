"""A route that answers with pages: an error is a page too, and who is nobody may sign in."""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse

from batteryloop.api.guard import GuardedRoute
from batteryloop.api.problems import status_of
from batteryloop.errors import BatteryloopError, InputWrong, SignInNeeded
from batteryloop.web.rendering import page


class PageRoute(GuardedRoute):
    """Passes the same guard as every route; what goes wrong is said on a page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with the guard before it and the pages for errors around it."""
        guarded = super().get_route_handler()

        async def paged(request: Request) -> Response:
            try:
                return await guarded(request)
            except SignInNeeded:
                place = quote(str(request.url.path))
                return RedirectResponse(f"/login?next={place}", status_code=303)
            except RequestValidationError as exc:
                first = exc.errors()[0]
                where = ".".join(map(str, first["loc"][1:]))
                return _problem(request, InputWrong(where or "form", first["msg"]))
            except BatteryloopError as error:
                return _problem(request, error)

        return paged


def _problem(request: Request, error: BatteryloopError) -> Response:
    return page(request, "problem.html", status_code=status_of(error), error=error)
