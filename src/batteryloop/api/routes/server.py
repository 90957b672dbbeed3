"""Whether it is alive and ready, and what it can do."""

from typing import Any, Literal

from fastapi import Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from batteryloop import __version__
from batteryloop.api.answers import router
from batteryloop.api.house import TheHouse

ROUTER = router("", "server")


class Alive(BaseModel):
    """The server runs."""

    status: Literal["alive", "ready"]
    version: str


@ROUTER.get("/health", summary="Is the server alive?")
async def health() -> Alive:
    """Answer without asking the database."""
    return Alive(status="alive", version=__version__)


@ROUTER.get("/ready", summary="Does the database answer?")
async def ready(house: TheHouse) -> Alive:
    """Ask the database one small thing."""
    await run_in_threadpool(house.accounts.account, "")
    return Alive(status="ready", version=__version__)


@ROUTER.get("/openapi.json", summary="This interface, described")
async def openapi(request: Request) -> dict[str, Any]:
    """Return the OpenAPI document."""
    document: dict[str, Any] = request.app.openapi()
    return document
