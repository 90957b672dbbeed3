"""An issuer's folder under several hands at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from batteryloop.errors import FileDamaged, OptionWrong, PathMissing, RecordSaysNo
from batteryloop.passport.credential import Withdrawal, signed_status_list, withdrawn
from batteryloop.usecases.rotate_key import begin_issuer
from batteryloop.wiring.keys import IssuerFolder, new_signing_key, password_in, random_bytes

NOW = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path):
    place, key = IssuerFolder(tmp_path / "keys"), new_signing_key("https://m.example.com")
    place.begin(key, *begin_issuer(key, now=NOW))
    return place


def test_no_place_is_given_twice_and_none_is_lost_when_many_sign_at_once(folder):
    def sign(n):
        with folder.alone():
            register, place = folder.register().with_place(f"urn:uuid:{n}", random_bytes)
            folder.keep_register(register)
            folder.publish_status_list(
                signed_status_list(register, folder.signing_key(NOW), now=NOW)
            )
        return place.index

    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(sign, range(24)))
    assert len(set(places)) == 24
    assert set(folder.register().given.values()) == {f"urn:uuid:{n}" for n in range(24)}


def test_without_a_key_that_may_sign_nothing_is_signed(folder):
    keys = folder.keys()
    folder.publish_keys(withdrawn(keys, keys.keys[0].kid, Withdrawal.COMPROMISED, now=NOW))
    with pytest.raises(RecordSaysNo, match="rotate"):
        folder.signing_key(NOW)


def test_a_key_under_another_name_is_not_taken(folder):
    other = new_signing_key("https://m.example.com", "ES256")
    folder.keep_key(other)
    private = folder.path / "private"
    (private / f"{folder.keys().keys[0].kid}.pem").write_bytes(
        (private / f"{other.kid}.pem").read_bytes()
    )
    with pytest.raises(FileDamaged, match=other.kid):
        folder.signing_key(NOW)


def test_a_password_that_is_set_but_not_there_is_said(tmp_path):
    assert password_in({}) is None
    assert password_in({"BATTERYLOOP_KEY_PASSWORD": "x"}) == b"x"
    with pytest.raises(PathMissing):
        password_in({"BATTERYLOOP_KEY_PASSWORD_FILE": str(tmp_path / "absent")})
    with pytest.raises(OptionWrong):
        new_signing_key("https://m.example.com", "RS256")
