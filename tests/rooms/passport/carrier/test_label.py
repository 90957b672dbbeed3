"""What a label says, what it lacks, how large the symbol is, and the page."""

import math
import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.errors import BatteryloopError, InputWrong, NotKnown, OptionWrong, ValueOutOfRange
from batteryloop.passport.carrier import (
    LabelFacts,
    LabelSize,
    collection_svg,
    heavy_metals,
    label_facts_of,
    label_page,
    symbol_size,
)

FACTS = LabelFacts(
    "https://id.example.com/01/09521234543213/21/42",
    battery_id="SN 42",
    model="LFP-280",
    category="electric-vehicle",
    manufacturer=("Maker <AG>", "Hauptstraße 1, 70173 Stuttgart"),
    made_at="Jingmen, CN",
    made_on=date(2021, 12, 4),
    mass_kg=430.5,
    capacity_ah=280.0,
    chemistry="LFP",
    hazardous=(),
    extinguishing=("water",),
    critical=("lithium", "phosphorus"),
)
LATER = date(2027, 3, 1)


def test_a_whole_label_lacks_nothing():
    assert FACTS.missing(LATER) == ()


@pytest.mark.parametrize(
    ("empty", "title"),
    [
        ({"chemistry": ""}, "Chemistry"),
        ({"capacity_ah": None}, "Capacity"),
        ({"hazardous": None}, "Hazardous substances"),
        ({"extinguishing": ()}, "Extinguishing agent"),
        ({"made_on": None}, "Manufactured"),
        ({"link": ""}, "Code"),
    ],
)
def test_what_is_missing_is_named_with_its_article_from_its_day_on(empty, title):
    facts = replace(FACTS, **empty)
    (item,) = facts.missing(LATER)
    assert item.title == title
    assert "Art. 13" in item.legal_reference
    assert facts.missing(date(2026, 8, 17)) == ()


def test_none_is_said_where_there_are_none_and_nothing_where_nobody_knows():
    assert ("Hazardous substances", "none") in FACTS.words()
    assert "Hazardous substances" not in dict(replace(FACTS, hazardous=None).words())


@pytest.mark.parametrize(
    "wrong", [{"mass_kg": 0.0}, {"capacity_ah": math.nan}, {"lead_frac": 60.0}]
)
def test_a_figure_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueOutOfRange):
        replace(FACTS, **wrong)


@given(st.floats(1, 1e9))
def test_the_symbol_covers_three_percent_or_is_as_large_as_it_must_be(area_mm2):
    size = symbol_size(area_mm2)
    if size.is_on_battery:
        assert 4.7 <= size.side_mm <= 50
        covers = size.side_mm**2 >= 0.03 * area_mm2 * (1 - 1e-9)
        assert covers or size.side_mm == pytest.approx(50)
    else:
        assert size.side_mm == 10
        assert math.sqrt(0.03 * area_mm2) < 4.7


def test_a_cylinder_needs_half_the_share():
    assert symbol_size(10_000, is_cylinder=True).side_mm == pytest.approx(math.sqrt(150))


@pytest.mark.parametrize("area", [0.0, -1.0, math.nan, math.inf])
def test_a_side_without_area_is_refused(area):
    with pytest.raises(ValueOutOfRange):
        symbol_size(area)


def test_lead_and_cadmium_stand_below_the_symbol_above_their_share():
    assert heavy_metals(0.00002, 0.00004) == ()
    assert heavy_metals(0.000021, 0.000041) == ("Cd", "Pb")
    assert "Pb" in collection_svg(side_mm=14, metals=("Pb",))
    assert "Pb" not in collection_svg(side_mm=14)


def test_the_page_says_everything_and_escapes_it():
    page = label_page([FACTS])
    for title, words in FACTS.words():
        assert title in page
        assert words.replace("<", "&lt;").replace(">", "&gt;") in page
    assert "<AG>" not in page
    assert "Separate collection" in page
    assert "http://www.w3.org/2000/svg" in page
    assert not re.search(r"<(script|link|img|iframe)\b", page)


def test_a_sheet_holds_as_many_as_fit_and_goes_on():
    page = label_page([FACTS] * 9)
    assert page.count('class="sheet"') == 2
    assert page.count('class="label"') == 9
    assert "size: A4" in page


def test_a_single_label_is_a_page_of_its_own():
    page = label_page([FACTS] * 2, size=LabelSize(100, 80), is_sheet=False)
    assert "size: 100mm 80mm" in page
    assert page.count('class="sheet"') == 2


@pytest.mark.parametrize("size", [(300.0, 60.0), (20.0, 60.0), (96.0, 300.0), (96.0, math.nan)])
def test_a_label_larger_than_the_sheet_is_refused(size):
    with pytest.raises(OptionWrong):
        LabelSize(*size)


def test_a_passport_gives_what_is_public_and_not_its_status():
    facts = label_facts_of(
        {
            "format": "batteryloop passport 1",
            "attributes": {
                "passport_id": {"value": "https://p.example.com/1"},
                "battery_id": {"value": "https://id.example.com/01/09521234543213/21/42"},
                "manufacturer": {"value": {"name": "Maker", "address": "Street 1"}},
                "manufactured_on": {"value": "2021-12-04"},
                "mass_kg": {"value": 430.5, "unit": "kg"},
                "chemistry": {"value": "LFP"},
                "hazardous_substances": {"value": [{"name": "LiPF6", "class": "x"}]},
                "critical_raw_materials": {"value": ["lithium"]},
                "status": {"value": "repurposed"},
            },
        }
    )
    assert facts.link.endswith("/21/42")
    assert facts.manufacturer == ("Maker", "Street 1")
    assert facts.hazardous == ("LiPF6",)
    assert facts.extinguishing == ()
    assert "repurposed" not in label_page([facts])


def test_a_wrong_name_or_kind_of_fact_is_said():
    with pytest.raises(NotKnown, match="chemistry"):
        label_facts_of({"chemstry": "LFP"})
    with pytest.raises(InputWrong, match="mass_kg"):
        label_facts_of({"mass_kg": "heavy"})
    with pytest.raises(InputWrong, match="made_on"):
        label_facts_of({"made_on": "last year"})


@given(
    st.recursive(
        st.none() | st.text(max_size=5) | st.integers() | st.floats(),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["attributes", "link", "made_on", "mass_kg", "critical", "value",
                             "battery_id", "manufacturer", "hazardous_substances"]),
            inner,
        ),
        max_leaves=8,
    )
)  # fmt: skip
def test_any_document_gives_facts_or_an_error_of_the_tree(document):
    try:
        label_facts_of(document)
    except BatteryloopError:
        return
