"""The status list, against the example of the W3C text and against hostile lists."""

import base64
import gzip
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.errors import FileDamaged, InputWrong, NotKnown, RecordSaysNo
from batteryloop.passport.credential import Flaw, StatusRegister, register_of, signed_credential
from batteryloop.passport.credential.bitstring import bit, packed, unpacked
from batteryloop.passport.credential.status_list import status_credential
from batteryloop.passport.credential.types import Flawed

from .conftest import ISSUER, LIST, NOW, revoked  # noqa: TID252

N = 131_072


def text_of(raw: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_the_example_of_the_recommendation_is_a_list_of_131072_zeros():
    example = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
    bits = unpacked(example)
    assert len(bits) * 8 == N
    assert not any(bits)
    assert unpacked(packed([], N)) == bits


def test_index_0_is_the_leftmost_bit():
    assert unpacked(packed([0], N))[0] == 0b1000_0000
    assert unpacked(packed([7], N))[0] == 0b0000_0001
    assert unpacked(packed([N - 1], N))[-1] == 0b0000_0001


@given(st.sets(st.integers(0, N - 1), max_size=20), st.integers(0, N - 1))
def test_what_is_packed_is_unpacked(indices, other):
    bits = unpacked(packed(indices, N))
    assert all(bit(bits, index) for index in indices)
    assert bit(bits, other) == (other in indices)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "H4sI",
        "u",
        "u!!!",
        text_of(b"no gzip"),
        text_of(gzip.compress(bytes(N // 8), mtime=0)[:-3]),
        text_of(gzip.compress(bytes(N // 8), mtime=0) + b"more"),
        text_of(gzip.compress(bytes(N // 8 - 1), mtime=0)),  # under 16 KB
    ],
)
def test_a_list_that_is_none_is_refused(text):
    with pytest.raises(Flawed) as caught:
        unpacked(text)
    assert caught.value.flaw is Flaw.STATUS_LIST_WRONG


def test_a_bomb_is_not_unpacked():
    with pytest.raises(Flawed, match="over"):
        unpacked(text_of(gzip.compress(bytes(40_000_000))))


def test_an_index_outside_the_list_is_refused(signed):
    entry = {**signed.credential["credentialStatus"], "statusListIndex": str(N)}
    verdict = signed.verdict(token=signed.signed_anew(credentialStatus=entry))
    assert verdict.flaw is Flaw.STATUS_LIST_WRONG
    assert "outside" in verdict.reason


@pytest.mark.parametrize("index", ["-1", "", "1.5", 7, "٣", "9" * 20, None])
def test_an_index_that_is_none_is_refused(signed, index):
    entry = {**signed.credential["credentialStatus"], "statusListIndex": index}
    assert signed.verdict(token=signed.signed_anew(credentialStatus=entry)).flaw is Flaw.MALFORMED


def test_the_list_has_the_members_that_the_recommendation_requires():
    content = status_credential(StatusRegister(LIST), issuer=ISSUER, now=NOW)
    assert content["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert content["id"] == LIST
    assert {"VerifiableCredential", "BitstringStatusListCredential"} <= set(content["type"])
    assert content["credentialSubject"]["type"] == "BitstringStatusList"
    assert content["credentialSubject"]["statusPurpose"] == "revocation"
    assert content["credentialSubject"]["encodedList"].startswith("u")
    assert {"validFrom", "validUntil", "issuer"} <= set(content)


def test_no_two_credentials_have_one_place_even_if_the_lot_repeats():
    register = StatusRegister(LIST)
    places = set()
    for n in range(50):
        register, place = register.with_place(f"urn:uuid:{n}", lambda size: bytes(size))
        places.add(place.index)
    assert len(places) == 50


def test_a_list_that_fills_up_grows_and_keeps_every_place():
    register = StatusRegister(LIST, n_bits=8, given={n: str(n) for n in range(6)})
    grown, place = register.with_place("x", os.urandom)
    assert grown.n_bits == 16
    assert place.index < 16
    assert [grown.place_of(str(n)) for n in range(6)] == list(range(6))


def test_a_list_cannot_grow_past_what_a_verifier_unpacks():
    class Full(dict):
        def __len__(self):
            return 134_217_728 * 3 // 4

    register = StatusRegister(LIST, n_bits=134_217_728, given=Full())
    with pytest.raises(RecordSaysNo, match="at most"):
        register.with_place("x", os.urandom)


def test_a_revocation_needs_a_reason_and_cannot_be_taken_back(signed):
    credential_id = signed.credential["id"]
    with pytest.raises(InputWrong, match="reason"):
        signed.register.with_revocation(credential_id, "  ", NOW)
    register = signed.register.with_revocation(credential_id, "stolen", NOW)
    assert register.version == signed.register.version + 1
    with pytest.raises(RecordSaysNo, match="stolen"):
        register.with_revocation(credential_id, "again", NOW)
    with pytest.raises(NotKnown):
        register.with_revocation("urn:uuid:none", "why", NOW)


def test_a_register_is_read_as_it_was_kept(signed):
    register = revoked(signed).register
    assert register_of(register.as_dict()) == register


@pytest.mark.parametrize("document", [None, [], {}, {"list_id": "x", "n_bits": "many"}])
def test_what_is_no_register_is_refused(document):
    with pytest.raises(FileDamaged):
        register_of(document)


def test_a_credential_of_someone_else_is_not_signed(signed):
    with pytest.raises(InputWrong):
        signed_credential({**signed.credential, "issuer": "https://x.example.com"}, signed.key)
