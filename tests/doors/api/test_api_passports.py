"""Passports over the interface: shown by the lattice, versioned, signed, and refused if altered."""

import pytest

DEPOT, RIVAL = "urn:passport:depot", "urn:passport:rival"


def seen(server, who, passport_id=DEPOT):
    answer = server.client(who).get(f"/api/v1/passports/{passport_id}")
    assert answer.status_code == 200, answer.text
    return set(answer.json()["attributes"])


# mass is of point 1, safety measures of point 2, test reports of point 3, SOCE of point 4.
@pytest.mark.parametrize(
    ("who", "passport_id", "sees"),
    [
        (None, DEPOT, {"mass_kg"}),
        ("legitimate-interest", DEPOT, {"mass_kg", "safety_measures", "soce_frac"}),
        ("authority", DEPOT, {"mass_kg", "safety_measures", "test_reports"}),
        ("operator", DEPOT, {"mass_kg", "safety_measures", "test_reports", "soce_frac"}),
        ("operator", RIVAL, {"mass_kg"}),
        ("service", RIVAL, {"mass_kg"}),
        ("legitimate-interest", RIVAL, {"mass_kg", "safety_measures", "soce_frac"}),
    ],
)
def test_each_sees_what_the_lattice_says(server, who, passport_id, sees):
    points = {"mass_kg", "safety_measures", "test_reports", "soce_frac"}
    assert seen(server, who, passport_id) & points == sees


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/dpps/{DEPOT}",
        "/v1/dppsByProductId/BAT-depot",
        f"/v1/dppsByIdAndDate/{DEPOT}?date=2026-03-01T00:00:00Z",
        f"/api/v1/passports/{DEPOT}/exports/untp",
        f"/api/v1/passports/{DEPOT}/exports/batterypass",
    ],
)
def test_no_way_round_shows_the_public_more(server, path):
    text = server.client().get(path).text
    assert "report.pdf" not in text
    assert "0.91" not in text


def test_an_element_that_may_not_be_seen_is_as_unknown_as_one_that_is_not_there(server):
    def element(who, name):
        return server.client(who).get(f"/v1/dpps/{DEPOT}/elements/{name}")

    assert element(None, "mass_kg.value").json() == 300
    assert element(None, "soce_frac").status_code == 404
    assert element(None, "nothing").status_code == 404
    assert element("operator", "soce_frac.value").json() == 0.91


def test_a_public_read_leaves_no_trace_and_a_restricted_one_does(own_server):
    own_server.client().get(f"/v1/dpps/{DEPOT}")
    own_server.client("operator").get(f"/v1/dpps/{RIVAL}")
    assert own_server.client("admin").get("/api/v1/readings").json() == []
    own_server.client("authority").get("/v1/dppsByProductId/BAT-rival")
    own_server.client("legitimate-interest").get(f"/v1/dpps/{DEPOT}")
    second, first = own_server.client("admin").get("/api/v1/readings").json()
    assert (first["role"], first["battery_id"]) == ("authority", "BAT-rival")
    assert (second["role"], second["battery_id"]) == ("legitimate-interest", "BAT-depot")


def test_a_patch_makes_the_next_version_and_the_old_is_still_there(own_server):
    from datetime import timedelta

    client = own_server.client("operator")
    own_server.clock.at += timedelta(days=1)
    patched = client.patch(f"/v1/dpps/{DEPOT}", json={"attributes": {"mass_kg": {"value": 310}}})
    assert patched.status_code == 200, patched.text
    assert patched.json()["version"] == 2
    own_server.clock.at += timedelta(days=1)
    assert client.patch(f"/v1/dpps/{DEPOT}/elements/mass_kg.value", json=320).json()["version"] == 3
    versions = client.get(f"/api/v1/passports/{DEPOT}/versions").json()
    assert [v["version"] for v in versions] == [1, 2, 3]

    def mass(date):
        found = client.get(f"/v1/dppsByIdAndDate/{DEPOT}", params={"date": date})
        return found.json()["attributes"]["mass_kg"]["value"]

    assert mass("2026-03-01T12:00:00Z") == 300
    assert mass("2026-03-02T12:00:00Z") == 310
    assert mass("2026-03-09T12:00:00Z") == 320
    before = client.get(f"/v1/dppsByIdAndDate/{DEPOT}", params={"date": "2020-01-01T00:00:00Z"})
    assert before.status_code == 409


@pytest.mark.parametrize(
    "patch",
    [{}, {"version": 7}, {"attributes": {"mass_kg": None}}, {"attributes": {"nonsense": 1}}],
)
def test_a_patch_that_cannot_be_is_refused(server, patch):
    answer = server.client("operator").patch(f"/v1/dpps/{DEPOT}", json=patch)
    assert answer.status_code in {404, 422}


def test_a_passport_is_signed_verified_and_refused_once_altered_or_revoked(own_server):
    client, anybody = own_server.client("operator"), own_server.client()
    address = f"/api/v1/passports/{DEPOT}"
    assert anybody.get(f"{address}/credential").status_code == 404
    signed = client.post(f"{address}/credential", json={"view": "public"})
    assert signed.status_code == 201, signed.text
    kept = anybody.get(f"{address}/credential").json()
    assert kept == signed.json()
    passport = anybody.get(address).json()

    def verdict(document, token=kept["credential"]):
        sent = {"credential": token, "passport": document}
        return anybody.post("/api/v1/verifications", json=sent).json()

    assert verdict(passport)["is_valid"], verdict(passport)
    altered = {**passport, "attributes": {**passport["attributes"], "mass_kg": {"value": 299}}}
    assert verdict(altered)["flaw"] == "passport-altered"
    head, body, tail = kept["credential"].split(".")
    forged = ".".join([head, body, ("A" if tail[0] != "A" else "B") + tail[1:]])
    assert verdict(passport, forged)["flaw"] == "signature-wrong"
    revoked = client.post(
        f"{address}/revocation",
        json={"credential_id": kept["credential_id"], "reason": "wrong capacity"},
    )
    assert revoked.status_code == 204, revoked.text
    said = verdict(passport)
    assert said["flaw"] == "revoked"
    assert "wrong capacity" in said["reason"]


def test_verifiers_are_given_keys_and_status_list_without_a_token(server):
    keys = server.client().get("/api/v1/issuer/keys").json()
    assert keys["keys"][0]["kty"] == "OKP"
    assert all("d" not in key for key in keys["keys"])
    answer = server.client().get("/api/v1/issuer/status-list")
    assert answer.headers["content-type"] == "application/vc+jwt"
    assert answer.text.count(".") == 2


@pytest.mark.parametrize("symbology", ["qr", "datamatrix"])
def test_the_code_is_a_drawing(server, symbology):
    answer = server.client().get(f"/api/v1/passports/{DEPOT}/code.svg?symbology={symbology}")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "<svg" in answer.text


def test_the_label_is_a_page_that_runs_no_script(server):
    answer = server.client().get(f"/api/v1/passports/{DEPOT}/label")
    assert answer.status_code == 200, answer.text
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text


def test_a_validation_names_what_is_lacking(server):
    found = server.client("operator").get(f"/api/v1/passports/{DEPOT}/validation").json()
    assert found


def test_a_loss_report_comes_with_every_export(server):
    found = server.client("operator").get(f"/api/v1/passports/{DEPOT}/exports/untp").json()
    assert set(found) == {"document", "loss"}
    assert found["loss"]["losses"]


def test_several_products_are_asked_for_at_once(server):
    asked = {"productIds": ["BAT-depot", "BAT-none", "BAT-rival"]}
    found = server.client().post("/v1/dppsByProductIds", json=asked).json()
    assert [dpp["uniqueProductIdentifier"] for dpp in found["dpps"]] == ["BAT-depot", "BAT-rival"]
    assert found["unknown"] == ["BAT-none"]
