from datetime import UTC, date, datetime

import pytest

from batteryloop.errors import NotKnown, ValueOutOfRange
from batteryloop.evaluation.inputs import ROLES, InvolvedParty
from batteryloop.evaluation.responsibility import obligations, responsibility
from batteryloop.record.categories import Category

TODAY = date(2026, 11, 25)
MAKER = InvolvedParty("producer", "Cell Works", "DE")


def duties(category=Category.ELECTRIC_VEHICLE, country="DE", on=TODAY, parties=(MAKER,)):
    return {d.name: d for d in responsibility(parties, category, country, on).duties}


def test_every_obligation_is_dated_sourced_and_addressed():
    known = {c.value for c in Category} | {"*"}
    for row in obligations():
        assert row.article
        assert row.source
        assert row.trust in {"read", "excerpt", "memory"}
        assert row.addressee in ROLES
        assert set(row.categories) <= known
        assert row.until_on is None or row.until_on > row.from_on
    assert len({row.name for row in obligations()}) == len(obligations())


def test_the_passport_is_ahead_until_its_day_and_in_force_on_it():
    assert duties()["eu-passport"].state == "ahead"
    assert duties(on=date(2027, 2, 18))["eu-passport"].state == "in force"
    assert duties(country="CN", on=TODAY)["cn-upload-service"].state == "ended"


def test_german_law_is_asked_in_germany_and_chinese_in_china():
    assert "de-distributor" in duties(country="DE")
    assert "de-distributor" not in duties(country="FR")
    assert "eu-take-back" in duties(country="FR")
    assert {d.jurisdiction for d in duties(country="CN").values()} == {"CN"}


def test_the_category_decides():
    assert "eu-take-back-light" in duties(Category.LIGHT_TRANSPORT)
    assert "eu-take-back" not in duties(Category.LIGHT_TRANSPORT)
    assert "eu-passport" not in duties(Category.STARTER)


def test_after_repurposing_the_latest_producer_answers():
    second = InvolvedParty(
        "producer", "Second Life", "NL", since_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    first = InvolvedParty("producer", "Cell Works", "DE", since_at=datetime(2019, 1, 1, tzinfo=UTC))
    told = responsibility([second, first], Category.STATIONARY_STORAGE, "DE", TODAY)
    assert told.producer == second
    assert told.take_back.startswith("Second Life (NL) takes it back")


def test_nobody_named_is_said_and_guessed_by_nobody():
    told = responsibility([], Category.ELECTRIC_VEHICLE, "DE", TODAY)
    assert told.producer is None
    assert told.take_back.startswith("its producer, who is not named")
    assert any("no producer is named" in note for note in told.notes)
    assert responsibility([MAKER], None, "DE", TODAY).duties == ()
    nowhere = responsibility([MAKER], Category.ELECTRIC_VEHICLE, None, TODAY)
    assert "no country is given" in nowhere.notes[-1]


def test_where_the_battery_is_follows_from_its_holder():
    holder = InvolvedParty("holder", "Depot", "CN")
    assert responsibility([MAKER, holder], Category.ELECTRIC_VEHICLE, None, TODAY).country == "CN"


def test_a_country_without_rows_is_said():
    told = responsibility([MAKER], Category.ELECTRIC_VEHICLE, "BR", TODAY)
    assert "no obligation of BR" in told.notes[-1]


def test_a_role_or_a_country_that_cannot_be_is_refused():
    with pytest.raises(NotKnown, match="producer"):
        InvolvedParty("producr", "A", "DE")
    with pytest.raises(ValueOutOfRange, match="two capital letters"):
        InvolvedParty("producer", "A", "Germany")
