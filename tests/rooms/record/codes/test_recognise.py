"""One function for whichever code a text is; hostile text gets an error of the tree."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.errors import BatteryloopError, InputWrong, NotKnown
from batteryloop.record.codes import UniqueIdentifier, read_link, recognise


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("https://id.example.com/01/09521234543213/21/42", "GS1 Digital Link"),
        ("(01)09521234543213(21)42", "GS1 Digital Link"),
        ("https://x.example.com/?s=00017", "identification link"),
        ("https://x.example.com/01/packs/7", "identification link"),
        ("04QCB76836300JBC40000903", "GB/T 34014 traction battery code"),
        ("  04QPB76M1Y0000001RP\n", "GB/T 34014 traction battery code"),
        ("25SUN123456789BAT0042", "ISO/IEC 15459 unique identifier"),
        ("ODA1B2SERIAL-7", "ISO/IEC 15459 unique identifier"),
    ],
)
def test_each_kind_is_known_by_itself(text, kind):
    code = recognise(text, today=date(2026, 11, 25))
    assert code.kind == kind
    assert code.as_dict()["text"] == code.text
    assert recognise(code.text).text == code.text


def test_a_wrong_check_digit_is_said_and_not_taken_for_another_code():
    with pytest.raises(InputWrong, match="check digit 4; allowed: 3"):
        recognise("https://id.example.com/01/09521234543214/21/42")


def test_a_code_of_twenty_four_signs_that_is_a_unique_identifier_is_one():
    # C in fourth place, but no product's letters; D begins a NATO identifier.
    text = "DABC12SERIAL000000000007"
    assert len(text) == 24
    assert recognise(text).kind == "ISO/IEC 15459 unique identifier"


@given(st.text(max_size=200) | st.text("https:/01?#%()[]ABC123.", max_size=80))
def test_hostile_text_is_read_or_refused_by_an_error_of_the_tree(text):
    with contextlib.suppress(BatteryloopError):
        assert recognise(text).text


@pytest.mark.parametrize(
    "text",
    ["https://example.com", "https://example.com/", "https://e.com/" + "a" * 250, "http:///x"],
)
def test_a_link_that_names_nothing_or_too_much_is_refused(text):
    with pytest.raises(InputWrong):
        read_link(text)


def test_a_link_is_never_altered():
    text = "https://Example.com/Pack/7?x=%C3%A4"
    assert read_link(text).text == text


def test_doubts_of_a_link_are_said():
    notes = " ".join(read_link("http://e.com:8080/Pack#7").notes)
    for word in ("http:", "port", "#", "case"):
        assert word in notes


def test_an_agency_that_is_not_known_gets_the_nearest():
    with pytest.raises(NotKnown, match="UN"):
        UniqueIdentifier("UNN", "123456789", "1")


@pytest.mark.parametrize("serial", ["", "lower", "Ä", "A" * 40, "A B"])
def test_a_serial_that_may_not_stand_is_refused(serial):
    with pytest.raises(InputWrong):
        UniqueIdentifier("UN", "123456789", serial)
