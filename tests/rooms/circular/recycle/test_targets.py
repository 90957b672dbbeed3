"""Annex XII by date: who passes, by what margin, and what to change."""

from datetime import date

import pytest

from batteryloop.circular.recycle import balance_plant, best_blend, check_targets, improve_plant
from batteryloop.errors import NotKnown, ValueOutOfRange

IN_2027, IN_2031 = date(2027, 12, 31), date(2031, 12, 31)


def by_subject(results):
    return {result.target.subject: result for result in results}


def test_nickel_rich_packs_pass_in_2027_copper_on_the_mark():
    results = by_subject(check_targets(balance_plant({"NMC622": 50e3}), IN_2027))
    assert all(result.passes for result in results.values())
    assert results["Cu"].margin_frac == pytest.approx(0.0, abs=1e-9)


def test_nickel_rich_packs_fail_in_2031_for_cobalt_nickel_and_copper_but_not_lithium():
    results = by_subject(check_targets(balance_plant({"NMC622": 50e3}), IN_2031))
    assert {name for name, result in results.items() if not result.passes} >= {"Co", "Ni", "Cu"}
    assert results["Li"].passes


def test_what_is_missing_and_where_it_went_are_said():
    copper = by_subject(check_targets(balance_plant({"NMC622": 50e3}), IN_2031))["Cu"]
    assert copper.missing_t == pytest.approx(0.05 * 0.072642 * 50e3, rel=1e-4)
    assert sum(copper.losses_t.values()) == pytest.approx(0.10 * 0.072642 * 50e3, rel=1e-4)
    assert "shredder_residue" in copper.sentence


def test_before_the_law_there_is_no_target():
    assert check_targets(balance_plant({"LFP": 1.0}), date(2024, 1, 1)) == ()


def test_an_element_that_is_not_there_has_no_target():
    assert "Ni" not in by_subject(check_targets(balance_plant({"LFP": 1.0}), IN_2031))


def test_leaving_graphite_out_can_only_lower_the_efficiency():
    plant = balance_plant({"NMC622": 1.0})
    whole, without = (
        check_targets(plant, IN_2027, counting=rule)[0].reached_frac
        for rule in ("whole", "without_graphite")
    )
    assert without < whole


def test_a_wrong_counting_rule_is_refused():
    with pytest.raises(NotKnown, match="without_graphite"):
        check_targets(balance_plant({"LFP": 1.0}), IN_2027, counting="without_grafite")


def test_lithium_iron_phosphate_alone_fails_and_the_reason_says_so():
    blend = best_blend({"LFP": 50e3}, 50e3, IN_2027, must_take_t={"LFP": 50e3})
    assert not blend.is_feasible
    assert "recycling_efficiency" in blend.reason


def test_a_little_of_it_is_carried_by_nickel_rich_packs():
    blend = best_blend({"NMC622": 50e3, "LFP": 5e3}, 50e3, IN_2027, must_take_t={"LFP": 3e3})
    assert blend.is_feasible
    assert all(result.passes for result in blend.targets)
    assert blend.feed_t["LFP"] >= 3e3 - 1e-6


def test_the_most_that_can_be_carried_is_on_the_edge_of_the_target():
    fed = {"NMC622": 1.0, "LFP": 0.0}
    out = {c: check_targets(balance_plant({c: 1.0}), IN_2027)[0].reached_frac for c in fed}
    most = (out["NMC622"] - 0.65) / (out["NMC622"] - out["LFP"])
    for factor, passes in ((0.999, True), (1.001, False)):
        must = {"LFP": 50e3 * most * factor}
        blend = best_blend({"NMC622": 50e3, "LFP": 50e3}, 50e3, IN_2027, must_take_t=must)
        full = blend.is_feasible and sum(blend.feed_t.values()) == pytest.approx(50e3)
        assert full is passes


@pytest.mark.parametrize("day", [IN_2027, IN_2031])
def test_the_optimiser_finds_added_steps_with_which_it_passes(day):
    plan = improve_plant({"LFP": 50e3}, 50e3, day, must_take_t={"LFP": 50e3})
    assert not plan.without_steps.is_feasible
    assert "iron_phosphate" in plan.fewest.steps
    assert all(result.passes for result in plan.fewest.targets)
    assert plan.best.net_usd >= plan.fewest.net_usd
    again = balance_plant(plan.best.feed_t, steps=plan.best.steps)
    assert again.worst_closure_frac < 1e-9
    assert all(result.passes for result in check_targets(again, day))


def test_no_set_of_steps_that_passes_is_worth_more():
    allowed = ("iron_phosphate", "iron_scrap", "plastics", "carbon_black")
    plan = improve_plant(
        {"LFP": 1e4}, 1e4, IN_2027, allowed_steps=allowed, must_take_t={"LFP": 1e4}
    )
    assert plan.n_tried == 16
    worth = [
        blend.net_usd
        for k in range(16)
        for blend in [
            best_blend(
                {"LFP": 1e4}, 1e4, IN_2027, must_take_t={"LFP": 1e4},
                steps=tuple(s for i, s in enumerate(allowed) if k >> i & 1),
            )
        ]
        if blend.is_feasible
    ]  # fmt: skip
    assert plan.n_passing == len(worth)
    assert plan.best.net_usd == pytest.approx(max(worth))


def test_more_must_be_taken_than_is_on_offer_is_refused():
    with pytest.raises(ValueOutOfRange, match="on offer"):
        best_blend({"LFP": 1.0}, 10.0, IN_2027, must_take_t={"LFP": 2.0})


def test_a_step_that_the_plant_cannot_have_is_refused():
    with pytest.raises(NotKnown, match="iron_phosphate"):
        improve_plant({"LFP": 1.0}, 1.0, IN_2027, route="pyro", allowed_steps=("iron_phosphate",))


def test_the_shadow_price_of_capacity_is_what_one_tonne_more_brings():
    supply = {"NMC622": 60e3, "LFP": 60e3}
    must = {"LFP": 3e3}
    less, more = (best_blend(supply, c, IN_2027, must_take_t=must) for c in (50e3, 50_001.0))
    gained = more.net_usd - less.net_usd
    assert less.shadow_usd_per_t["capacity"] == pytest.approx(gained, rel=1e-4)


def test_a_binding_target_has_a_price():
    supply = {"NMC622": 30e3, "LFP": 60e3}
    blend = best_blend(supply, 50e3, IN_2027, counting="whole")
    assert blend.targets[0].margin_frac == pytest.approx(0.0, abs=1e-6)
    assert blend.shadow_usd_per_t["recycling_efficiency"] > 0
