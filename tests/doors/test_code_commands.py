"""Codes on labels, read and made from the command line."""


def test_codes_of_several_kinds_are_read_in_one_go(batteryloop):
    ended = batteryloop(
        "record", "code", "04QCB76836300JBC40000903", "https://e.com/01/09521234543213/21/42",
        "nonsense", "--json",
    )  # fmt: skip
    assert ended.code == 0
    cell, link = ended.document["codes"]
    assert (cell["chemistry"], cell["made_on"]) == ("LFP", "2021-12-04")
    assert link["serial"] == "42"
    assert [r["subject"] for r in ended.document["refused"]] == ["nonsense"]


def test_the_screen_says_the_parts_and_the_doubts(batteryloop):
    ended = batteryloop("record", "code", "04QCB76836300JBC40000903")
    assert "2021-12-04" in ended.out
    assert "another" not in ended.out
    assert "A is 2021" in ended.out


def test_a_wrong_check_digit_ends_with_2_and_says_the_right_one(batteryloop):
    ended = batteryloop("record", "code", "https://e.com/01/09521234543214/21/42")
    assert ended.code == 2
    assert "allowed: 3" in ended.err


def test_a_code_is_made_of_its_parts(batteryloop):
    words = ("record", "code-make", "gbt34014", "maker=04Q", "product=cell", "chemistry=LFP")
    more = ("specification=76", "traceability=836300J", "made_on=2021-12-04", "number=903")
    assert batteryloop(*words, *more).out == "04QCB76836300JBC40000903\n"
    made = batteryloop("record", "code-make", "gs1", "gtin=09521234543213", "serial=A/7", "--json")
    assert made.document["text"] == "https://id.gs1.org/01/09521234543213/21/A%2F7"


def test_a_missing_part_or_a_wrong_name_is_said(batteryloop):
    ended = batteryloop("record", "code-make", "iso15459", "agency=UN", "serial=1")
    assert ended.code == 2
    assert "without company" in ended.err
    ended = batteryloop("record", "code-make", "gs1", "gtin=09521234543213", "seral=1")
    assert ended.code == 2
    assert "did you mean serial" in ended.err
    assert batteryloop("record", "code-make", "gs1", "gtin").code == 2
