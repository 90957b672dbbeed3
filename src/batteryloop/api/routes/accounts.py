"""Accounts, their tokens, and what was read."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import BaseModel, Field

from batteryloop.api.answers import Id, Moment, answer, router
from batteryloop.api.house import TheBattery, TheCaller, TheHouse
from batteryloop.api.problems import documented
from batteryloop.errors import AccessRefused
from batteryloop.record.accounts import Role, Scope
from batteryloop.usecases.issue_token import N_DAYS_MOST, issue_token, revoke_token
from batteryloop.usecases.open_account import (
    N_CHARACTERS_LEAST,
    N_CHARACTERS_MOST,
    NAME,
    change_password,
    close_account,
    open_account,
)

ROUTER = router("", "accounts")


class AccountOut(BaseModel):
    """An account, as far as others may see it."""

    account_id: str
    role: Role
    organisation_ids: list[str]
    opened_at: datetime
    is_closed: bool


class AccountIn(BaseModel):
    """An account to be opened."""

    account_id: str = Field(pattern=f"^{NAME}$")
    role: Role
    organisation_ids: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(
        default_factory=list, max_length=100
    )
    password: str | None = Field(
        None,
        min_length=N_CHARACTERS_LEAST,
        max_length=N_CHARACTERS_MOST,
        description="None where tokens are enough; it may not hold the account's name.",
    )


class PasswordIn(BaseModel):
    """The old password and the new."""

    old: str = Field(max_length=256)
    new: str = Field(min_length=N_CHARACTERS_LEAST, max_length=N_CHARACTERS_MOST)


class TokenIn(BaseModel):
    """A token to be issued."""

    label: str = Field("", max_length=100, description="What it is for.")
    scopes: list[Scope] = Field(default_factory=lambda: [Scope.READ], min_length=1, max_length=3)
    n_days: int = Field(90, ge=1, le=N_DAYS_MOST, description="How long it is valid. [days]")


class TokenOut(BaseModel):
    """A token, without its secret."""

    token_id: str
    account_id: str
    label: str
    scopes: list[Scope]
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class NewToken(TokenOut):
    """A token with its secret, told this once."""

    token: str


class ReadingOut(BaseModel):
    """One read of restricted data."""

    request_id: str
    read_at: datetime
    account_id: str
    role: Role
    organisation_ids: list[str]
    what: str
    battery_id: str
    is_own: bool
    purpose: str


Before = Annotated[Moment | None, Query(description="Only what was read before.")]
NMost = Annotated[int, Query(ge=1, le=1000, description="How many at most.")]


@ROUTER.get("/accounts", summary="Every account", response_model=list[AccountOut])
def list_accounts(house: TheHouse) -> Any:  # noqa: ANN401
    """Return every account, by name."""
    return answer([account.as_dict() for account in house.accounts.accounts()])


@ROUTER.post(
    "/accounts", status_code=201, summary="Open an account", response_model=AccountOut,
    responses=documented(400, 409),
)  # fmt: skip
def add_account(given: AccountIn, house: TheHouse) -> Any:  # noqa: ANN401
    """Open an account for a person or a programme."""
    account = open_account(
        house.accounts, house.passwords, given.account_id, given.role, given.organisation_ids,
        given.password, now=house.now(),
    )  # fmt: skip
    return answer(account.as_dict(), 201)


@ROUTER.delete(
    "/accounts/{account_id}", status_code=204, summary="Close an account",
    responses=documented(404),
)  # fmt: skip
def remove_account(account_id: Id, house: TheHouse) -> None:
    """Close it; its sessions and tokens end at once."""
    close_account(house.accounts, account_id)
    house.callers.forget()


@ROUTER.put(
    "/accounts/me/password", status_code=204, summary="Change my password",
    responses=documented(400),
)  # fmt: skip
def new_password(given: PasswordIn, response: Response, house: TheHouse, caller: TheCaller) -> None:
    """Change it, and end every session that the old one opened."""
    house.rates.admit_sign_in(caller.account_id)
    account = house.accounts.account(caller.account_id)
    if account is None or not house.passwords.matches(given.old, account.password_hash):
        raise AccessRefused(f"account {caller.account_id}", "the old password is another")
    change_password(house.accounts, house.passwords, caller.account_id, given.new)
    house.callers.forget()
    house.cookies.unset(response)


@ROUTER.get("/accounts/me/tokens", summary="My tokens", response_model=list[TokenOut])
def list_tokens(house: TheHouse, caller: TheCaller) -> Any:  # noqa: ANN401
    """Return my tokens, the newest first, without their secrets."""
    return answer([token.as_dict() for token in house.accounts.tokens(caller.account_id)])


@ROUTER.post(
    "/accounts/me/tokens", status_code=201, summary="Issue a token", response_model=NewToken,
    responses=documented(400),
)  # fmt: skip
def add_token(given: TokenIn, house: TheHouse, caller: TheCaller) -> Any:  # noqa: ANN401
    """Issue a token that may do what I may, as far as its scopes go; its text is told once."""
    beyond = set(given.scopes) - caller.scopes
    if beyond:
        raise AccessRefused(
            f"account {caller.account_id}", f"asks for {', '.join(sorted(beyond))}",
            ", ".join(sorted(caller.scopes)), "a token gives no more than who asks for it has",
        )  # fmt: skip
    text, token = issue_token(
        house.accounts, caller.account_id, house.new_secret(), scopes=given.scopes,
        now=house.now(), n_days=given.n_days, label=given.label,
    )  # fmt: skip
    return answer({**token.as_dict(), "token": text}, 201)


@ROUTER.delete(
    "/accounts/me/tokens/{token_id}", status_code=204, summary="Revoke a token",
    responses=documented(404),
)  # fmt: skip
def remove_token(token_id: Id, house: TheHouse, caller: TheCaller) -> None:
    """Take a token back, at once."""
    revoke_token(house.accounts, caller.account_id, token_id, now=house.now())
    house.callers.forget()


@ROUTER.get("/readings", summary="Who has read what", response_model=list[ReadingOut])
def list_readings(house: TheHouse, before: Before = None, n_most: NMost = 100) -> Any:  # noqa: ANN401
    """Return every read of restricted data, the newest first."""
    found = house.accounts.readings(before=before, n_most=n_most)
    return answer([reading.as_dict() for reading in found])


@ROUTER.get(
    "/record/batteries/{battery_id}/readings", summary="Who has read of this battery",
    response_model=list[ReadingOut], responses=documented(404),
)  # fmt: skip
def list_battery_readings(
    battery_id: Id, battery: TheBattery, house: TheHouse, before: Before = None,
    n_most: NMost = 100,
) -> Any:  # noqa: ANN401  # fmt: skip
    """Return every read of a battery's restricted data, the newest first."""
    known = battery.battery.battery_id
    found = house.accounts.readings(battery_id=known, before=before, n_most=n_most)
    return answer([reading.as_dict() for reading in found])
