"""Keys come, are replaced, are withdrawn; what they signed is believed for its time."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OKPKey, RSAKey

from batteryloop.errors import BatteryloopError, InputWrong, NotKnown, RecordSaysNo
from batteryloop.passport.credential import (
    Flaw,
    SigningKey,
    Withdrawal,
    key_set_of,
    rotated,
    withdrawn,
)

from .conftest import ISSUER, NOW, new_key, sign  # noqa: TID252


def test_a_signature_of_a_replaced_key_still_counts_and_a_later_one_does_not(signed):
    new, later = new_key(), NOW + timedelta(days=10)
    keys = rotated(signed.keys, new, now=later, valid_until_at=None)
    assert signed.verdict(key_sets=[keys]).is_valid
    by_old = sign(signed.key, at=later + timedelta(days=1))
    verdict = by_old.verdict(now=later + timedelta(days=2), key_sets=[keys])
    assert verdict.flaw is Flaw.KEY_NOT_VALID_THEN
    assert "2026-12-06" in verdict.reason
    by_new = sign(new, at=later + timedelta(days=1))
    assert by_new.verdict(now=later + timedelta(days=2), key_sets=[keys]).is_valid


def test_a_key_that_was_superseded_speaks_for_its_time(signed):
    later = NOW + timedelta(days=3)
    keys = withdrawn(signed.keys, signed.key.kid, Withdrawal.SUPERSEDED, now=later)
    assert signed.verdict(key_sets=[keys], now=later).is_valid


def test_a_signature_from_before_the_key_is_refused(signed):
    early = sign(signed.key, at=NOW - timedelta(days=40))
    verdict = early.verdict(key_sets=[signed.keys], now=NOW - timedelta(days=39))
    assert verdict.flaw is Flaw.KEY_NOT_VALID_THEN


def test_a_compromised_key_can_never_be_made_good_again(signed):
    keys = withdrawn(signed.keys, signed.key.kid, Withdrawal.COMPROMISED, now=NOW)
    with pytest.raises(RecordSaysNo, match="once and for all"):
        withdrawn(keys, signed.key.kid, Withdrawal.SUPERSEDED, now=NOW)
    again = rotated(keys, new_key(), now=NOW, valid_until_at=None)
    assert again.key(signed.key.kid).withdrawn_why is Withdrawal.COMPROMISED


def test_a_key_set_is_read_as_it_was_published(signed):
    keys = rotated(signed.keys, new_key(algorithm="ES256"), now=NOW, valid_until_at=None)
    keys = withdrawn(keys, signed.key.kid, Withdrawal.COMPROMISED, now=NOW)
    assert key_set_of(json.loads(json.dumps(keys.as_jwks()))) == keys


def test_a_published_key_set_holds_no_secret_and_a_signing_key_shows_none(signed):
    secret = signed.key.key.as_dict(private=True)["d"]
    assert secret not in json.dumps(signed.keys.as_jwks())
    assert secret not in repr(signed.key)
    with pytest.raises(InputWrong, match="holds a private key"):
        key_set_of({"iss": ISSUER, "keys": [{**signed.keys.as_jwks()["keys"][0], "d": secret}]})


def test_a_withdrawal_that_is_not_understood_is_read_strictly(signed):
    document = signed.keys.as_jwks()
    document["keys"][0]["revoked"] = {"reason": "who knows"}
    assert signed.verdict(key_sets=[key_set_of(document)]).flaw is Flaw.KEY_WITHDRAWN


def test_keys_of_other_kinds_are_left_out_and_cannot_sign():
    keys = {"iss": ISSUER, "keys": [{"kty": "RSA", "kid": "a", "n": "AQAB", "e": "AQAB"}]}
    assert key_set_of(keys).keys == ()
    for key in (
        RSAKey.generate_key(2048),
        ECKey.generate_key("P-384"),
        OKPKey.generate_key("X25519"),
    ):
        with pytest.raises((InputWrong, AttributeError)):
            SigningKey(ISSUER, key)


@pytest.mark.parametrize(
    "change",
    [
        {"nbf": None},
        {"exp": "tomorrow"},
        {"kid": ""},
        {"x": "AAAA"},
        {"x": 7},
    ],
)
def test_a_key_that_says_too_little_is_refused(signed, change):
    document = signed.keys.as_jwks()
    document["keys"][0].update(change)
    with pytest.raises(InputWrong):
        key_set_of(document)


@pytest.mark.parametrize("document", [None, [], {}, {"keys": []}, {"iss": 7, "keys": []}])
def test_what_is_no_key_set_is_refused(document):
    with pytest.raises(InputWrong):
        key_set_of(document)


def test_two_keys_of_one_name_are_refused(signed):
    document = signed.keys.as_jwks()
    document["keys"] *= 2
    with pytest.raises(InputWrong, match="two keys alike"):
        key_set_of(document)


def test_a_key_of_another_issuer_is_not_taken_in(signed):
    with pytest.raises(RecordSaysNo):
        rotated(signed.keys, new_key("https://rival.example.com"), now=NOW, valid_until_at=None)
    with pytest.raises(RecordSaysNo):
        rotated(signed.keys, signed.key, now=NOW, valid_until_at=None)
    with pytest.raises(NotKnown):
        withdrawn(signed.keys, "no such key", Withdrawal.SUPERSEDED, now=NOW)


@given(
    st.dictionaries(
        st.sampled_from(["kty", "crv", "x", "y", "kid", "nbf", "exp", "revoked"]),
        st.none()
        | st.text(max_size=8)
        | st.integers()
        | st.floats()
        | st.just("P-256")
        | st.just("EC"),
    )
)
def test_any_key_is_read_or_refused_by_an_error_of_the_tree(entry):
    try:
        key_set_of({"iss": ISSUER, "keys": [entry]})
    except BatteryloopError:
        return
