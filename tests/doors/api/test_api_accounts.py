"""Who signs in, with what; and that nothing forged, old or taken back lets anybody in."""

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from batteryloop.record.accounts import Role

PASSWORD = "correct horse battery"
ME = "/api/v1/session"
EVENTS = "/api/v1/record/batteries/BAT-depot/events"
EVENT = {
    "kind": "noted", "happened_at": "2026-03-01T00:00:00Z", "party_id": "depot",
    "details": {"text": "looked at"},
}  # fmt: skip


def sign_in(server, who="operator", password=PASSWORD) -> httpx.Client:
    client = server.client()
    answer = client.post(ME, json={"account_id": who, "password": password})
    assert answer.status_code == 204, answer.text
    return client


def test_a_token_says_who_asks(server):
    who = server.client("recycler").get(ME).json()
    assert (who["role"], who["organisation_ids"]) == ("recycler", ["depot"])


def test_without_anything_one_is_the_public(server):
    assert server.client().get(ME).json()["role"] == "public"


def refused_with(answer, words):
    assert answer.status_code == 401, answer.text
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert words in answer.json()["detail"]


def test_a_token_with_one_letter_changed_is_refused(server):
    token = server.tokens["operator"]
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")
    answer = server.client(Authorization=f"Bearer {changed}").get(ME)
    refused_with(answer, "the token is not known")


def test_a_token_that_has_expired_is_refused(own_server):
    from datetime import timedelta

    own_server.clock.at += timedelta(days=31)
    refused_with(own_server.client("operator").get(ME), "the token expired at 2026-03-31")


def test_a_token_that_was_revoked_is_refused_at_once(own_server):
    client = own_server.client("operator")
    token_id = client.get("/api/v1/accounts/me/tokens").json()[0]["token_id"]
    assert client.delete(f"/api/v1/accounts/me/tokens/{token_id}").status_code == 204
    refused_with(client.get(ME), "the token was revoked at 2026-03-01")


def test_a_closed_account_is_out_at_once(own_server):
    client = sign_in(own_server)
    assert client.get("/api/v1/record/stages").status_code == 200
    assert own_server.client("admin").delete("/api/v1/accounts/operator").status_code == 204
    refused_with(client.get("/api/v1/record/stages"), "the session was ended")
    refused_with(own_server.client("operator").get(ME), "the account is closed")


def test_a_token_gives_no_more_than_its_scopes(own_server):
    client = own_server.client("operator")
    made = client.post("/api/v1/accounts/me/tokens", json={"scopes": ["read"]}).json()
    reader = own_server.client(Authorization=f"Bearer {made['token']}")
    assert reader.get("/api/v1/record/stages").status_code == 200
    answer = reader.post("/api/v1/record/batteries/BAT-depot/events", json=EVENT)
    assert answer.status_code == 403
    assert "for read" in answer.json()["detail"]
    assert reader.post("/api/v1/accounts/me/tokens", json={}).status_code == 403


def test_nobody_issues_a_token_for_more_than_they_may(server):
    answer = server.client("operator").post(
        "/api/v1/accounts/me/tokens", json={"scopes": ["accounts"]}
    )
    assert answer.status_code == 403


def test_only_the_hash_of_a_token_and_of_a_password_is_kept(server):
    with server.house.record.engine.connect() as connection:
        kept = str(connection.execute(text("SELECT * FROM account_token")).all())
        kept += str(connection.execute(text("SELECT * FROM account")).all())
    assert all(token not in kept for token in server.tokens.values())
    assert PASSWORD not in kept
    assert "$argon2id$" in kept


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(server):
    answers = [
        server.client().post(ME, json={"account_id": name, "password": "something else 123"})
        for name in ("operator", "stranger")
    ]
    assert {a.status_code for a in answers} == {401}
    first, second = (a.json() | {"instance": ""} for a in answers)
    assert first == second


def test_a_session_signs_in_and_out(server):
    client = sign_in(server)
    assert client.get(ME).json()["account_id"] == "operator"
    kept = dict(client.cookies)
    token = client.get(ME).json()["csrf_token"]
    assert client.delete(ME, headers={"x-csrf-token": token}).status_code == 204
    assert client.get(ME).json()["role"] == "public"
    client.cookies.update(kept)
    refused_with(client.get("/api/v1/record/stages"), "the session was ended")


def test_the_cookie_of_a_session_is_kept_from_scripts_and_other_sites(server):
    answer = server.client().post(ME, json={"account_id": "operator", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie


def test_over_https_the_cookie_is_secure():
    from fastapi import Response

    from batteryloop.api.cookies import Cookies

    response = Response()
    Cookies("k", is_https=True).set(response, "secret")
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-")
    assert "Secure" in cookie


def test_a_forged_cookie_is_refused(server):
    client = sign_in(server)
    (name,) = client.cookies
    value = client.cookies[name]
    client.cookies.clear()
    client.cookies.set(name, value[:-2] + ("aa" if value[-2:] != "aa" else "bb"))
    refused_with(client.get("/api/v1/record/stages"), "signature does not match")


def test_a_session_ends_by_itself(own_server):
    from datetime import timedelta

    client = sign_in(own_server)
    own_server.clock.at += timedelta(hours=13)
    refused_with(client.get("/api/v1/record/stages"), "the session expired at")


EVENT = {
    "kind": "noted",
    "happened_at": "2026-03-01T00:00:00Z",
    "party_id": "depot",
    "details": {"text": "seen"},
}


def test_a_write_by_cookie_wants_the_token_of_its_session(server):
    client = sign_in(server)
    assert client.post(EVENTS, json=EVENT).status_code == 403
    other = sign_in(server).get(ME).json()["csrf_token"]
    answer = client.post(EVENTS, json=EVENT, headers={"x-csrf-token": other})
    assert answer.status_code == 403
    assert "another token" in answer.json()["detail"]
    mine = client.get(ME).json()["csrf_token"]
    assert client.post(EVENTS, json=EVENT, headers={"x-csrf-token": mine}).status_code == 201


def test_a_write_from_another_sites_page_is_refused(server):
    client = sign_in(server)
    mine = client.get(ME).json()["csrf_token"]
    answer = client.post(
        EVENTS, json=EVENT, headers={"x-csrf-token": mine, "origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    answer = server.client().post(
        ME, json={"account_id": "operator", "password": PASSWORD},
        headers={"origin": "https://evil.example"},
    )  # fmt: skip
    assert answer.status_code == 403


def test_a_new_password_ends_the_sessions_of_the_old(own_server):
    client, other = sign_in(own_server), sign_in(own_server)
    token = client.get(ME).json()["csrf_token"]
    answer = client.put(
        "/api/v1/accounts/me/password", headers={"x-csrf-token": token},
        json={"old": PASSWORD, "new": "a wholly other phrase"},
    )  # fmt: skip
    assert answer.status_code == 204
    assert other.get(ME).json()["role"] == "public"
    sign_in(own_server, password="a wholly other phrase")


@pytest.mark.parametrize("password", ["short", "my operator-2 name", "x" * 300])
def test_a_password_that_is_easy_is_refused(server, password):
    answer = server.client("admin").post(
        "/api/v1/accounts",
        json={
            "account_id": "operator-2",
            "role": "operator",
            "organisation_ids": ["depot"],
            "password": password,
        },
    )
    assert answer.status_code == 422


@pytest.fixture
def slow_server(serving):
    yield from serving(requests_per_minute=5, sign_ins_per_minute=3)


def test_too_many_requests_of_one_caller_are_refused(slow_server):
    client = slow_server.client("operator")
    answers = [client.get(ME) for _ in range(6)]
    assert [a.status_code for a in answers] == [200] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert "5 a minute" in answers[-1].json()["detail"]
    assert slow_server.client("recycler").get(ME).status_code == 200


def test_guessing_passwords_is_slowed_down(slow_server):
    wrong = {"account_id": "admin", "password": "a guess of a password"}
    codes = [slow_server.client().post(ME, json=wrong).status_code for _ in range(4)]
    assert codes == [401, 401, 401, 429]


def test_every_read_of_restricted_data_is_kept_with_who_what_and_why(own_server):
    authority = own_server.client("authority", **{"Access-Purpose": "recall 2026-17"})
    assert authority.get("/api/v1/record/batteries/BAT-rival").status_code == 200
    own_server.client("operator").get("/api/v1/record/batteries/BAT-depot/history?n_most=5")
    own_server.client("operator").get("/api/v1/record/batteries/BAT-rival")
    first, second = own_server.client("admin").get("/api/v1/readings").json()
    assert first["what"].endswith("/BAT-depot/history?n_most=5")
    assert (first["account_id"], first["is_own"]) == ("operator", True)
    assert (second["battery_id"], second["role"]) == ("BAT-rival", "authority")
    assert (second["is_own"], second["purpose"]) == (False, "recall 2026-17")


@pytest.mark.parametrize("statement", ["DELETE FROM reading", "UPDATE reading SET role = 'x'"])
def test_a_reading_that_is_kept_cannot_be_changed(own_server, statement):
    own_server.client("operator").get("/api/v1/record/batteries/BAT-depot")
    engine = own_server.house.record.engine
    with pytest.raises(IntegrityError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))


def test_a_read_that_cannot_be_kept_is_not_answered(own_server):
    def broken(_):
        raise OSError("disk full")

    object.__setattr__(
        own_server.house.audit, "_accounts", type("A", (), {"keep_readings": staticmethod(broken)})
    )
    assert (
        own_server.client("operator").get("/api/v1/record/batteries/BAT-depot").status_code == 500
    )


def test_an_admin_opens_an_account_that_can_sign_in(own_server):
    admin = own_server.client("admin")
    wanted = {
        "account_id": "ng@swap-3",
        "role": "service",
        "organisation_ids": ["rival"],
        "password": "three words and more",
    }
    assert admin.post("/api/v1/accounts", json=wanted).status_code == 201
    assert admin.post("/api/v1/accounts", json=wanted).status_code == 409
    who = sign_in(own_server, "ng@swap-3", "three words and more").get(ME).json()
    assert who["role"] == Role.SERVICE
