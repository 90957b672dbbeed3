"""Every route × every role × own and other organisation, asked of a running server.

What is expected is read from the table of `api.access`; `SPOTS` says some of it again, by hand.
"""

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from batteryloop.api.access import RULES, About, Rule, checked
from batteryloop.api.app import routes_of
from batteryloop.record.accounts import Role

AT = "2026-03-01T00:00:00Z"
NOTED = {
    "kind": "noted", "happened_at": AT, "party_id": "{org}", "details": {"text": "looked at"},
}  # fmt: skip
PARTY = {"name": "Somebody", "country": "DE"}

NO_REPORT, UNSIGNED, NO_CREDENTIAL = "evaluation", "credential of", "credential 'urn"

RETURNED = {
    "battery_id": "R-1", "chemistry": "LFP", "rated_energy_kwh": 50.0, "mass_kg": 330.0,
    "soh_frac": 0.8, "soh_low_frac": 0.75, "soh_high_frac": 0.85, "unsafe_frac": 0.001,
    "latitude_deg": 48.9, "longitude_deg": 2.3, "region": "EMEA",
}  # fmt: skip
PLANT = {
    "facility": "Grenoble", "latitude_deg": 45.2, "longitude_deg": 5.7, "region": "EMEA",
    "fates": ["recycle"], "capacity_kg": 1e4,
}  # fmt: skip
SECOND_LIFE = {
    "use": "self-consumption", "price_eur_per_kwh": [0.1, 0.3] * 336, "load_kw": [5.0] * 672,
    "pv_kw": [8.0, 0.0] * 336,
    "modules": [
        {"module_id": f"M{k}", "chemistry": "LFP", "energy_kwh": 2.0, "soh_frac": 0.8,
         "soh_low_frac": 0.77, "soh_high_frac": 0.83}
        for k in range(4)
    ],
}  # fmt: skip
PICKUP = {
    "pickup_id": "S1", "name": "Garage", "address": "1 rue B, Lyon", "country": "FR",
    "latitude_deg": 45.76, "longitude_deg": 4.84, "mass_kg": 300.0,
}  # fmt: skip
HUB = {
    "hub_id": "P", "name": "Plant", "address": "1 rue A, Grenoble", "country": "FR",
    "latitude_deg": 45.19, "longitude_deg": 5.72,
}  # fmt: skip
TRUCK = {
    "kind_id": "7.5 t", "n_available": 1, "capacity_kg": 3000.0, "n_places": 12,
    "day_eur": 330.0, "cost_eur_per_km": 1.05,
}  # fmt: skip
SALE = {"region": "EMEA", "application": "car", "chemistry": "LFP", "year": 2016, "mass_t": 10.0}
LIVES = [
    {"application": "car", "chemistry": "LFP", "age_years": 6.0 + 0.5 * k, "is_ended": True}
    for k in range(12)
]
RETURNS = {"sales": [SALE], "lives": LIVES, "last_year": 2027, "n_draws": 20}
PLACED = {
    "entry_id": "E1", "kind": "placed", "party_id": "depot", "country": "FR",
    "category": "portable", "happened_on": "2026-01-31", "mass_kg": 10.0,
}  # fmt: skip

# What to ask each route: the body, and which answer besides 2xx says that one was let in.
ASKED: dict[tuple[str, str], tuple[object, set[int | str]]] = {
    ("POST", "/api/v1/session"): ({"account_id": "none", "password": "none of these"}, {401}),
    ("PUT", "/api/v1/accounts/me/password"): ({"old": "x" * 12, "new": "y" * 12}, {403}),
    ("POST", "/api/v1/accounts/me/tokens"): ({}, set()),
    ("DELETE", "/api/v1/accounts/me/tokens/{token_id}"): (None, {"token"}),
    ("POST", "/api/v1/accounts"): ({"account_id": "admin", "role": "admin"}, {409}),
    ("DELETE", "/api/v1/accounts/{account_id}"): (None, {"account"}),
    ("POST", "/api/v1/record/batteries/{battery_id}/events"): (NOTED, set()),
    ("POST", "/api/v1/record/events"): ([NOTED | {"battery_id": "BAT-{org}"}], set()),
    ("PUT", "/api/v1/record/parties/{party_id}"): (PARTY, set()),
    ("GET", "/api/v1/evaluation/batteries/{battery_id}/{sha256}"): (None, {NO_REPORT}),
    ("POST", "/api/v1/evaluation/batteries/{battery_id}"): ({}, {422}),
    ("POST", "/api/v1/health/batteries/{battery_id}/forecast"): ({}, {422}),
    ("POST", "/api/v1/health/batteries/{battery_id}/warnings"): ({}, {422}),
    ("POST", "/api/v1/health/batteries/{battery_id}/shape"): ({}, {422}),
    ("POST", "/api/v1/health/models/{name}/grades"): ({"cells": {"c1": [{"U1": 3.7}]}}, {422}),
    ("POST", "/api/v1/circular/triage"): ({"packs": [RETURNED], "facilities": [PLANT]}, set()),
    ("POST", "/api/v1/circular/match"): (
        {
            "modules": [{"module_id": f"M{k}", "capacity_ah": 100.0 + k} for k in range(4)],
            "n_series": 2,
        },
        set(),
    ),
    ("POST", "/api/v1/circular/repurpose"): (SECOND_LIFE, set()),
    ("POST", "/api/v1/circular/collect"): (
        {"pickups": [PICKUP], "hubs": [HUB], "fleet": [TRUCK]},
        set(),
    ),
    ("POST", "/api/v1/circular/recycle"): ({"feed_t": {"LFP": 1.0}, "is_improved": False}, set()),
    ("POST", "/api/v1/circular/blend"): (
        {"supply_t": {"NMC622": 2.0}, "capacity_t": 1.0, "is_improved": False},
        set(),
    ),
    ("POST", "/api/v1/circular/trace"): (
        {
            "packs": [{"battery_id": "R-1", "chemistry": "LFP", "mass_kg": 400.0}],
            "new": [{"chemistry": "LFP", "energy_kwh": 50.0}],
        },
        set(),
    ),
    ("POST", "/api/v1/circular/returns"): (RETURNS, set()),
    ("POST", "/api/v1/circular/responsibility"): ({"entries": [PLACED]}, set()),
    ("POST", "/api/v1/passports/of/{battery_id}"): ({}, set()),
    ("GET", "/api/v1/passports/{passport_id}/credential"): (None, {UNSIGNED}),
    ("POST", "/api/v1/passports/{passport_id}/credential"): ({}, set()),
    ("POST", "/api/v1/passports/{passport_id}/revocation"): (
        {"credential_id": "urn:uuid:none", "reason": "a test"},
        {NO_CREDENTIAL},
    ),
    ("POST", "/api/v1/verifications"): ({"credential": "a.b.c"}, set()),
    ("POST", "/v1/dpps"): ({"productId": "BAT-{org}"}, {409}),
    ("PATCH", "/v1/dpps/{dppId}"): ({"attributes": {"mass_kg": 300}}, {422}),
    ("PATCH", "/v1/dpps/{dppId}/elements/{elementIdPath}"): (300, {422}),
    ("DELETE", "/v1/dpps/{dppId}"): (None, {409}),
    ("POST", "/v1/dppsByProductIds"): ({"productIds": ["BAT-{org}"]}, set()),
}
NAMES = {
    "battery_id": "BAT-{org}", "party_id": "{org}", "account_id": "none", "token_id": "none",
    "passport_id": "urn:passport:{org}", "dppId": "urn:passport:{org}", "model": "untp",
    "sha256": "latest", "name": "none", "elementIdPath": "mass_kg", "productId": "BAT-{org}",
}  # fmt: skip
QUERIES = {("GET", "/v1/dppsByIdAndDate/{dppId}"): f"?date={AT}"}
HOMELESS = {Role.ADMIN}
REVOKES = ("DELETE", "/v1/dpps/{dppId}")


def filled(thing, organisation):
    if isinstance(thing, str):
        for name, value in NAMES.items():
            thing = thing.replace("{" + name + "}", value)
        return thing.replace("{org}", organisation)
    if isinstance(thing, dict):
        return {key: filled(value, organisation) for key, value in thing.items()}
    if isinstance(thing, list):
        return [filled(value, organisation) for value in thing]
    return thing


def ask(server, client, method, path, organisation):
    body, let_in = ASKED.get((method, path), (None, set()))
    address = filled(path, organisation) + QUERIES.get((method, path), "")
    answer = client.request(method, address, json=filled(body, organisation))
    if answer.status_code == 404:
        about = answer.json()["subject"]
        return answer, any(str(word) in about for word in let_in if isinstance(word, str))
    return answer, answer.status_code < 300 or answer.status_code in let_in


def names_something(rule: Rule) -> bool:
    return rule.about not in {About.NOTHING, About.FLEET}


def test_every_route_lets_in_whom_its_row_names_and_nobody_else(own_server):
    server = own_server
    wrong = []
    n_asked = 0
    for role in Role:
        client = server.client(None if role is Role.PUBLIC else role.value)
        rows = sorted(server.house.rules.items(), key=lambda row: row[0][0] == "DELETE")
        for (method, path), rule in rows:
            if (method, path) == REVOKES and role in rule.anybody:
                continue  # walked by itself below: it would take the passport away
            for organisation in ("depot", "rival"):
                is_own = organisation == "depot" and role not in HOMELESS | {Role.PUBLIC}
                may = role in (rule.own if is_own else rule.foreign)
                if not names_something(rule):
                    may = role in rule.anybody
                answer, is_in = ask(server, client, method, path, organisation)
                n_asked += 1
                if is_in is not may:
                    wrong.append((method, path, role.value, organisation, answer.status_code))
                if not may:
                    assert answer.status_code in {401, 403, 404}, answer.text
                    assert (answer.status_code == 401) is (role is Role.PUBLIC), answer.text
    assert wrong == []
    n_skipped = len(server.house.rules[REVOKES].anybody)
    assert n_asked == (len(routes_of(server.app)) * len(Role) - n_skipped) * 2


@pytest.mark.parametrize("role", sorted(RULES[REVOKES].anybody))
@pytest.mark.parametrize("organisation", ["depot", "rival"])
def test_a_passport_is_revoked_by_whom_its_row_names(own_server, role, organisation):
    rule = own_server.house.rules[REVOKES]
    is_own = organisation == "depot" and role not in HOMELESS
    client = own_server.client(role.value)
    _, is_in = ask(own_server, client, *REVOKES, organisation)
    assert is_in is (role in (rule.own if is_own else rule.foreign))


SPOTS = [
    ("operator", "GET", "/api/v1/record/batteries/BAT-depot", 200),
    ("operator", "GET", "/api/v1/record/batteries/BAT-rival", 404),
    ("service", "GET", "/api/v1/record/batteries/BAT-rival/history", 404),
    ("recycler", "GET", "/api/v1/record/batteries/BAT-rival/lineage", 404),
    ("authority", "GET", "/api/v1/record/batteries/BAT-rival", 200),
    ("legitimate-interest", "GET", "/api/v1/record/batteries/BAT-depot", 403),
    ("legitimate-interest", "GET", "/api/v1/record/batteries", 403),
    (None, "GET", "/api/v1/record/batteries", 401),
    (None, "GET", "/api/v1/record/batteries/BAT-depot", 401),
    (None, "GET", "/api/v1/health", 200),
    ("operator", "GET", "/api/v1/accounts", 403),
    ("authority", "GET", "/api/v1/accounts", 403),
    ("authority", "GET", "/api/v1/readings", 200),
    (None, "GET", "/api/v1/passports/urn:passport:rival", 200),
    ("operator", "GET", "/api/v1/passports/urn:passport:rival/validation", 404),
    ("operator", "POST", "/api/v1/passports/of/BAT-rival", 404),
    ("authority", "PATCH", "/v1/dpps/urn:passport:depot", 403),
    (None, "GET", "/api/v1/issuer/keys", 200),
    ("operator", "GET", "/api/v1/readings", 403),
    ("admin", "GET", "/api/v1/record/batteries/BAT-rival", 200),
]


@pytest.mark.parametrize(("who", "method", "path", "status"), SPOTS)
def test_what_is_said_by_hand_holds(server, who, method, path, status):
    assert server.client(who).request(method, path).status_code == status


def test_another_organisations_battery_is_as_unknown_as_one_that_is_not_there(server):
    client = server.client("operator")
    answers = [
        client.get(f"/api/v1/record/batteries/{name}").json() for name in ("BAT-rival", "BAT-none")
    ]
    first, second = (
        {k: str(v).replace("rival", "none") for k, v in a.items() if k != "instance"}
        for a in answers
    )
    assert first == second


def test_an_authority_reads_but_does_not_write(server):
    event = filled(NOTED, "depot")
    answer = server.client("authority").post(
        "/api/v1/record/batteries/BAT-depot/events", json=event
    )
    assert answer.status_code == 403


def test_a_deed_in_another_organisations_name_is_refused(server):
    event = filled(NOTED, "rival")
    answer = server.client("operator").post("/api/v1/record/batteries/BAT-depot/events", json=event)
    assert answer.status_code == 403
    assert "'rival'" in answer.json()["detail"]


def test_a_fleet_shows_ones_own_alone(server):
    def fleet(who):
        page = server.client(who).get("/api/v1/record/batteries").json()
        return {b["battery_id"] for b in page["batteries"]}, page["n_total"]

    assert fleet("operator") == ({"BAT-depot"}, 1)
    assert fleet("authority") == ({"BAT-depot", "BAT-rival"}, 2)


def test_a_batch_with_one_foreign_battery_keeps_nothing(server):
    before = len(server.house.record.history("BAT-depot"))
    batch = [filled(NOTED | {"battery_id": f"BAT-{org}"}, "depot") for org in ("depot", "rival")]
    answer = server.client("operator").post("/api/v1/record/events", json=batch)
    assert answer.status_code == 404
    assert len(server.house.record.history("BAT-depot")) == before


def test_a_new_battery_begins_with_its_own_maker(own_server):
    made = {
        "kind": "made", "battery_id": "BAT-new", "party_id": "depot", "happened_at": AT,
        "details": {"battery": {"application": "car"}},
    }  # fmt: skip
    client = own_server.client("operator")
    assert client.post("/api/v1/record/events", json=[made | {"kind": "noted"}]).status_code == 404
    assert client.post("/api/v1/record/events", json=[made]).status_code == 201
    assert client.get("/api/v1/record/batteries/BAT-new").status_code == 200


def test_a_route_without_a_row_stops_the_server():
    with pytest.raises(RuntimeError, match="routes without a row"):
        checked({}, [("GET", "/api/v1/new")])


def test_a_row_without_a_route_stops_the_server():
    row = Rule(frozenset(), frozenset())
    with pytest.raises(RuntimeError, match="rows without"):
        checked({("GET", "/api/v1/gone"): row}, [])


def test_a_route_without_the_guard_stops_the_server():
    with pytest.raises(RuntimeError, match="not guarded"):
        routes_of(FastAPI())


def test_a_changed_event_is_named_by_the_verification(own_server):
    admin = own_server.client("admin")
    assert admin.get("/api/v1/record/verification").json()["is_whole"]
    with own_server.house.record.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER ledger_is_not_changed"))
        connection.execute(text("UPDATE ledger SET party_id = 'rival' WHERE sequence = 1"))
    found = admin.get("/api/v1/record/verification").json()
    assert not found["is_whole"]
    assert (found["breaches"][0]["sequence"], found["breaches"][0]["rule"]) == (1, "altered")


def test_the_record_is_carried_away_as_one_file(server):
    answer = server.client("admin").get("/api/v1/record/export?battery_id=BAT-depot")
    assert answer.status_code == 200, answer.text
    assert answer.content[:2] == b"PK"
    assert server.client("admin").get("/api/v1/record/export?battery_id=no").status_code == 404
