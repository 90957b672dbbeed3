"""The catalogue of attributes, a single attribute, and a passport as a document."""

import json
from datetime import UTC, datetime

import pytest

from batteryloop.errors import FileDamaged, NotKnown, UnitUnknown, ValueOutOfRange
from batteryloop.passport.catalogue import checked_value, definitions
from batteryloop.passport.document import attribute_from, passport_document, passport_from
from batteryloop.passport.types import Attribute


def test_the_full_passport_knows_every_attribute_of_the_catalogue(full):
    assert {name for name, a in full.attributes.items() if a.is_known} == set(definitions())


def test_every_attribute_says_where_it_comes_from_and_who_may_see_it():
    for known in definitions().values():
        assert known.source, known.name
        assert known.meaning, known.name
        assert known.point in {1, 2, 3, 4}, known.name


def test_a_passport_comes_back_from_its_document_as_it_was(full, minimal):
    for passport in (full, minimal):
        written = json.loads(json.dumps(passport_document(passport)))
        assert passport_from(written) == passport


def test_an_attribute_without_value_needs_a_reason():
    with pytest.raises(ValueOutOfRange, match="no value and no reason"):
        Attribute("mass_kg", None)
    assert Attribute("mass_kg", None, reason="never weighed").is_known is False


def test_a_value_outside_its_own_interval_is_refused():
    with pytest.raises(ValueOutOfRange, match="outside 0"):
        Attribute("soce_frac", 0.9, low=0.1, high=0.2)


def test_a_moment_without_time_zone_is_refused():
    with pytest.raises(ValueOutOfRange, match="time zone"):
        Attribute("soc_frac", 0.5, determined_at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_another_unit_is_refused_and_never_converted_silently():
    with pytest.raises(UnitUnknown, match="'%'"):
        attribute_from("soce_frac", {"value": 93, "unit": "%"})


def test_a_name_that_is_no_attribute_gets_the_nearest():
    with pytest.raises(NotKnown, match="rated_capacity_ah"):
        Attribute("rated_capacity", 33.1)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("mass_kg", float("nan")),
        ("mass_kg", True),
        ("lifetime_cycles", 1000.5),
        ("manufactured_on", "2013-02-30"),
        ("conformity_declaration", "see the drawer"),
        ("manufacturer", {"street": "Ringstr. 1"}),
        ("extinguishing_agents", "water"),
        ("manufactured_on", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_value_of_another_kind_is_refused(name, wrong):
    with pytest.raises(ValueOutOfRange):
        checked_value(name, wrong)


@pytest.mark.parametrize("wrong", [{}, {"format": "something else"}, [], None])
def test_what_is_no_passport_is_refused(wrong):
    with pytest.raises(FileDamaged, match="not a passport"):
        passport_from(wrong)


def test_a_passport_without_identity_is_refused(full):
    document = passport_document(full)
    del document["attributes"]["battery_id"]
    with pytest.raises(ValueOutOfRange, match="no battery_id"):
        passport_from(document)
