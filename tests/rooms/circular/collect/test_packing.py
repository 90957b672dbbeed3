"""Each condition has its packing; what does not go together is refused with the reason."""

from dataclasses import replace
from datetime import date

import pytest

from batteryloop.circular.collect import PickUp, goods_entry, loading_bans, packing_rule
from batteryloop.circular.collect.goods import limit
from batteryloop.circular.collect.loading import load_points, needs_certified_driver
from batteryloop.circular.collect.network import compatible_sets
from batteryloop.errors import InputWrong, NotKnown, RecordSaysNo
from batteryloop.reference.rows import rows

DAY = date(2026, 11, 25)
SITE = PickUp("S1", "Garage", "Lyon", "FR", 45.8, 4.8, 300.0)
TABLES = (
    "goods.csv", "packing_rules.csv", "mixed_loading.csv", "limits.csv", "movement_rules.csv",
)  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "purpose", "mass_kg", "packing"),
    [
        ("intact", "reuse", 300.0, "P903"),
        ("intact", "reuse", 500.0, "LP903"),
        ("intact", "recycling", 300.0, "P909"),
        ("intact", "disposal", 500.0, "P909"),
        ("damaged", "recycling", 300.0, "P908"),
        ("damaged", "reuse", 500.0, "LP904"),
        ("critical", "disposal", 300.0, "P911"),
        ("critical", "recycling", 500.0, "LP906"),
        ("prototype", "reuse", 300.0, "P910"),
        ("prototype", "reuse", 500.0, "LP905"),
        ("prototype", "recycling", 500.0, "P909"),
    ],
)
def test_condition_purpose_and_mass_choose_the_packing(condition, purpose, mass_kg, packing):
    site = replace(
        SITE, condition=condition, purpose=purpose, mass_kg=mass_kg, approval="BAM/2026/1"
    )
    assert packing_rule(site, DAY).allowed == (packing,)


@pytest.mark.parametrize(
    ("condition", "packing"),
    [
        ("damaged", "P903"),
        ("damaged", "P909"),
        ("critical", "P908"),
        ("critical", "LP904"),
        ("intact", "P903"),
        ("prototype", "P903"),
    ],
)
def test_a_packing_that_does_not_fit_is_refused_with_the_one_that_does(condition, packing):
    site = replace(SITE, condition=condition, packing=packing, approval="BAM/2026/1")
    with pytest.raises(InputWrong, match="repack by P"):
        packing_rule(site, DAY)


def test_a_packaging_cannot_hold_more_than_400_kg():
    with pytest.raises(InputWrong, match="LP904"):
        packing_rule(replace(SITE, condition="damaged", mass_kg=401.0, packing="P908"), DAY)
    large = replace(SITE, condition="damaged", packing="LP904")
    assert "LP904" in packing_rule(large, DAY).allowed


def test_damaged_and_critical_ones_carry_the_words_and_the_mark():
    rule = packing_rule(replace(SITE, condition="damaged", un_number="UN3551"), DAY)
    assert rule.mark == "DAMAGED/DEFECTIVE SODIUM-ION BATTERIES"
    assert "special provision 376" in rule.statement
    assert packing_rule(replace(SITE, condition="critical", approval="X"), DAY).is_critical


def test_critical_ones_need_an_approval():
    with pytest.raises(RecordSaysNo, match="approval"):
        packing_rule(replace(SITE, condition="critical"), DAY)


def test_a_vehicle_goes_by_its_own_number_since_the_day_it_holds():
    car = replace(SITE, un_number="UN3556", packed="vehicle", mass_kg=450.0)
    assert packing_rule(car, DAY).allowed == ("P912",)
    assert goods_entry("3171", "vehicle", date(2025, 6, 30)).shipping_name.startswith("BATTERY")
    with pytest.raises(InputWrong, match="use UN3556"):
        goods_entry("UN3171", "vehicle", date(2025, 7, 1))


@pytest.mark.parametrize(("number", "packed"), [("UN3480", "in-equipment"), ("UN3556", "alone")])
def test_a_number_for_other_goods_is_refused(number, packed):
    with pytest.raises(InputWrong, match="not for goods packed"):
        goods_entry(number, packed, DAY)


def test_names_that_are_not_known_get_the_nearest():
    with pytest.raises(NotKnown, match="UN3480"):
        goods_entry("UN3490", "alone", DAY)
    with pytest.raises(NotKnown, match="damaged"):
        packing_rule(replace(SITE, condition="damagd"), DAY)
    with pytest.raises(NotKnown, match="recycling"):
        packing_rule(replace(SITE, purpose="recyclin"), DAY)
    with pytest.raises(NotKnown, match="exempt_points"):
        limit("exempt_point")


def test_a_critical_battery_in_a_vehicle_has_no_rule():
    car = replace(SITE, un_number="UN3556", packed="vehicle", condition="critical", approval="X")
    with pytest.raises(InputWrong, match="competent authority"):
        packing_rule(car, DAY)


@pytest.mark.parametrize(("mass_kg", "n"), [(0.0, 1), (-1.0, 1), (float("nan"), 1), (10.0, 0)])
def test_nothing_cannot_be_packed(mass_kg, n):
    with pytest.raises(InputWrong, match="above 0"):
        packing_rule(replace(SITE, mass_kg=mass_kg, n_packages=n), DAY)


def test_explosives_and_critical_ones_ride_alone():
    assert [b.basis for b in loading_bans(["intact", "explosives"], DAY)] == ["law"]
    assert len(loading_bans(["intact", "damaged", "critical"], DAY)) == 2
    assert compatible_sets(["critical", "prototype"], DAY) == (
        frozenset({"critical"}),
        frozenset({"prototype"}),
    )


def test_points_are_three_a_kilogram_and_critical_ones_have_no_exemption():
    plain = packing_rule(SITE, DAY)
    critical = packing_rule(replace(SITE, condition="critical", approval="X"), DAY)
    assert load_points([(plain, 300.0)]) == 900.0
    assert load_points([(plain, 1.0), (critical, 1.0)]) is None
    assert needs_certified_driver(None)


@pytest.mark.parametrize("table", TABLES)
def test_every_rule_says_how_far_it_was_looked_up(table):
    for row in rows("batteryloop.circular.collect", table):
        assert row["confidence"].strip(), row
        assert row["source"].strip() or row["confidence"] == "project default", row
