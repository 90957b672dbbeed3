from pathlib import Path

import pytest

from batteryloop.errors import FileDamaged, FormatUnknown
from batteryloop.readers.detect import detect
from batteryloop.readers.types import Format, Head, RawTable


def head(data):
    return Head(Path("x.csv"), len(data), data)


def known(name, sign, *, is_read=True):
    return Format(name, name.title(), lambda h: h.start.startswith(sign), RawTable, is_read)


def test_the_first_format_that_recognises_the_content_is_chosen():
    formats = [known("one", b"1"), known("any", b""), known("two", b"2")]
    assert detect(head(b"1abc"), formats).name == "one"
    assert detect(head(b"2abc"), formats).name == "any"


def test_an_unknown_file_says_how_it_begins_and_what_was_looked_for():
    formats = [known("one", b"1"), known("notes", b"2", is_read=False)]
    with pytest.raises(FormatUnknown) as raised:
        detect(head(b"\n  hello world\n"), formats)
    assert "hello world" in raised.value.found
    assert raised.value.allowed == "One"


def test_binary_is_shown_as_bytes():
    with pytest.raises(FormatUnknown, match="89 50 4e 47"):
        detect(head(b"\x89PNG\r\n\x1a\n" + bytes(50)), [])


def test_an_empty_file_is_damaged():
    with pytest.raises(FileDamaged):
        detect(head(b""), [])
