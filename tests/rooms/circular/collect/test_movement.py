"""Borders: who may send used batteries where, under which control."""

from datetime import date

import pytest

from batteryloop.circular.collect import movement_needs
from batteryloop.errors import NotKnown
from batteryloop.reference.countries import countries

DAY = date(2026, 11, 25)
COUNTRIES = list(countries())


@pytest.mark.parametrize(
    ("origin", "destination", "purpose", "control"),
    [
        ("FR", "FR", "recycling", "none"),
        ("FR", "NL", "recycling", "notification"),
        ("FR", "CH", "disposal", "notification"),
        ("FR", "SG", "recycling", "banned"),
        ("JP", "SG", "recycling", "banned"),
        ("SG", "KR", "recycling", "notification"),
        ("MY", "SG", "recycling", "notification"),
        ("SG", "CN", "recycling", "banned"),
        ("CN", "CN", "recycling", "none"),
        ("TW", "SG", "recycling", "arrangement"),
        ("FR", "SG", "reuse", "evidence"),
        ("SG", "SG", "reuse", "none"),
    ],
)
def test_the_control_follows_from_both_ends_and_the_purpose(origin, destination, purpose, control):
    movement = movement_needs(origin, destination, purpose, DAY)
    assert movement.control == control
    assert movement.is_allowed == (control != "banned")


@pytest.mark.parametrize("purpose", ["reuse", "recycling"])
def test_every_pair_of_countries_has_an_answer_with_its_source(purpose):
    for origin in COUNTRIES:
        for destination in COUNTRIES:
            movement = movement_needs(origin, destination, purpose, DAY)
            assert movement.confidence
            if movement.control == "notification":
                assert "A1170" in movement.codes
                assert "movement document" in movement.documents


def test_codes_of_the_list_of_waste_stay_whole():
    assert movement_needs("DE", "FR", "recycling", DAY).codes == ("Y32", "A1170", "16 06 07*")


def test_a_country_or_purpose_that_is_not_known_is_said():
    with pytest.raises(NotKnown, match="country"):
        movement_needs("XX", "FR", "recycling", DAY)
    with pytest.raises(NotKnown, match="purpose"):
        movement_needs("DE", "FR", "burning", DAY)
