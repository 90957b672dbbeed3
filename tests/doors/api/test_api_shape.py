"""Every error has one shape, every answer its headers."""

import pytest

from batteryloop.api.doorway import Doorway

PROBLEM = {
    "type",
    "title",
    "status",
    "detail",
    "instance",
    "code",
    "subject",
    "found",
    "allowed",
    "next_step",
    "errors",
}


def problem(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert set(document) == PROBLEM
    assert document["status"] == status
    assert document["code"] == code
    assert document["subject"]
    assert document["found"]
    return document


def test_an_unknown_address_is_a_problem(server):
    problem(server.client().get("/api/v1/nothing"), 404, "not-known")


def test_a_method_that_is_not_answered_is_a_problem_that_names_those_that_are(server):
    answer = server.client("operator").post("/api/v1/record/batteries")
    problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET"


def test_a_wrong_field_is_named_with_what_is_wrong(server):
    answer = server.client("operator").get("/api/v1/record/batteries?n_most=0&severity_min=9")
    document = problem(answer, 422, "input-wrong")
    assert {e["where"] for e in document["errors"]} == {"query.n_most", "query.severity_min"}


def test_a_body_that_is_no_json_is_a_problem(server):
    answer = server.client("operator").post(
        "/api/v1/record/events", content=b"[{", headers={"content-type": "application/json"}
    )
    problem(answer, 400, "input-wrong")


def test_a_body_that_is_too_large_is_a_problem(server):
    answer = server.client("operator").post(
        "/api/v1/record/events", content=b" " * 17_000_000,
        headers={"content-type": "application/json"},
    )  # fmt: skip
    problem(answer, 413, "body-too-large")


def test_what_the_record_forbids_is_a_problem(server):
    event = {
        "kind": "made", "happened_at": "2026-03-01T00:00:00Z", "party_id": "depot",
        "details": {"battery": {"application": "car"}},
    }  # fmt: skip
    answer = server.client("operator").post("/api/v1/record/batteries/BAT-depot/events", json=event)
    problem(answer, 409, "record-says-no")


def test_a_fault_of_ours_is_a_problem_with_a_number_and_no_trace(own_server, caplog):
    own_server.house.record.stage_counts = lambda _: 1 / 0
    answer = own_server.client("operator").get("/api/v1/record/stages")
    document = problem(answer, 500, "our-fault")
    assert answer.headers["x-request-id"] in document["instance"]
    assert "ZeroDivision" in document["found"]
    assert "Traceback" not in answer.text
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("path", ["/api/v1/health", "/api/v1/nothing", "/api/v1/record/batteries"])
def test_every_answer_keeps_browsers_safe(server, path):
    headers = server.client().get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


def test_over_https_browsers_are_told_to_stay_there():
    doorway = Doorway(lambda *_: None, is_https=True, n_body_bytes_most=1)
    assert b"strict-transport-security" in dict(doorway._headers)
