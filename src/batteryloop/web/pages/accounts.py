"""One's own account with password and tokens; for an admin, everybody's."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from batteryloop.api.access import ADMIN, SIGNED_IN, Route, Rule
from batteryloop.api.answers import Id
from batteryloop.api.house import House, TheCaller, TheHouse
from batteryloop.api.routes.accounts import PasswordIn, new_password, remove_account, remove_token
from batteryloop.errors import AccessRefused
from batteryloop.record.accounts import Caller, Role, Scope
from batteryloop.usecases.issue_token import N_DAYS_MOST, issue_token
from batteryloop.usecases.open_account import N_CHARACTERS_LEAST, N_CHARACTERS_MOST, open_account
from batteryloop.web.rendering import page
from batteryloop.web.routes import PageRoute

ROUTER = APIRouter(route_class=PageRoute, include_in_schema=False)
_MINE = Rule(SIGNED_IN, SIGNED_IN)
_MINE_TO_CHANGE = Rule(SIGNED_IN, SIGNED_IN, scope=Scope.WRITE)
_ALL = Rule(ADMIN, ADMIN, scope=Scope.ACCOUNTS)
RULES: dict[Route, Rule] = {
    ("GET", "/account"): _MINE,
    ("POST", "/account/password"): _MINE_TO_CHANGE,
    ("POST", "/account/tokens"): _MINE_TO_CHANGE,
    ("POST", "/account/tokens/{token_id}/revocation"): _MINE_TO_CHANGE,
    ("GET", "/accounts"): _ALL,
    ("POST", "/accounts"): _ALL,
    ("POST", "/accounts/{account_id}/closing"): _ALL,
}
Password = Annotated[str, Form(min_length=N_CHARACTERS_LEAST, max_length=N_CHARACTERS_MOST)]


@ROUTER.get("/account")
def mine(request: Request, house: TheHouse, caller: TheCaller) -> Response:
    """Return the account's page."""
    return _mine(request, house, caller)


@ROUTER.post("/account/password")
def change(
    house: TheHouse,
    caller: TheCaller,
    old: Annotated[str, Form(max_length=N_CHARACTERS_MOST)],
    new: Password,
) -> Response:
    """Change the password; every session ends, this one too."""
    answer = RedirectResponse("/login?next=/account", status_code=303)
    new_password(PasswordIn(old=old, new=new), answer, house, caller)
    return answer


@ROUTER.post("/account/tokens")
def add_token(
    request: Request,
    house: TheHouse,
    caller: TheCaller,
    label: Annotated[str, Form(max_length=100)] = "",
    n_days: Annotated[int, Form(ge=1, le=N_DAYS_MOST)] = 90,
    may_write: Annotated[bool, Form()] = False,
) -> Response:
    """Issue a token and show its secret, this once."""
    scopes = {Scope.READ, Scope.WRITE} if may_write else {Scope.READ}
    if not scopes <= caller.scopes:
        raise AccessRefused(f"account {caller.account_id}", "asks for more than it has")
    text, _ = issue_token(
        house.accounts, caller.account_id, house.new_secret(), scopes=scopes,
        now=house.now(), n_days=n_days, label=label,
    )  # fmt: skip
    return _mine(request, house, caller, secret=text)


@ROUTER.post("/account/tokens/{token_id}/revocation")
def take_token(token_id: Id, house: TheHouse, caller: TheCaller) -> Response:
    """Take a token back, at once."""
    remove_token(token_id, house, caller)
    return RedirectResponse("/account", status_code=303)


@ROUTER.get("/accounts")
def everybody(request: Request, house: TheHouse) -> Response:
    """Return every account."""
    return page(
        request,
        "accounts.html",
        accounts=sorted(house.accounts.accounts(), key=lambda a: (a.is_closed, a.account_id)),
        roles=[role for role in Role if role is not Role.PUBLIC],
        n_characters_least=N_CHARACTERS_LEAST,
    )


@ROUTER.post("/accounts")
def open_it(
    house: TheHouse,
    account_id: Annotated[str, Form(max_length=64)],
    role: Annotated[Role, Form()],
    password: Password,
    organisations: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Open an account."""
    named = organisations.replace(",", " ").split()
    open_account(
        house.accounts, house.passwords, account_id, role, named, password, now=house.now()
    )
    return RedirectResponse("/accounts", status_code=303)


@ROUTER.post("/accounts/{account_id}/closing")
def close_it(account_id: Id, house: TheHouse) -> Response:
    """Close an account; its sessions and tokens end at once."""
    remove_account(account_id, house)
    return RedirectResponse("/accounts", status_code=303)


def _mine(request: Request, house: House, caller: Caller, *, secret: str = "") -> Response:
    return page(
        request,
        "account.html",
        tokens=house.accounts.tokens(caller.account_id),
        secret=secret,
        is_admin=caller.role is Role.ADMIN,
        n_characters_least=N_CHARACTERS_LEAST,
        n_days_most=N_DAYS_MOST,
    )
