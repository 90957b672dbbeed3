"""Countries: one table for all who ask whose law holds."""

import pytest

from batteryloop.errors import NotKnown
from batteryloop.reference.countries import countries, country, is_under


def test_the_union_has_its_27_members():
    assert sum(each.bloc == "EU" for each in countries().values()) == 27


def test_every_country_says_how_far_to_trust_its_row():
    for code, each in countries().items():
        assert len(code) == 2
        assert code.isupper()
        assert each.confidence
        assert each.source


def test_a_country_outside_the_union_is_under_its_own_law_alone():
    assert is_under("GB", "GB")
    assert not is_under("GB", "EU")
    assert not is_under("FR", "GB")


def test_a_country_that_is_not_in_the_table_is_still_under_its_own_law():
    assert is_under("BR", "BR")
    assert not is_under("BR", "EU")
    with pytest.raises(NotKnown, match="BR"):
        country("BR")
