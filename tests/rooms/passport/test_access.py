"""Access is a lattice: laws that any ladder of roles would break."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.errors import NotKnown, RecordSaysNo
from batteryloop.passport.access import Viewer, may_see, redact, viewer_called, visible_points
from batteryloop.passport.catalogue import definitions
from batteryloop.passport.document import passport_document
from batteryloop.passport.types import Passport, PassportLink

VIEWERS = st.frozensets(st.sampled_from(list(Viewer)))


@given(VIEWERS, VIEWERS)
def test_several_capacities_see_exactly_what_each_sees(one, other):
    assert visible_points(one | other) == visible_points(one) | visible_points(other)


@given(VIEWERS)
def test_nobody_sees_less_than_the_public(viewers):
    assert visible_points([Viewer.PUBLIC]) <= visible_points([*viewers, Viewer.PUBLIC])


def test_authority_and_legitimate_interest_cannot_be_ordered():
    authority = visible_points([Viewer.AUTHORITY])
    interest = visible_points([Viewer.LEGITIMATE_INTEREST])
    assert authority - interest == {3}
    assert interest - authority == {4}


@given(st.sampled_from(sorted(definitions())), VIEWERS, VIEWERS)
def test_a_further_capacity_never_hides_anything(name, viewers, further):
    assert may_see(name, viewers) <= may_see(name, viewers | further)


@pytest.mark.parametrize("viewer", list(Viewer))
def test_a_redacted_passport_holds_just_what_may_be_seen(full, viewer):
    seen = redact(full, [viewer])
    assert set(seen.attributes) == {n for n in full.attributes if may_see(n, [viewer])}
    assert all(seen.attributes[name] == full.attributes[name] for name in seen.attributes)


def test_what_is_hidden_is_not_in_the_document_not_even_by_name(full):
    text = str(passport_document(redact(full, [Viewer.PUBLIC])))
    hidden = [n for n in full.attributes if not may_see(n, [Viewer.PUBLIC])]
    assert hidden
    assert not [name for name in hidden if f"'{name}'" in text]


def test_someone_in_no_capacity_is_the_public(full):
    assert redact(full, []) == redact(full, [Viewer.PUBLIC])


def test_redacting_twice_is_redacting_once(full):
    once = redact(full, [Viewer.AUTHORITY])
    assert redact(once, [Viewer.AUTHORITY]) == once


def test_a_copy_for_one_cannot_be_shown_to_another_who_sees_more(full):
    copy = redact(full, [Viewer.PUBLIC])
    with pytest.raises(RecordSaysNo, match="a copy for public"):
        redact(copy, [Viewer.AUTHORITY])


def test_the_public_sees_that_a_passport_follows_another_but_not_which_parts(full):
    linked = Passport(
        1, full.issued_at, full.attributes, originals=(PassportLink("urn:x:1", ("M1", "M2")),)
    )
    assert redact(linked, [Viewer.PUBLIC]).originals == (PassportLink("urn:x:1"),)
    assert redact(linked, [Viewer.LEGITIMATE_INTEREST]).originals == linked.originals


def test_a_viewer_that_is_none_gets_the_nearest():
    with pytest.raises(NotKnown, match="authority"):
        viewer_called("authorities")
