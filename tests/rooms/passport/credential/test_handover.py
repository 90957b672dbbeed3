"""Responsibility goes over only when both sides have signed the same document."""

import os
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.errors import InputWrong
from batteryloop.passport.credential import (
    Flaw,
    KeySet,
    Withdrawal,
    transfer_document,
    transfer_signature,
    verify_transfer,
    withdrawn,
)

from .conftest import NOW, new_key, sign  # noqa: TID252

MAKER, OPERATOR = (
    new_key("https://maker.example.com"),
    new_key("https://fleet.example.com", "ES256"),
)
STRANGER = new_key("https://stranger.example.com")
SETS = [
    KeySet(key.issuer, (key.public(NOW - timedelta(days=1), None),))
    for key in (MAKER, OPERATOR, STRANGER)
]
DOCUMENT = transfer_document(
    ["pack-2", "pack-1"], MAKER.issuer, OPERATOR.issuer, NOW, random_bytes=os.urandom
)
BOTH = [transfer_signature(DOCUMENT, key, now=NOW) for key in (MAKER, OPERATOR)]


def test_with_both_signatures_it_holds():
    verdict = verify_transfer(DOCUMENT, BOTH, SETS, now=NOW)
    assert verdict.is_valid, verdict.reason
    assert verdict.batteries == ("pack-1", "pack-2")
    assert verdict.signed_by == ("https://fleet.example.com", "https://maker.example.com")


@pytest.mark.parametrize(("place", "missing"), [(0, "fleet"), (1, "maker")])
def test_with_one_signature_it_does_not_and_says_whose_is_missing(place, missing):
    verdict = verify_transfer(DOCUMENT, [BOTH[place]], SETS, now=NOW)
    assert verdict.flaw is Flaw.SIGNATURE_MISSING
    assert missing in verdict.reason
    twice = verify_transfer(DOCUMENT, [BOTH[place]] * 2, SETS, now=NOW)
    assert twice.flaw is Flaw.SIGNATURE_MISSING


@pytest.mark.parametrize(
    "change",
    [
        {"batteries": ["pack-1", "pack-2", "pack-3"]},
        {"batteries": ["pack-1"]},
        {"at": "2027-01-01T00:00:00Z"},
        {"responsibility": "none"},
    ],
)
def test_a_changed_document_is_refused(change):
    verdict = verify_transfer({**DOCUMENT, **change}, BOTH, SETS, now=NOW)
    assert verdict.flaw is Flaw.PASSPORT_ALTERED


def test_nobody_else_signs_and_nobody_signs_for_the_other_side():
    with pytest.raises(InputWrong):
        transfer_signature(DOCUMENT, STRANGER, now=NOW)
    to_stranger = {**DOCUMENT, "to": STRANGER.issuer}
    by_stranger = transfer_signature(to_stranger, STRANGER, now=NOW)
    verdict = verify_transfer(DOCUMENT, [BOTH[0], by_stranger], SETS, now=NOW)
    assert verdict.flaw is Flaw.PASSPORT_ALTERED
    swapped = {**DOCUMENT, "from": DOCUMENT["to"], "to": DOCUMENT["from"]}
    assert not verify_transfer(swapped, BOTH, SETS, now=NOW).is_valid


def test_a_withdrawn_key_and_a_signature_of_tomorrow_are_refused():
    keys = withdrawn(SETS[1], OPERATOR.kid, Withdrawal.COMPROMISED, now=NOW)
    verdict = verify_transfer(DOCUMENT, BOTH, [SETS[0], keys], now=NOW)
    assert verdict.flaw is Flaw.KEY_WITHDRAWN
    verdict = verify_transfer(DOCUMENT, BOTH, SETS, now=NOW - timedelta(days=2))
    assert verdict.flaw is Flaw.NOT_YET_VALID


def test_a_signed_passport_is_no_signature_of_a_transfer():
    token = sign(MAKER).token
    verdict = verify_transfer(DOCUMENT, [token, BOTH[1]], SETS, now=NOW)
    assert verdict.flaw is Flaw.TYPE_WRONG


@pytest.mark.parametrize(
    "words",
    [([], "a", "b"), (["p", "p"], "a", "b"), ([""], "a", "b"), (["p"], "a", "a"), (["p"], "", "b")],
)
def test_a_transfer_needs_batteries_and_two_parties(words):
    with pytest.raises(InputWrong):
        transfer_document(*words, NOW, random_bytes=os.urandom)


@given(
    st.dictionaries(
        st.sampled_from([*DOCUMENT]),
        st.none() | st.text(max_size=5) | st.integers() | st.lists(st.text(max_size=3) | st.none()),
        min_size=1,
    ),
    st.lists(st.text(max_size=40) | st.sampled_from(BOTH), max_size=3),
)
def test_any_document_gets_a_verdict(change, signatures):
    document = {**DOCUMENT, **change}
    if document != DOCUMENT:
        assert not verify_transfer(document, signatures, SETS, now=NOW).is_valid
    assert not verify_transfer(list(change), signatures, SETS, now=NOW).is_valid
