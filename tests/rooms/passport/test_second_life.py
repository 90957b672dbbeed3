"""Status, lineage, versions: what may follow what, and what moves with it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.errors import RecordSaysNo
from batteryloop.passport.eu.remanufacture import Criterion, RemanufactureTest, Verdict
from batteryloop.passport.history import History, changed_names, history_document, history_from
from batteryloop.passport.issue import new_passport, updated_passport
from batteryloop.passport.lineage import begin_second_life
from batteryloop.passport.status import Status, declare_waste, recycle, rule_between, status_rules
from batteryloop.passport.types import Attribute

OPERATOR = Attribute("operator", {"name": "Second Store", "country": "DE"})


def _pack(number, now, status="original"):
    said = [
        Attribute("battery_id", f"urn:pack:{number}"),
        Attribute("status", status),
        Attribute("operator", {"name": f"Fleet {number}"}),
    ]
    return new_passport(f"urn:passport:{number}", said, now=now)


@pytest.fixture
def now(full):
    return full.issued_at


def _store(originals, at, **changes):
    wanted = {
        "passport_id": "urn:passport:store",
        "status": Status.REPURPOSED,
        "operator": OPERATOR,
        "now": at + timedelta(days=1),
    }
    identity = [Attribute("battery_id", "urn:store:1"), Attribute("category", "stationary-storage")]
    return begin_second_life(originals, identity, **(wanted | changes))


def test_twelve_modules_of_three_packs_become_one_store(now):
    packs = [(_pack(i, now), [f"P{i}-M{m}" for m in range(4)]) for i in range(3)]
    life = _store(packs, now)
    assert [link.passport_id for link in life.passport.originals] == [
        f"urn:passport:{i}" for i in range(3)
    ]
    assert sum(len(link.serials) for link in life.passport.originals) == 12
    assert life.passport.version == 1
    assert life.passport.value("status") == "repurposed"
    for original in life.originals:
        assert original.version == 2
        assert original.successors[0].passport_id == "urn:passport:store"
        assert original.ceased_at is None


def test_responsibility_moves_in_the_same_event(now):
    life = _store([(_pack(1, now), []), (_pack(2, now), [])], now)
    assert {move.moved_at for move in life.moves} == {life.passport.issued_at}
    assert [move.from_operator["name"] for move in life.moves] == ["Fleet 1", "Fleet 2"]
    assert {move.to_operator["name"] for move in life.moves} == {"Second Store"}


def test_nothing_is_inherited_from_the_originals(now):
    life = _store([(_pack(1, now), [])], now)
    assert life.passport.battery_id == "urn:store:1"
    assert life.passport.value("operator") == OPERATOR.value


def test_one_pack_may_go_into_two_stores_but_no_part_twice(now):
    first = _store([(_pack(1, now), ["M1", "M2"])], now)
    (rest,) = first.originals
    second = _store(
        [(rest, ["M3"])], now, passport_id="urn:passport:other", now=now + timedelta(days=2)
    )
    assert len(second.originals[0].successors) == 2
    with pytest.raises(RecordSaysNo, match="M2 went into urn:passport:store already"):
        _store([(rest, ["M2"])], now, passport_id="urn:passport:other")
    with pytest.raises(RecordSaysNo, match="the whole battery or part of it"):
        _store([(rest, [])], now, passport_id="urn:passport:other")


def test_remanufactured_needs_a_test_that_is_met(now):
    with pytest.raises(RecordSaysNo, match="was not tested"):
        _store([(_pack(1, now), [])], now, status=Status.REMANUFACTURED)
    for verdict in (Verdict.OPEN, Verdict.NOT_MET):
        test = RemanufactureTest((Criterion("capacity", verdict, "too little is known"),))
        with pytest.raises(RecordSaysNo, match="too little is known"):
            _store([(_pack(1, now), [])], now, status=Status.REMANUFACTURED, test=test)
    met = RemanufactureTest((Criterion("capacity", Verdict.MET, ""),))
    life = _store([(_pack(1, now), [])], now, status=Status.REMANUFACTURED, test=met)
    assert life.passport.value("status") == "remanufactured"


def test_a_name_is_never_given_twice(now):
    pack = _pack(1, now)
    with pytest.raises(RecordSaysNo, match="the name of an original"):
        _store([(pack, [])], now, passport_id=pack.passport_id)
    with pytest.raises(RecordSaysNo, match="named twice"):
        _store([(pack, ["M1"]), (pack, ["M2"])], now)


def test_recycling_ends_the_passport_and_only_waste_is_recycled(now):
    pack = _pack(1, now)
    with pytest.raises(RecordSaysNo, match="cannot become recycled"):
        recycle(pack, now=now)
    waste = declare_waste(pack, operator=OPERATOR, now=now + timedelta(days=1))
    assert waste.value("status") == "waste"
    assert waste.value("operator") == OPERATOR.value
    gone = recycle(waste, now=now + timedelta(days=2))
    assert gone.ceased_at == gone.issued_at
    with pytest.raises(RecordSaysNo, match="ceased"):
        _store([(gone, [])], now, now=now + timedelta(days=3))
    with pytest.raises(RecordSaysNo, match="has ceased"):
        History((pack, waste, gone)).followed_by(waste)


@given(st.sampled_from(list(Status)), st.sampled_from(list(Status)))
def test_every_second_life_is_a_new_passport_and_waste_never_is(before, after):
    try:
        rule = rule_between(before, after)
    except RecordSaysNo:
        assert after is Status.ORIGINAL or before is after is Status.WASTE
        return
    assert rule.is_new_passport == (after is not Status.WASTE)
    assert rule.does_responsibility_move


def test_nothing_becomes_original_again():
    assert not [rule for rule in status_rules() if rule.after is Status.ORIGINAL]


def test_the_version_of_a_day_is_the_one_that_held_then(full):
    later = updated_passport(
        full, [Attribute("soc_frac", 0.3)], now=full.issued_at + timedelta(days=10)
    )
    history = History((full, later))
    assert history.at(full.issued_at + timedelta(days=9)) == full
    assert history.at(full.issued_at + timedelta(days=10)) == later
    assert changed_names(full, later) == ["soc_frac"]
    with pytest.raises(RecordSaysNo, match="not yet issued"):
        history.at(full.issued_at - timedelta(seconds=1))
    assert history_from(history_document(history)) == history


def test_versions_count_up_in_time(full):
    later = updated_passport(full, [], now=full.issued_at + timedelta(days=1))
    for wrong in ((later, full), (full, full)):
        with pytest.raises(RecordSaysNo, match="count up"):
            History(wrong)
    with pytest.raises(RecordSaysNo):
        updated_passport(full, [], now=full.issued_at - timedelta(days=1))


def test_a_known_value_is_not_overruled_by_an_unknown_one(full):
    lost = Attribute("soce_frac", None, reason="no discharge reaches the end")
    later = updated_passport(full, [lost], now=full.issued_at)
    assert later.attributes["soce_frac"] == full.attributes["soce_frac"]
