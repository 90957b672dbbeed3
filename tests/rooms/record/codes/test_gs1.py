"""GS1 identities: check digits, order of the qualifiers, escapes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.errors import InputWrong
from batteryloop.record.codes import Gs1Identity, gtin_check_digit, read_gs1

SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
values = st.text(SET_82, min_size=1, max_size=20)
gtins = st.text("0123456789", min_size=13, max_size=13).map(lambda b: b + gtin_check_digit(b))


@given(gtins, values, values | st.just(""), values | st.just(""))
def test_what_is_made_is_read_again(gtin, serial, lot, variant):
    made = Gs1Identity(gtin, serial=serial, lot=lot, variant=variant, host="id.example.com")
    assert read_gs1(made.text) == made


@given(gtins, st.integers(0, 13), st.integers(1, 9))
def test_every_single_wrong_digit_is_found(gtin, place, shift):
    wrong = gtin[:place] + str((int(gtin[place]) + shift) % 10) + gtin[place + 1 :]
    with pytest.raises(InputWrong, match="check digit"):
        Gs1Identity(wrong, serial="1")


@pytest.mark.parametrize(
    ("body", "digit"),
    # Printed items: the examples of GS1's own manuals and a book's ISBN-13.
    [("629104150021", "3"), ("0952123454321", "3"), ("978030640615", "7"), ("0950600013435", "2")],
)
def test_check_digits_are_those_that_are_printed(body, digit):
    assert gtin_check_digit(body) == digit


@pytest.mark.parametrize(
    "link",
    [
        "https://e.com/01/09521234543213/21/S/10/L",  # lot behind serial
        "https://e.com/01/09521234543213/10/L/22/V",  # variant behind lot
        "https://e.com/01/09521234543213/21/S/21/S",  # twice
        "https://e.com/01/09521234543213/17/270101",  # a date is no qualifier
        "https://e.com/01/09521234543213/21/S/235/X",  # 235 stands instead of 21
        "https://e.com/01/09521234543213/21/",  # no value
        "https://e.com/01/09521234543213/21/A%2",  # broken escape
        "https://e.com/01/09521234543213/21/%C3%A4",  # ä is not of the set
        "https://e.com/01/09521234543213/21/" + "A" * 21,  # too long
        "https://u:p@e.com/01/09521234543213/21/S",  # a user in the address
        "ftp://e.com/01/09521234543213/21/S",
    ],
)
def test_a_link_that_breaks_a_rule_is_refused(link):
    with pytest.raises(InputWrong):
        read_gs1(link)


def test_a_path_before_and_attributes_behind_are_kept():
    found = read_gs1("https://e.com/some/where/01/09521234543213/21/S?17=270101#top")
    assert (found.stem, found.query) == ("/some/where", "17=270101")
    assert found.text == "https://e.com/some/where/01/09521234543213/21/S?17=270101"
    assert any("#" in note for note in found.notes)


def test_a_short_gtin_is_filled_up_and_says_so():
    found = read_gs1("https://e.com/01/9780306406157/21/S")
    assert found.gtin == "09780306406157"
    assert found.notes == ("GTIN-13 filled up with zeros to 14 digits",)


def test_a_model_without_serial_number_says_that_it_is_none_of_one_battery():
    found = read_gs1("https://e.com/01/09521234543213")
    assert not found.is_of_one_item
    assert "serial" in found.notes[0]


@pytest.mark.parametrize("host", ["", "e.com/x", "a b", "u@e.com", "é.com"])
def test_a_host_that_is_none_is_refused(host):
    with pytest.raises(InputWrong):
        Gs1Identity("09521234543213", serial="1", host=host)


def test_a_third_party_extension_stands_alone():
    assert read_gs1("https://e.com/01/09521234543213/235/TPX9").extension == "TPX9"
