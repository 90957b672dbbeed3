"""Obligations are data: profiles, and what a passport lacks of them."""

import pytest

from batteryloop.errors import ColumnMissing, NotKnown, RecordSaysNo, ValueOutOfRange
from batteryloop.passport.completeness import check_completeness
from batteryloop.passport.eu.obligations import (
    CATEGORIES,
    Duty,
    profile_called,
    profile_from_rows,
    profiles,
)
from batteryloop.passport.types import Attribute


def test_every_profile_says_how_its_text_was_read():
    assert all(profile.reading and profile.title for profile in profiles().values())


def test_the_guidance_of_july_2026_is_marked_as_second_hand():
    assert "second-hand" in profile_called("ec-guidance-1.0").reading


@pytest.mark.parametrize("name", ["din-dke-spec-99100", "ec-guidance-1.0"])
def test_the_full_passport_lacks_nothing(full, name):
    found = check_completeness(full, profile_called(name))
    assert found.is_complete
    assert not found.to_be_settled


def test_the_minimal_passport_lacks_what_is_mandatory_with_the_reason(minimal):
    found = check_completeness(minimal, profile_called("din-dke-spec-99100"))
    lacking = {line.attribute: line.reason for line in found.lacking}
    assert lacking["mass_kg"] == "not given to the issuer"
    assert "chemistry" not in lacking
    assert not found.is_complete


def test_the_two_guidelines_differ_where_they_differ(full):
    din = check_completeness(full, profile_called("din-dke-spec-99100"))
    guidance = check_completeness(full, profile_called("ec-guidance-1.0"))
    surplus = {line.attribute for line in guidance.not_asked_for}
    assert "footprint_kgco2e_per_kwh" in surplus
    assert "footprint_kgco2e_per_kwh" not in {line.attribute for line in din.not_asked_for}


def test_conditional_attributes_are_to_be_settled_not_lacking(minimal):
    found = check_completeness(minimal, profile_called("ec-guidance-1.0"))
    open_ = {line.attribute: line.condition for line in found.to_be_settled}
    assert open_["full_cycles"] == "if applicable"
    assert "full_cycles" not in {line.attribute for line in found.lacking}


@pytest.mark.parametrize("category", ["starter", "portable"])
def test_a_category_without_passport_has_no_obligations(full, category):
    other = full.with_attributes(Attribute("category", category))
    with pytest.raises(RecordSaysNo, match="no other category"):
        check_completeness(other, profile_called("ec-guidance-1.0"))


def test_a_new_guideline_is_a_table(full):
    row = {"attribute": "gbt_34014_code", **dict.fromkeys(CATEGORIES, "mandatory")}
    mine = profile_from_rows([row], head={"profile": "mine"})
    assert check_completeness(full, mine).is_complete
    assert mine.obligations[0].duties[CATEGORIES[0]] is Duty.MANDATORY


def test_a_broken_table_is_refused_with_its_reason():
    row = {"attribute": "mass_kg", **dict.fromkeys(CATEGORIES, "mandatory")}
    with pytest.raises(ValueOutOfRange, match="perhaps"):
        profile_from_rows([{**row, CATEGORIES[0]: "perhaps"}], head={})
    with pytest.raises(NotKnown, match="mass_kg"):
        profile_from_rows([{**row, "attribute": "mass_kgs"}], head={})
    with pytest.raises(ColumnMissing, match="light-transport"):
        profile_from_rows([{k: v for k, v in row.items() if k != "light-transport"}], head={})
