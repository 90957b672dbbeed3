"""The Chinese traction battery code, against labels that were photographed."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.errors import InputWrong, NotKnown
from batteryloop.record.codes import make_traction_code, read_traction_code
from batteryloop.record.codes.traction import SIGNS, disputes, letters

# The pattern of Catena-X traction_battery_code 2.0.0, but I left out of H-N.
CATENA_X = re.compile(
    r"(^[A-Z0-9]{3}[PMC][A-GZ][A-Z0-9]{2}[A-Z0-9]{7}[1-9A-HJ-NPR-Y][1-9A-C][0-9A-HJ-NPR-Y]\d{7}$)|"
    r"(^[A-Z0-9]{3}[PMC][A-GZ][A-Z0-9]{2}[1-9A-HJ-NPR-Y][1-9A-C][0-9A-HJ-NPR-Y]\d{7}R[PMC]$)"
)
signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
dates = st.dates(date(2011, 1, 1), date(2041, 12, 31))


@pytest.mark.parametrize(
    ("text", "made_on", "number", "chemistry"),
    [
        ("001cb240000003b3c0221953", date(2021, 3, 12), 221953, "LFP"),  # CATL 302 Ah
        ("04qcb76836300jbc40000903", date(2021, 12, 4), 903, "LFP"),  # EVE 280K
    ],
)
def test_printed_cells_are_read(text, made_on, number, chemistry):
    code = read_traction_code(text)
    assert (code.product, code.chemistry) == ("cell", chemistry)
    assert (code.made_on, code.number, code.is_reuse) == (made_on, number, False)


def test_the_example_of_catena_x_is_read():
    code = read_traction_code("X12MCPM27KLPCLX2M2382320", today=date(2026, 11, 25))
    assert (code.product, code.chemistry, code.made_on) == ("module", "LMO", date(2040, 2, 21))
    assert any("made after 2026-11-25" in note for note in code.notes)


@given(
    st.text(signs, min_size=3, max_size=3),
    st.sampled_from(["pack", "module", "cell"]),
    st.sampled_from([row.meaning for row in letters("chemistry").values()]),
    st.text(signs, min_size=2, max_size=2),
    st.text(signs, min_size=7, max_size=7),
    dates,
    st.integers(1, 9_999_999),
    st.booleans(),
)
def test_what_is_made_is_read_again(
    maker, product, chemistry, specification, trace, made_on, number, is_reuse
):
    code = make_traction_code(
        maker=maker,
        product=product,
        chemistry=chemistry,
        specification=specification,
        traceability="" if is_reuse else trace,
        made_on=made_on,
        number=number,
        is_reuse=is_reuse,
    )
    assert len(code.text) == (19 if is_reuse else 24)
    assert CATENA_X.match(code.text)
    again = read_traction_code(code.text)
    assert (again.product, again.chemistry, again.made_on) == (product, chemistry, made_on)
    assert (again.number, again.is_reuse, again.maker) == (number, is_reuse, maker)


def test_thirty_one_signs_are_the_days_of_a_month():
    assert len(SIGNS) == 31
    assert not set(SIGNS) & set("0IOQZ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("04QCB76836300JBC40000903X", "25 characters"),
        ("04QXB76836300JBC40000903", "X at X4 is no product"),
        ("04QCH76836300JBC40000903", "H at X5 is no chemistry"),
        ("04QCB76836300JIC40000903", "I at X15 is no year"),
        ("04QCB76836300JBD40000903", "D at X16 is no month"),
        ("04QCB76836300JBC00000903", "0 at X17 is no day"),
        ("04QCB76836300JB2Y0000903", "2021-02-31 is no day"),
        ("04QCB76836300JBC4000090A", "seven digits"),
    ],
)
def test_a_code_that_cannot_be_says_where(text, said):
    with pytest.raises(InputWrong, match=said):
        read_traction_code(text)


def test_signs_in_dispute_are_named_with_the_other_reading():
    notes = " ".join(read_traction_code("04QCB76836300JBC40000903").notes)
    assert "A is 2020" in notes
    assert "A is 2021" in notes
    assert "December" in notes
    assert read_traction_code("04QCB76836300J9140000903").notes == ()


def test_a_reused_product_says_that_public_texts_disagree_on_its_length():
    notes = read_traction_code("04QPB76M1Y0000001RP").notes
    assert any("18 characters" in note for note in notes)


def test_each_dispute_says_who_and_why():
    assert all(d.who and d.why_ours and d.theirs != d.ours for d in disputes())


def test_a_chemistry_without_letter_gets_the_nearest():
    with pytest.raises(NotKnown, match="LFP"):
        make_traction_code(
            maker="04Q", product="cell", chemistry="LFPP", specification="76",
            traceability="836300J", made_on=date(2021, 1, 1), number=1,
        )  # fmt: skip


def test_years_past_the_signs_are_refused():
    with pytest.raises(InputWrong, match="2011 to 2041"):
        make_traction_code(
            maker="04Q", product="cell", chemistry="LFP", specification="76",
            traceability="836300J", made_on=date(2042, 1, 1), number=1,
        )  # fmt: skip
