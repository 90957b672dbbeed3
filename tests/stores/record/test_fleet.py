"""Lists of the fleet, on both databases, against the same list made the plain way."""

import random
from dataclasses import replace

import pytest

from batteryloop.errors import ValueOutOfRange
from batteryloop.record import FleetOrder, FleetQuery, Stage
from batteryloop.storage.records import fleet as fleet_module

_N = 60


@pytest.fixture
def fleet(record, keep, made, happened):
    """Keep many batteries that differ in all that a list asks for."""
    rng = random.Random(3)
    events = []
    for n in range(_N):
        name, holder = f"b{n:03d}" if n % 2 else f"B{n:03d}", f"op{rng.randrange(4)}"
        events.append(
            made(
                name, by="maker", application=rng.choice(["car", "bus", "ship"]),
                chemistry=rng.choice(["LFP", "NMC622", None]), model=f"Type-{n % 3} long",
            )
        )  # fmt: skip
        country = rng.choice(["DE", "CN"])
        events.append(happened("in-service", name, day=1, holder_id=holder, country=country))
        if rng.random() < 0.7:
            soh = rng.choice([0.6, 0.7, 0.8, round(rng.uniform(0.5, 1), 3)])
            events.append(happened("evaluated", name, day=2 + n % 5, soh_frac=soh))
        if rng.random() < 0.4:
            events.append(happened("warned", name, day=20, severity=rng.randrange(5)))
    keep(*events)
    return _all(record, FleetQuery())


def _all(record, query):
    found = []
    while True:
        page = record.batteries(query)
        found += page.batteries
        if page.next_after is None:
            return found
        query = replace(query, after=page.next_after)


_QUERIES = [
    {},
    {"stage": Stage.CARE},
    {"application": "ship", "country": "DE"},
    {"chemistry": "LFP", "soh_below_frac": 0.75},
    {"severity_min": 2},
    {"words": "type 2"},
    {"words": "b01"},
    {"organisation_ids": frozenset({"op1"})},
    {"organisation_ids": frozenset({"op1", "op2"}), "stage": Stage.USE},
    {"organisation_ids": frozenset({"maker"})},
    {"organisation_ids": frozenset()},
    {"country": "XX"},
]


def _fits(state, query):
    words = [state.battery.battery_id.lower(), *state.battery.model.lower().split()]
    words += [part for word in list(words) for part in word.split("-")]
    holds = {
        "stage": lambda v: state.stage is v,
        "application": lambda v: state.battery.application == v,
        "country": lambda v: state.country == v,
        "chemistry": lambda v: state.battery.chemistry == v,
        "soh_below_frac": lambda v: state.soh_frac is not None and state.soh_frac < v,
        "severity_min": lambda v: state.severity >= v,
        "words": lambda v: all(any(w.startswith(x) for w in words) for x in v.split()),
        "organisation_ids": lambda v: {state.holder_id, state.responsible_id} & v,
    }
    return all(holds[name](value) for name, value in query.items())


_KEYS = {
    FleetOrder.BATTERY_ID: lambda s: s.battery.battery_id,
    FleetOrder.SOH: lambda s: (9 if s.soh_frac is None else s.soh_frac, s.battery.battery_id),
    FleetOrder.SEVERITY: lambda s: (s.severity, s.battery.battery_id),
    FleetOrder.LAST_EVENT: lambda s: (s.last_event_at, s.battery.battery_id),
}


@pytest.mark.parametrize("few", [2_000, 3], ids=["looked-up", "walked"])
def test_pages_give_just_what_was_asked_for_in_order(record, fleet, monkeypatch, few):
    """Every filter under every order, both ways, page by page, nothing twice and nothing left."""
    monkeypatch.setattr(fleet_module, "FEW", few)
    for asked in _QUERIES:
        for order, key in _KEYS.items():
            for down in (False, True):
                query = FleetQuery(**asked, order=order, is_descending=down, n_most=7)
                found = _all(record, query)
                wanted = [state for state in fleet if _fits(state, asked)]
                assert found == sorted(wanted, key=key, reverse=down), (asked, order, down)
                assert record.batteries(query).n_total == len(wanted)


def test_lean_rows_say_the_same_as_states(record, fleet):
    lean = record.fleet_rows(FleetQuery(n_most=_N)).batteries
    assert [row.battery_id for row in lean] == [state.battery.battery_id for state in fleet]
    for row, state in zip(lean, fleet, strict=True):
        assert (row.stage, row.soh_frac, row.severity) == (
            state.stage, state.soh_frac, state.severity,
        )  # fmt: skip
        assert row.is_ended is False
        assert row.last_event_at.startswith(f"{state.last_event_at:%Y-%m-%dT%H:%M:%S}")


def test_counts_follow_every_entry(record, fleet, keep, happened):
    assert sum(record.stage_counts().values()) == _N
    before = record.batteries(FleetQuery(stage=Stage.DECIDE)).n_total
    country = FleetQuery(country="DE", application="car")
    assert record.batteries(country).n_total == sum(
        s.country == "DE" and s.battery.application == "car" for s in fleet
    )
    keep(happened("removed", "B000", day=50), happened("in-service", "B002", day=50, country="FR"))
    assert record.batteries(FleetQuery(stage=Stage.DECIDE)).n_total == before + 1
    assert record.stage_counts()[Stage.DECIDE] == 1
    assert record.batteries(FleetQuery(country="FR")).n_total == 1
    holder = record.battery("B000").holder_id
    mine = sum(holder == s.holder_id for s in fleet)
    assert sum(record.stage_counts(frozenset({holder})).values()) == mine


@pytest.mark.parametrize("place", ["nonsense", "WzEsMl0", "WyJhIiwgMV0", "e30", "W10", "ü"])
def test_a_place_that_is_none_is_refused(record, fleet, place):
    with pytest.raises(ValueOutOfRange, match="none of this order"):
        record.batteries(FleetQuery(after=place))


def test_a_page_has_its_bounds(record, fleet):
    for n_most in (0, 1001):
        with pytest.raises(ValueOutOfRange, match="1 to 1000"):
            record.batteries(FleetQuery(n_most=n_most))
