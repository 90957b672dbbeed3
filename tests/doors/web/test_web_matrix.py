"""Every page × every role × own and other organisation: what is expected is read from the rows."""

import re

import httpx
import pytest
from world import passport_id

from batteryloop.api.access import About
from batteryloop.api.app import routes_of
from batteryloop.record.accounts import Account, Role, Scope
from batteryloop.usecases.issue_token import issue_token
from batteryloop.web.app import PAGES

ORGANISATIONS = {"depot": "sim-0003", "rival": "sim-0015"}
FORMS = {
    ("POST", "/login"): {"account_id": "none", "password": "none of these"},
    ("POST", "/account/password"): {"old": "x" * 12, "new": "y" * 12},
    ("POST", "/accounts"): {"account_id": "admin", "role": "admin", "password": "x" * 12},
    ("POST", "/passport/{passport_id}/revocation"): {"credential_id": "none", "reason": "a test"},
}
# What a page says to whoever was let in and asked for what is not there.
LET_IN = re.compile(
    "do not belong together|old password is another|account &#39;none|token|none in the lake|"
    "none is on record|not signed yet|credential|/01/"
)


@pytest.fixture(scope="session")
def callers(whole_site):
    """Return a client of every role in the organisation `depot`, by token."""
    house, found = whole_site.house, {}
    for role in Role:
        headers = {}
        if role is not Role.PUBLIC:
            name = f"matrix-{role.value}"
            home = frozenset() if role is Role.ADMIN else frozenset({"depot"})
            house.accounts.add_account(Account(name, role, home, "", house.now()))
            scopes = set(Scope) if role is Role.ADMIN else {Scope.READ, Scope.WRITE}
            token, _ = issue_token(
                house.accounts, name, house.new_secret(), scopes=scopes, now=house.now(), n_days=1
            )
            headers["Authorization"] = f"Bearer {token}"
        found[role] = httpx.Client(base_url=whole_site.url, headers=headers, timeout=30)
    yield found
    for client in found.values():
        client.close()


def address_of(path: str, battery_id: str) -> str:
    names = {
        "battery_id": battery_id, "passport_id": passport_id(battery_id), "account_id": "none",
        "token_id": "none", "pack_id": battery_id, "tour_id": "none", "gtin": "09521234543213",
        "serial": "none",
    }  # fmt: skip
    return path.format(**names)


@pytest.mark.parametrize("role", Role)
def test_every_page_lets_in_whom_its_row_names_and_nobody_else(whole_site, callers, role):
    wrong, client = [], callers[role]
    rules = {route: rule for room in PAGES for route, rule in room.RULES.items()}
    assert set(rules) <= set(routes_of(whole_site.app))
    for (method, path), rule in rules.items():
        for organisation, battery_id in ORGANISATIONS.items():
            is_own = organisation == "depot" and role not in {Role.ADMIN, Role.PUBLIC}
            may = role in (rule.own if is_own else rule.foreign)
            is_of_none = rule.about in {About.NOTHING, About.FLEET}
            if is_of_none:
                may = role in rule.anybody
            answer = client.request(
                method, address_of(path, battery_id), data=FORMS.get((method, path))
            )
            to_login = answer.headers.get("location", "").startswith("/login?next=")
            is_in = (answer.status_code < 400 or answer.status_code == 409) and not to_login
            # Such a page refuses with 403; who gets in may still ask for what is not there.
            is_in = is_in or (is_of_none and answer.status_code in {404, 422})
            is_in = is_in or bool(LET_IN.search(answer.text.partition("<main")[2]))
            if is_in is not may:
                wrong.append((method, path, organisation, answer.status_code))
            if not may and role is Role.PUBLIC:
                assert to_login, (method, path)
    assert wrong == [], wrong
