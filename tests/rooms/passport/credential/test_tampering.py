"""Whoever changes anything is found out, and told what."""

import base64
import contextlib
import hmac
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jws

from batteryloop.errors import InputWrong
from batteryloop.passport.credential import (
    Flaw,
    KeySet,
    Withdrawal,
    signed_credential,
    signed_status_list,
    withdrawn,
)
from batteryloop.passport.credential.status_list import status_credential

from .conftest import ISSUER, LIST, NOW, PASSPORT, new_key, revoked, sign  # noqa: TID252


def part(document) -> str:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def header_of(token: str) -> dict:
    head = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=="))


def with_header(token: str, **members) -> str:
    _, content, signature = token.split(".")
    return f"{part({**header_of(token), **members})}.{content}.{signature}"


def test_what_was_signed_is_valid_and_says_how_old_the_evidence_is(signed):
    verdict = signed.verdict(now=NOW + timedelta(days=12))
    assert verdict.is_valid, verdict.reason
    assert "a status list 12 days old" in verdict.reason
    assert verdict.status_list_age_days == 12
    assert verdict.key_set_age_days == 12
    assert (verdict.issuer, verdict.subject_id) == (ISSUER, PASSPORT["passport_id"])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("soh_frac",), 0.94),
        (("soh_frac",), "0.93"),
        (("rated_capacity_ah",), 281),
        (("chemistry",), "LFp"),
        (("events", 0, "at"), "2021-12-05"),
        (("maker",), "Haendler & Söhne"),
        (("new",), None),
    ],
)
def test_a_changed_passport_is_refused(signed, path, value):
    passport = json.loads(json.dumps(PASSPORT))
    spot = passport
    for step in path[:-1]:
        spot = spot[step]
    spot[path[-1]] = value
    verdict = signed.verdict(passport=passport)
    assert verdict.flaw is Flaw.PASSPORT_ALTERED
    assert "content was changed" in verdict.reason


def test_events_in_another_order_are_another_passport(signed):
    swapped = {**PASSPORT, "events": PASSPORT["events"][::-1]}
    assert signed.verdict(passport=swapped).flaw is Flaw.PASSPORT_ALTERED


def test_spaces_and_the_order_of_members_are_no_content(signed):
    written = json.dumps(dict(reversed(PASSPORT.items())), indent=4)
    assert signed.verdict(passport=json.loads(written)).is_valid


def test_no_single_character_of_a_token_can_be_changed(signed):
    token = signed.token
    for place in range(len(token)):
        for other in "A_z":
            if token[place] != other:
                verdict = signed.verdict(token=token[:place] + other + token[place + 1 :])
                assert not verdict.is_valid, place
    assert not signed.verdict(token=token + "A").is_valid


def test_the_spare_bits_at_the_end_of_a_part_cannot_be_changed_either(signed):
    """The last character of a part has bits that no byte comes from."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    parts = signed.token.split(".")
    for place, text in enumerate(parts):
        for other in alphabet.replace(text[-1], ""):
            changed = [*parts[:place], text[:-1] + other, *parts[place + 1 :]]
            assert not signed.verdict(token=".".join(changed)).is_valid


@pytest.mark.parametrize("members", [{"crit": ["x"], "x": 1}, {"b64": False, "crit": ["b64"]}])
def test_an_extension_that_is_not_known_is_refused_even_if_the_issuer_signed_it(signed, members):
    head = part({**header_of(signed.token), **members})
    body = f"{head}.{signed.token.split('.')[1]}"
    algorithm = jws.JWSRegistry.algorithms[signed.key.algorithm]
    token = f"{body}.{part(algorithm.sign(body.encode(), signed.key.key))}"
    verdict = signed.verdict(token=token)
    assert verdict.flaw is Flaw.MALFORMED
    assert "extension" in verdict.reason


def test_a_stripped_signature_is_refused(signed):
    head, content, _ = signed.token.split(".")
    assert signed.verdict(token=f"{head}.{content}.").flaw is Flaw.SIGNATURE_MISSING
    assert signed.verdict(token=f"{head}.{content}").flaw is Flaw.MALFORMED


@pytest.mark.parametrize("name", ["none", "None", "NONE", "HS256", "RS256", "ES384", None, 7, []])
def test_an_algorithm_that_is_not_ours_is_refused(signed, name):
    verdict = signed.verdict(token=with_header(signed.token, alg=name))
    assert verdict.flaw is Flaw.ALGORITHM_NOT_ALLOWED


def test_an_unsigned_token_is_refused(signed):
    content = signed.token.split(".")[1]
    token = f"{part({'alg': 'none', 'typ': 'vc+jwt', 'kid': signed.key.kid})}.{content}."
    assert signed.verdict(token=token).flaw is Flaw.ALGORITHM_NOT_ALLOWED


def test_the_public_key_is_no_shared_secret(signed):
    """The classic confusion: HMAC with the public key, which everybody has."""
    head = part({**header_of(signed.token), "alg": "HS256"})
    body = f"{head}.{signed.token.split('.')[1]}"
    secret = signed.key.key.as_pem(private=False)
    forged = f"{body}.{part(hmac.digest(secret, body.encode(), 'sha256'))}"
    assert signed.verdict(token=forged).flaw is Flaw.ALGORITHM_NOT_ALLOWED


def test_the_algorithm_must_be_that_of_the_key(signed):
    other = "ES256" if signed.key.algorithm == "EdDSA" else "EdDSA"
    verdict = signed.verdict(token=with_header(signed.token, alg=other))
    assert verdict.flaw is Flaw.ALGORITHM_NOT_ALLOWED
    assert signed.key.kid in verdict.reason


def test_a_key_inside_the_token_is_not_looked_at(signed):
    stranger = new_key()
    forged = sign(stranger).token
    jwk = stranger.key.as_dict(private=False)
    verdict = signed.verdict(token=with_header(forged, jwk=jwk))
    assert verdict.flaw is Flaw.KEY_UNKNOWN


def test_another_key_under_the_same_name_is_refused(signed):
    stranger = sign(new_key(algorithm=signed.key.algorithm))
    verdict = signed.verdict(token=with_header(stranger.token, kid=signed.key.kid))
    assert verdict.flaw is Flaw.SIGNATURE_WRONG


def test_an_unknown_key_is_refused(signed):
    stranger = sign(new_key())
    verdict = signed.verdict(token=stranger.token)
    assert verdict.flaw is Flaw.KEY_UNKNOWN
    assert stranger.key.kid in verdict.reason


def test_nobody_signs_in_the_name_of_another_issuer(signed):
    rival = new_key("https://rival.example.com")
    forged = sign(replace(rival, issuer=ISSUER)).token
    rivals = KeySet("https://rival.example.com", (rival.public(NOW - timedelta(days=1), None),))
    verdict = signed.verdict(token=forged, key_sets=[signed.keys, rivals])
    assert verdict.flaw is Flaw.ISSUER_WRONG
    assert "the key is of https://rival.example.com" in verdict.reason


def test_only_the_issuer_that_is_wanted_is_accepted(signed):
    verdict = signed.verdict(wanted_issuer="https://other.example.com")
    assert verdict.flaw is Flaw.ISSUER_WRONG
    assert signed.verdict(wanted_issuer=ISSUER).is_valid


@pytest.mark.parametrize("typ", ["JWT", "vp+jwt", "battery-transfer+jwt", None])
def test_a_token_made_for_something_else_is_refused(signed, typ):
    assert signed.verdict(token=with_header(signed.token, typ=typ)).flaw is Flaw.TYPE_WRONG


def test_an_expired_credential_is_refused(signed):
    late = NOW + timedelta(days=366)
    lists = [signed_status_list(signed.register, signed.key, now=late)]
    verdict = signed.verdict(now=late, status_lists=lists)
    assert verdict.flaw is Flaw.EXPIRED
    assert "2027-11-25" in verdict.reason


def test_a_credential_of_tomorrow_is_refused_but_a_fast_clock_is_not(signed):
    assert signed.verdict(now=NOW - timedelta(days=1)).flaw is Flaw.NOT_YET_VALID
    assert signed.verdict(now=NOW - timedelta(seconds=200)).is_valid


def test_a_revoked_credential_is_refused_with_the_reason(signed):
    verdict = revoked(signed).verdict()
    assert verdict.flaw is Flaw.REVOKED
    assert "2026-11-25: capacity was overstated" in verdict.reason


def test_a_status_list_from_before_the_revocation_does_not_help(signed):
    later = revoked(signed)
    both = later.verdict(status_lists=[signed.status_list, later.status_list])
    assert both.flaw is Flaw.REVOKED
    rolled = signed.verdict(known_versions={LIST: later.register.version})
    assert rolled.flaw is Flaw.STATUS_LIST_ROLLED_BACK
    assert "version 1, but version 2 was seen before" in rolled.reason


def test_a_status_list_from_before_the_signing_is_refused(signed):
    before = signed.credential["credentialStatus"]
    token = signed.signed_anew(credentialStatus={**before, "listVersionAtIssue": 5})
    verdict = signed.verdict(token=token)
    assert verdict.flaw is Flaw.STATUS_LIST_ROLLED_BACK
    assert "stood when it was signed" in verdict.reason


def test_an_old_status_list_is_refused_with_its_age(signed):
    verdict = signed.verdict(now=NOW + timedelta(days=45))
    assert verdict.flaw is Flaw.STATUS_LIST_TOO_OLD
    assert "45 days old" in verdict.reason


def test_without_a_status_list_nothing_is_known_of_revocation(signed):
    verdict = signed.verdict(status_lists=[])
    assert verdict.flaw is Flaw.STATUS_UNKNOWN
    assert LIST in verdict.reason
    waived = signed.verdict(status_lists=[], needs_status=False)
    assert waived.is_valid
    assert "whether it was revoked was not asked" in waived.notes


def test_a_tampered_or_foreign_status_list_is_refused(signed):
    head, content, signature = signed.status_list.split(".")
    claims = json.loads(base64.urlsafe_b64decode(content + "=="))
    claims["credentialSubject"]["listVersion"] = 99
    tampered = f"{head}.{part(claims)}.{signature}"
    verdict = signed.verdict(status_lists=[tampered])
    assert verdict.flaw is Flaw.STATUS_LIST_WRONG
    assert "signature" in verdict.reason
    rival = new_key("https://rival.example.com")
    rivals = KeySet(rival.issuer, (rival.public(NOW - timedelta(days=1), None),))
    foreign = signed_status_list(signed.register, rival, now=NOW)
    verdict = signed.verdict(status_lists=[foreign], key_sets=[signed.keys, rivals])
    assert verdict.flaw is Flaw.STATUS_LIST_WRONG
    assert "rival.example.com" in verdict.reason


def test_a_list_inside_another_credential_is_no_status_list(signed):
    inner = status_credential(signed.register, issuer=ISSUER, now=NOW)
    other = {**inner, "type": ["VerifiableCredential", "BatteryPassportCredential"]}
    verdict = signed.verdict(status_lists=[signed_credential(other, signed.key)])
    assert verdict.flaw is Flaw.STATUS_LIST_WRONG


def test_a_credential_is_no_status_list(signed):
    assert signed.verdict(status_lists=[signed.token]).flaw is Flaw.STATUS_LIST_WRONG
    assert signed.verdict(token=signed.status_list).flaw is Flaw.TYPE_WRONG


def test_a_signature_of_a_compromised_key_counts_for_nothing_whatever_its_date(signed):
    keys = withdrawn(signed.keys, signed.key.kid, Withdrawal.COMPROMISED, now=NOW)
    verdict = signed.verdict(key_sets=[keys])
    assert verdict.flaw is Flaw.KEY_WITHDRAWN
    assert "compromised on 2026-11-25" in verdict.reason


@pytest.mark.parametrize(
    "members",
    [
        {"vc": {}},
        {"@context": ["https://www.w3.org/2018/credentials/v1"]},
        {"@context": "https://www.w3.org/ns/credentials/v2"},
        {"type": ["BatteryPassportCredential"]},
        {"validFrom": "2026-11-25"},
        {"validFrom": None},
        {"validUntil": "never"},
        {"iat": "now"},
        {"id": 7},
        {"credentialSubject": []},
        {"credentialSubject": {"passportDigest": {"algorithm": "MD5", "value": "x"}}},
        {"credentialStatus": 7},
        {"credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}},
    ],
)
def test_what_vc_2_requires_must_be_there_even_if_the_issuer_signed_it(signed, members):
    assert signed.verdict(token=signed.signed_anew(**members)).flaw is Flaw.MALFORMED


def test_two_issuers_in_one_credential_are_refused(signed):
    token = signed.signed_anew(iss="https://rival.example.com")
    assert signed.verdict(token=token).flaw is Flaw.ISSUER_WRONG


def test_a_status_of_an_unknown_kind_is_not_passed_over(signed):
    token = signed.signed_anew(credentialStatus={"type": "RevocationList2020Status"})
    assert signed.verdict(token=token).flaw is Flaw.STATUS_UNKNOWN


def test_a_suspended_credential_is_refused_but_a_message_is_none_of_validity(signed):
    place = signed.credential["credentialStatus"]
    with_message = [place, {"type": "BitstringStatusListEntry", "statusPurpose": "message"}]
    assert signed.verdict(token=signed.signed_anew(credentialStatus=with_message)).is_valid
    suspended = {**place, "statusPurpose": "suspension"}
    verdict = signed.verdict(token=signed.signed_anew(credentialStatus=suspended))
    assert verdict.flaw is Flaw.STATUS_LIST_WRONG
    assert "not for suspension" in verdict.reason


def test_a_passport_without_one_reading_is_refused(signed):
    assert signed.verdict(passport={"n": 2**60}).flaw is Flaw.PASSPORT_ALTERED
    assert signed.verdict(passport={"n": float("nan")}).flaw is Flaw.PASSPORT_ALTERED
    assert signed.verdict(passport={"n": "\ud800"}).flaw is Flaw.PASSPORT_ALTERED


ROOT = Path(__file__).resolve().parents[4]
SIGNED = sign(new_key())
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)


def signed_or_not(members) -> str:
    """Return the token of the issuer with other members; what has no canonical form is none."""
    with contextlib.suppress(InputWrong):
        return SIGNED.signed_anew(**members)
    return ""


header_names = st.sampled_from(["alg", "kid", "typ", "cty", "crit", "b64", "jwk", "x5c", "jku"])


@given(st.text(max_size=300) | st.from_regex(r"[A-Za-z0-9_-]{0,40}(\.[A-Za-z0-9_-]{0,40}){1,4}"))
def test_any_text_gets_a_verdict(text):
    assert not SIGNED.verdict(token=text).is_valid
    assert not SIGNED.verdict(status_lists=[text]).is_valid


@given(st.dictionaries(header_names, any_json, min_size=1, max_size=4))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_header_gets_a_verdict(members):
    token = with_header(SIGNED.token, **members)
    assert SIGNED.verdict(token=token).is_valid == (header_of(token) == header_of(SIGNED.token))


@given(
    st.sampled_from([*SIGNED.credential, "exp", "iss", "nbf"]),
    any_json | st.sampled_from(["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", 1e300]),
)
def test_any_member_signed_by_the_issuer_itself_gets_a_verdict(name, value):
    SIGNED.verdict(token=signed_or_not({name: value}))


@given(st.sampled_from(list(SIGNED.credential["credentialStatus"])), any_json)
def test_any_status_entry_gets_a_verdict(name, value):
    entry = {**SIGNED.credential["credentialStatus"], name: value}
    SIGNED.verdict(token=signed_or_not({"credentialStatus": entry}))


@given(any_json)
def test_any_passport_gets_a_verdict(passport):
    assert SIGNED.verdict(passport=passport).flaw is Flaw.PASSPORT_ALTERED


def test_every_verdict_is_explained_in_the_guide():
    guide = ROOT / "docs" / "guides" / "sign-and-verify-a-passport.md"
    page = guide.read_text(encoding="utf-8")
    assert [flaw.value for flaw in Flaw if f"`{flaw.value}`" not in page] == []
