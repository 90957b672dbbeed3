"""Canonical JSON is the standard's, whichever way it is made."""

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.errors import ValueOutOfRange
from batteryloop.record.canonical import canonical

_SAID = st.characters(exclude_categories=["Cs"])
_TEXT = st.text(_SAID, max_size=8)
_NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(0.0009, 1.1e15),
    st.integers(-(2**53) + 1, 2**53 - 1),
)
_DATA = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(_DATA)
def test_canonical_json_is_that_of_rfc_8785(data):
    assert canonical(data) == rfc8785.dumps(data)


@given(st.dictionaries(st.sampled_from(["a", "b", "soh_frac"]), _NUMBERS))
def test_what_was_read_again_has_the_same_canonical_form(data):
    assert canonical(json.loads(canonical(data))) == canonical(data)


@pytest.mark.parametrize(
    "odd", [float("nan"), float("inf"), 2**53 + 1, {1: 2}, {"a": object()}, "\ud800"]
)
def test_what_json_cannot_say_is_refused(odd):
    with pytest.raises(ValueOutOfRange, match="what JSON cannot say"):
        canonical(odd)
