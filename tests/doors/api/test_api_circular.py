"""The circular decision over HTTP: as the commands say it, bounded, and kept by nobody."""

import pytest

from batteryloop.errors import RateExceeded

ROOM = "/api/v1/circular"


def ask(server, deed, body, who="recycler"):
    return server.client(who).post(f"{ROOM}/{deed}", json=body)


def test_a_plant_says_its_balance_and_what_the_law_asks(server):
    answer = ask(server, "recycle", {"feed_t": {"LFP": 50e3}, "is_improved": False})
    assert answer.status_code == 200
    report = answer.json()
    assert max(report["balance"]["closure_frac"].values()) < 1e-9
    (efficiency, *_) = report["targets"]["2027-12-31"]
    assert efficiency["passes"] is False
    assert efficiency["reached_frac"] == pytest.approx(0.48, abs=0.01)


def test_a_feed_that_cannot_pass_says_why(server):
    body = {
        "supply_t": {"NMC622": 60e3, "LFP": 60e3}, "must_take_t": {"LFP": 10e3},
        "is_improved": False,
    }  # fmt: skip
    blend = ask(server, "blend", body).json()["as_it_is"]
    assert blend["is_feasible"] is False
    assert blend["reason"]


PACK = {
    "battery_id": "R-1", "chemistry": "LFP", "rated_energy_kwh": 50.0, "mass_kg": 330.0,
    "soh_frac": 0.8, "soh_low_frac": 0.75, "soh_high_frac": 0.85, "unsafe_frac": 0.001,
    "latitude_deg": 48.9, "longitude_deg": 2.3, "region": "EMEA",
}  # fmt: skip
NETWORK = [
    {"facility": "Grenoble", "latitude_deg": 45.2, "longitude_deg": 5.7, "region": "EMEA",
     "fates": ["recycle"], "capacity_kg": 1e4},
    {"facility": "Rotterdam", "latitude_deg": 51.9, "longitude_deg": 4.5, "region": "EMEA",
     "fates": ["repurpose", "test-first"], "capacity_kg": 400.0},
]  # fmt: skip


def test_packs_get_a_fate_within_the_room_there_is_and_a_reason(server):
    packs = [PACK | {"battery_id": f"R-{k}"} for k in range(3)]
    answer = ask(server, "triage", {"packs": packs, "facilities": NETWORK, "why": ["R-1"]})
    plan = answer.json()
    assert plan["gap_frac"] <= 1e-6
    assert sum(pack["facility"] == "Rotterdam" for pack in plan["packs"]) == 1
    assert plan["why"][0]["sentence"].startswith("R-1 goes to")
    assert plan["value_low_eur"] <= plan["value_eur"] <= plan["value_high_eur"]


def test_an_unsafe_pack_is_never_reused_at_any_price(server):
    desk = [*NETWORK, NETWORK[0] | {"facility": "Oslo", "fates": ["reuse", "repair"]}]
    good = PACK | {"soh_frac": 0.97, "soh_low_frac": 0.96, "soh_high_frac": 0.98}
    body = {"packs": [good, good | {"battery_id": "R-2", "unsafe_frac": 0.5}], "facilities": desk}
    fates = {p["battery_id"]: p["fate"] for p in ask(server, "triage", body).json()["packs"]}
    assert fates["R-2"] == "recycle"
    assert fates["R-1"] != "recycle"


def test_like_modules_are_put_together(server):
    modules = [
        {"module_id": f"M{k}", "pack_id": f"P{k % 2}", "capacity_ah": 100.0 - 20.0 * (k % 2)}
        for k in range(4)
    ]
    found = ask(server, "match", {"modules": modules, "n_series": 2}).json()
    assert sorted(pack["capacity_ah"] for pack in found["packs"]) == [80.0, 100.0]
    assert found["usable_random_frac"] < found["usable_frac"] == 1.0


def test_a_truck_gets_its_document_and_what_may_not_travel_is_said(server):
    site = {
        "pickup_id": "S1", "name": "Garage", "address": "1 rue B, Lyon", "country": "FR",
        "latitude_deg": 45.76, "longitude_deg": 4.84, "mass_kg": 300.0,
    }  # fmt: skip
    hub = {
        "hub_id": "P", "name": "Plant", "address": "1 rue A, Grenoble", "country": "FR",
        "latitude_deg": 45.19, "longitude_deg": 5.72,
    }  # fmt: skip
    truck = {
        "kind_id": "7.5 t", "n_available": 1, "capacity_kg": 3000.0, "n_places": 12,
        "day_eur": 330.0, "cost_eur_per_km": 1.05,
    }  # fmt: skip
    unapproved = site | {"pickup_id": "S2", "condition": "critical"}
    body = {"pickups": [site, unapproved], "hubs": [hub], "fleet": [truck]}
    plan = ask(server, "collect", body).json()
    (document,) = plan["documents"].values()
    assert "UN 3480 WASTE LITHIUM ION BATTERIES" in document["lines"][0]["description"]
    assert [refusal["subject"] for refusal in plan["refused"]] == ["S2"]
    many = [site | {"pickup_id": f"S{k}"} for k in range(50)]
    answer = ask(server, "collect", body | {"pickups": many, "is_bounded": True})
    assert answer.status_code == 422
    assert "--bound" in answer.json()["next_step"]


def test_a_storage_is_sized_from_graded_modules_with_its_worth(server):
    modules = [
        {"module_id": f"M{k}", "chemistry": "LFP", "energy_kwh": 2.0, "soh_frac": 0.8,
         "soh_low_frac": 0.77, "soh_high_frac": 0.83}
        for k in range(4)
    ]  # fmt: skip
    body = {
        "use": "self-consumption", "modules": modules, "price_eur_per_kwh": [0.1, 0.3] * 336,
        "load_kw": [5.0] * 672, "pv_kw": [8.0, 0.0] * 336,
    }  # fmt: skip
    design = ask(server, "repurpose", body).json()["designs"][0]
    worth = design["worth"]["npv_eur"]
    assert worth["low"] <= worth["value"] <= worth["high"]
    answer = ask(server, "repurpose", body | {"load_kw": [5.0] * 700})
    assert answer.status_code == 422
    assert answer.json()["subject"] == "series"


def test_packs_are_followed_into_new_batteries_and_a_bad_one_is_refused(server):
    packs = [
        {"battery_id": "R-1", "chemistry": "NMC622", "mass_kg": 420.0},
        {"battery_id": "R-2", "chemistry": "NMC622"},
    ]
    body = {"packs": packs, "new": [{"chemistry": "NMC622", "energy_kwh": 60.0, "n": 2}]}
    loop = ask(server, "trace", body).json()
    assert [refusal["subject"] for refusal in loop["refused"]] == ["R-2"]
    assert len(loop["made"]["batteries"]) == 2
    assert loop["worst_gap_frac"] < 1e-9


def test_returns_come_with_a_band(server):
    sale = {"region": "EMEA", "application": "car", "chemistry": "LFP", "year": 2018, "mass_t": 1e3}
    lives = [
        {"application": "car", "chemistry": "LFP", "age_years": 6 + 0.5 * k, "is_ended": True}
        for k in range(12)
    ]
    body = {"sales": [sale], "lives": lives, "last_year": 2030, "n_draws": 50}
    report = ask(server, "returns", body).json()
    assert [row["year"] for row in report["forecast"]["total"]] == [2026, 2027, 2028, 2029, 2030]
    assert all(row["low"] <= row["value"] <= row["high"] for row in report["forecast"]["total"])
    assert report["plan"] is None


def test_a_ledger_is_accounted_for(server):
    entry = {
        "entry_id": "E1", "kind": "placed", "party_id": "depot", "country": "FR",
        "category": "portable", "happened_on": "2026-01-31", "mass_kg": 10.0,
    }  # fmt: skip
    report = ask(server, "responsibility", {"entries": [entry, entry], "on": "2029-03-01"}).json()
    assert report["n_entries"] == 1
    assert report["refused"][0]["found"] == "comes twice"


@pytest.mark.parametrize(
    ("deed", "body"),
    [
        ("recycle", {"feed_t": {}}),
        ("recycle", {"feed_t": {"LFP": -1.0}}),
        ("recycle", {"feed_t": {"LFP": 1.0}, "on": ["31.12.2027"]}),
        ("recycle", {"feed_t": {"LFP": 1.0}, "colour": "red"}),
        ("returns", {"sales": [], "lives": []}),
    ],
)
def test_what_is_out_of_bounds_is_said(server, deed, body):
    answer = ask(server, deed, body)
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_an_unknown_chemistry_gets_the_nearest_names(server):
    answer = ask(server, "recycle", {"feed_t": {"NMC6222": 1.0}})
    assert answer.status_code == 404
    assert "NMC622" in answer.text


def test_a_server_that_is_busy_says_so_and_a_turn_comes_free_again(server):
    turns = server.house.turns
    turns._wait_s, waited = 0.05, turns._wait_s
    body = {"feed_t": {"LFP": 1.0}, "is_improved": False}
    try:
        with turns.take("one"), turns.take("two"):
            answer = ask(server, "recycle", body)
            with pytest.raises(RateExceeded, match="works on others"), turns.take("three"):
                pass
    finally:
        turns._wait_s = waited
    assert answer.status_code == 429
    assert answer.headers["Retry-After"]
    assert ask(server, "recycle", body).status_code == 200


def test_the_public_may_not_and_an_authority_may(server):
    body = {"feed_t": {"LFP": 1.0}, "is_improved": False}
    assert server.client().post(f"{ROOM}/recycle", json=body).status_code == 401
    assert ask(server, "recycle", body, who="legitimate-interest").status_code == 403
    assert ask(server, "recycle", body, who="authority").status_code == 200
