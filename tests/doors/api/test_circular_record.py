"""The circular pages of a record that has decisions, lives and second lives of its own."""

from datetime import timedelta

import pytest

from batteryloop.record import EventKind, LifeEvent
from batteryloop.web.app import mount

WHY = "PACK-0 goes to recycle at Grenoble: worth -120 EUR after transport."


def life(name, organisation, start, *, n_days=3000, route="recycle"):
    """Return a battery's life from its making to a decision, so many days later."""
    made = {
        "application": "car", "chemistry": "LFP", "mass_kg": 400.0, "rated_energy_wh": 50e3,
        "is_simulated": True,
    }  # fmt: skip
    decided = {
        "route": route, "facility": "Grenoble", "value_eur": -120.0, "value_low_eur": -300.0,
        "value_high_eur": 10.0, "words": WHY if name == "PACK-0" else "because",
        "changes": ["price of recycle -1: at 2 it would be repurpose"],
    }  # fmt: skip
    then = start - timedelta(days=n_days)
    told = [
        (EventKind.MADE, then, {"battery": made}),
        (EventKind.PLACED_ON_MARKET, then, {"country": "FR"}),
        (EventKind.IN_SERVICE, then, {}),
        (EventKind.COLLECTED, start - timedelta(days=9), {}),
        (EventKind.TRIAGED, start - timedelta(days=8), decided),
        (EventKind.RECYCLED, start - timedelta(days=7), {}),
    ]
    return [
        LifeEvent(f"{name}-{k}", name, kind, at, organisation, details)
        for k, (kind, at, details) in enumerate(told)
    ]


@pytest.fixture
def desk(own_server):
    """Return a server with a dozen recycled packs of one organisation and one of another."""
    mount(own_server.app)
    record, start = own_server.house.record, own_server.clock.at
    events = [
        e for k in range(12) for e in life(f"PACK-{k}", "depot", start, n_days=2000 + 150 * k)
    ]
    events += life("FOREIGN", "rival", start)
    record.append(events, recorded_by="test", recorded_at=start)
    return own_server


def test_the_board_is_of_what_was_decided_and_only_of_ones_own(desk):
    shown = desk.client("operator").get("/circular").text
    assert "As decided on record." in shown
    assert "PACK-0" in shown
    assert "FOREIGN" not in shown
    assert "-1,440 (-3,600–120)" in shown
    assert "FOREIGN" in desk.client("authority").get("/circular").text


def test_a_packs_page_says_what_its_life_says(desk):
    client = desk.client("operator")
    shown = client.get("/circular/packs/PACK-0").text
    assert WHY in shown
    assert "at 2 it would be repurpose" in shown
    assert client.get("/circular/packs/FOREIGN").status_code == 404


def test_a_simulated_desk_can_still_be_seen(desk):
    shown = desk.client("operator").get("/circular?case=simulated").text
    assert "SIM-R-" in shown
    assert "Show what the record says" in shown


def test_the_plant_is_fed_what_was_recycled(desk):
    shown = desk.client("operator").get("/circular/plant").text
    assert 'name="feed_LFP" min="0" max="10000000" step="any" value="4.8"' in shown


def test_returns_are_forecast_from_the_lives_on_record(desk):
    shown = desk.client("operator").get("/circular/returns").text
    assert "From 12 lives on record, 12 of them ended." in shown


def test_every_look_at_the_board_is_kept(desk):
    before = len(desk.house.accounts.readings(n_most=1000))
    desk.client("operator").get("/circular")
    assert len(desk.house.accounts.readings(n_most=1000)) == before + 1


def test_who_has_no_fleet_is_not_shown_the_circular_pages(desk):
    for path in ("/circular", "/circular/plant", "/circular/tours"):
        assert desk.client("legitimate-interest").get(path).status_code == 403
        assert desk.client().get(path).status_code == 303
