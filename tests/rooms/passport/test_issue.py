"""A passport from a description and an evaluation."""

from datetime import UTC, datetime, timedelta

import pytest

from batteryloop.errors import ColumnMissing
from batteryloop.usecases.issue_passport import issue_passport

NOW = datetime(2026, 11, 25, tzinfo=UTC)
BARE = {"attributes": {"battery_id": "urn:b:1", "rated_capacity_ah": 33.1}, "originator": "maker"}
MEASURED = {
    "remaining_capacity_ah": {
        "attribute": "remaining_capacity_ah", "unit": "Ah", "value": 32.1, "low": 31.9,
        "high": 32.3, "confidence_frac": 0.9, "determined_at": "2026-11-20T00:00:00Z",
        "measured_from_at": "2026-11-01T00:00:00Z", "measured_until_at": "2026-11-19T00:00:00Z",
        "originator": "laboratory", "method": "full discharge v1",
        "provenance": "unified evaluation", "reason": "", "is_simulated": False,
    },
    "soce_frac": {"value": None, "reason": "no energy certified"},
    "n_deep_discharges": {"value": 0, "low": 0.2, "high": 0.4},
}  # fmt: skip


def _issue(description=BARE, **changes):
    return issue_passport(description, passport_id="urn:p:1", now=NOW, **changes)


def test_what_nobody_told_stands_there_as_unknown():
    passport = _issue().latest
    assert passport.attributes["mass_kg"].reason == "not given to the issuer"
    assert passport.attributes["rated_capacity_ah"].originator == "maker"
    assert passport.value("status") == "original"


def test_an_evaluation_brings_interval_date_originator_and_method():
    found = _issue(evaluation={"passport_values": MEASURED}).latest.attributes
    capacity = found["remaining_capacity_ah"]
    assert (capacity.low, capacity.value, capacity.high) == (31.9, 32.1, 32.3)
    assert capacity.originator == "laboratory"
    assert capacity.provenance == "unified evaluation of data from 2026-11-01 to 2026-11-19"
    assert found["soce_frac"].reason == "no energy certified"
    assert found["n_deep_discharges"].value == 0


def test_a_list_of_values_serves_as_well():
    entries = [{"attribute": name, **entry} for name, entry in MEASURED.items()]
    as_list = _issue(evaluation={"passport_values": entries})
    assert as_list == _issue(evaluation=MEASURED)


def test_an_evaluation_overrules_only_with_what_it_knows():
    told = {"attributes": {**BARE["attributes"], "soce_frac": 0.9, "remaining_capacity_ah": 30.0}}
    passport = _issue(told, evaluation=MEASURED).latest
    assert passport.value("soce_frac") == 0.9
    assert passport.value("remaining_capacity_ah") == 32.1


def test_a_simulated_evaluation_makes_a_simulated_passport():
    simulated = {"soc_frac": {"value": 0.5, "is_simulated": True}}
    assert _issue(evaluation=simulated).latest.is_simulated


def test_a_new_evaluation_is_a_new_version_of_the_same_passport():
    first = _issue()
    second = issue_passport(
        {}, passport_id="urn:other", now=NOW + timedelta(days=1), evaluation=MEASURED,
        previous=first,
    )  # fmt: skip
    assert second.latest.passport_id == "urn:p:1"
    assert second.latest.version == 2
    assert second.versions[0] == first.latest


def test_a_description_of_nothing_is_refused():
    with pytest.raises(ColumnMissing, match="attributes"):
        _issue({})
