"""One document, one hash; what can be read in two ways is not read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.errors import InputWrong
from batteryloop.passport.credential import canonical, digest, parsed

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=10)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=15,
)  # fmt: skip


@given(plain)
def test_the_canonical_form_is_read_back_and_is_its_own_canonical_form(document):
    once = canonical(document)
    assert canonical(parsed(once)) == once


@given(plain)
def test_layout_does_not_change_the_hash(document):
    assert digest(parsed(json.dumps(document, indent=3))) == digest(document)


def test_the_example_of_rfc_8785_has_its_canonical_form():
    # Section 3.2.4, the sample of section 3.2.2.
    sample = (
        r'{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],'
        r'"string":"\u20ac$\u000F\u000aA\u0027\u0042\u0022\u005c\\\"\/",'
        r'"literals":[null,true,false]}'
    )
    wanted = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert canonical(parsed(sample)).decode() == wanted


@pytest.mark.parametrize(
    "text",
    ['{"a":1,"a":1}', '{"a":{"b":1,"b":2}}', "[NaN]", "[-Infinity]", "", "{", b"\xff",
     b"\xef\xbb\xbf{}", "[" * 100_000, "9" * 5000],
)  # fmt: skip
def test_what_can_be_read_in_two_ways_is_not_read(text):
    with pytest.raises(InputWrong):
        parsed(text)


def test_a_long_number_is_the_same_however_it_is_written():
    assert digest(parsed("[1e16]")) == digest(parsed("[10000000000000000]"))
    with pytest.raises(InputWrong, match="safe integer"):
        digest(parsed("[9007199254740993]"))  # no double: other readers would see …992


@pytest.mark.parametrize("document", [2**53 + 1, float("inf"), "\ud800", {1: 2}, object()])
def test_what_has_no_canonical_form_is_refused(document):
    with pytest.raises(InputWrong):
        canonical(document)
