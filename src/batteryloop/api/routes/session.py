"""Signing in and out with a browser."""

from fastapi import Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from batteryloop.api.answers import router
from batteryloop.api.house import House, TheCaller, TheHouse
from batteryloop.api.problems import documented
from batteryloop.record.accounts import Caller, Role, Scope
from batteryloop.usecases.sign_in import sign_in, sign_out

ROUTER = router("/session", "session")


class NameAndPassword(BaseModel):
    """What a person signs in with."""

    account_id: str = Field(max_length=64)
    password: str = Field(max_length=256)


class Who(BaseModel):
    """Who asks, and the token that its pages send with every write."""

    account_id: str = Field(description="Empty for the public.")
    role: Role
    organisation_ids: list[str]
    scopes: list[Scope]
    csrf_token: str = Field(description="Empty without a session.")


async def open_session(
    request: Request, house: House, response: Response, account_id: str, password: str
) -> str:
    """Sign a person in: set the cookie on the response, and return the session's CSRF token.

    Raises
    ------
    SignInNeeded
        If name and password do not belong together.
    RateExceeded
        If there were too many attempts from this address, or for this name, in the last minute.
    """
    house.rates.admit_sign_in(request.client.host if request.client else "nowhere")
    house.rates.admit_sign_in(account_id)
    secret = house.new_secret()
    await run_in_threadpool(
        sign_in, house.accounts, house.passwords, account_id, password, secret,
        now=house.now(), session_h=house.settings.session_h,
    )  # fmt: skip
    await close_session(request, house, response)
    house.cookies.set(response, secret)
    return house.cookies.csrf_token(secret)


async def close_session(request: Request, house: House, response: Response) -> None:
    """Sign a person out: end the session for good, and take the cookie back."""
    secret = request.scope.get("session_secret")
    if secret is not None:
        await run_in_threadpool(sign_out, house.accounts, secret)
        house.callers.forget()
    house.cookies.unset(response)


def who(request: Request, house: House, caller: Caller) -> Who:
    """Return who asks, as pages and programmes want to know it."""
    secret = request.scope.get("session_secret") if caller.is_by_session else None
    return Who(
        account_id=caller.account_id,
        role=caller.role,
        organisation_ids=sorted(caller.organisation_ids),
        scopes=sorted(caller.scopes),
        csrf_token=house.cookies.csrf_token(secret) if secret else "",
    )


@ROUTER.post("", status_code=204, summary="Sign in", responses=documented(400))
async def open_(
    request: Request, response: Response, given: NameAndPassword, house: TheHouse
) -> None:
    """Set the session's cookie; ask `GET` for the CSRF token."""
    await open_session(request, house, response, given.account_id, given.password)


@ROUTER.get("", summary="Who am I?")
async def show(request: Request, house: TheHouse, caller: TheCaller) -> Who:
    """Return role, organisations and CSRF token of whoever asks."""
    return who(request, house, caller)


@ROUTER.delete("", status_code=204, summary="Sign out")
async def close(request: Request, response: Response, house: TheHouse) -> None:
    """End the session; without one, nothing happens."""
    await close_session(request, house, response)
