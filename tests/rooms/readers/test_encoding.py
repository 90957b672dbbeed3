import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.readers.encoding import decode, decode_head, guess_encoding

HEADER = "Time[h]\tU[V]\tI[A]\tT1[°C]\n0,0\t3,70\t1,00\t24,5\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"]
)
def test_what_was_encoded_is_decoded(encoding):
    data = HEADER.encode(encoding)
    assert decode(data, guess_encoding(data)) == HEADER
    assert decode_head(data) == HEADER


def test_chinese_words_tell_gb_18030_from_windows_1252():
    data = "工步号,电压(V),电流(A)\n1,3.7,0.5\n".encode("gb18030")
    assert guess_encoding(data) == "gb18030"


def test_a_character_cut_by_the_end_of_the_head_is_no_error():
    assert decode_head("3,7 °".encode()[:-1]).startswith("3,7 ")


@pytest.mark.parametrize(
    "data", [bytes(100), bytes(range(256)), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 9]
)
def test_binary_is_not_text(data):
    assert guess_encoding(data) == ""
    assert decode_head(data) == ""


def test_a_flipped_byte_does_not_make_a_text_binary():
    data = bytearray(HEADER.encode() * 20)
    data[300] = 0
    assert guess_encoding(bytes(data)) == "utf-8"


@given(st.binary(max_size=300))
def test_any_bytes_have_an_answer(data):
    assert isinstance(decode_head(data), str)
