"""What a pack is worth: from the whole distribution, behind safety and gates no price can move."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.circular.gates import gates
from batteryloop.circular.triage.judge import USUAL, judge, updated, worth_after_test
from batteryloop.circular.triage.kernels import worth as kernel
from batteryloop.circular.triage.kernels.worth import worth
from batteryloop.circular.triage.packs import ReturnedPack, checked_pack, returned_packs
from batteryloop.circular.triage.tables import (
    FATES,
    PARAMETERS,
    PRICE,
    StateTest,
    fate_table,
    read_rows,
    state_tests,
)
from batteryloop.errors import InputWrong, NotKnown, ValueOutOfRange
from batteryloop.quantities import Estimate

ON = date(2026, 11, 25)
PROFILES = ("eu-2023-1542", "ul-1974", "maker")


def pack(soh=0.85, half=0.03, spread=0.05, unsafe=0.0005, **more):
    return ReturnedPack(
        "P", "NMC622", 60.0, 310.0,
        Estimate("soh_frac", soh, soh - half, soh + half, 0.9, "test"),
        Estimate("spread_frac", spread, spread - 0.01, spread + 0.01, 0.9, "test"),
        unsafe, **more,
    )  # fmt: skip


def judged(*packs, rows=None, profiles=PROFILES):
    arrays = returned_packs(packs)
    return judge(arrays, fate_table(arrays.chemistries, rows), gates(profiles, on=ON))


def allowed(found, fate, i=0):
    return bool(found.is_allowed[i, FATES.index(fate)])


def value(found, fate, i=0):
    return float(found.worth_eur[USUAL, i, FATES.index(fate)])


def test_the_kernel_reads_parameters_in_the_tables_order():
    names = list(PARAMETERS)
    assert names[kernel.PRICE] == "price_eur_per_kwh"
    assert names[kernel.MODULE] == "module_eur_per_kwh"
    assert names[kernel.REPLACED_MOST] == "replaced_most_frac"
    assert names[kernel.PAYABLE] == "payable_eur_per_kg"
    assert names[kernel.SPREAD_LEFT] == "spread_left_frac"


def test_recycling_pays_by_mass_whatever_the_health():
    found = judged(pack(soh=0.5), pack(soh=0.95))
    assert value(found, "recycle", 0) == value(found, "recycle", 1) == 0.0


def test_reuse_by_hand():
    par = np.zeros(len(PARAMETERS))
    par[[0, 1, 3, 4, 5, 11]] = (75.0, 90.0, 0.8, 60.0, 0.6, 1.0)
    got, after, left = worth(0.9, 0.05, 60.0, 300.0, par)
    assert got == pytest.approx(75.0 * 60.0 * 0.9 * (0.3 / 0.4) - 90.0)
    assert (after, left) == (0.9, 0.05)
    short, _, _ = worth(0.79, 0.05, 60.0, 300.0, par)
    assert short == pytest.approx(-60.0 * 60.0 - 90.0)


def test_the_mean_alone_would_overrate_an_unsure_pack():
    sure, unsure = pack(soh=0.82, half=0.002), pack(soh=0.82, half=0.08)
    found = judged(sure, unsure)
    assert value(found, "reuse", 0) > value(found, "reuse", 1) + 500.0


def test_no_price_buys_safety():
    rows = read_rows("fates")
    dear = [
        {**row, "low": "1e6", "value": "1e6", "high": "1e6"}
        if row["parameter"] == "price_eur_per_kwh"
        else row
        for row in rows
    ]
    found = judged(pack(unsafe=0.05), rows=dear)
    assert not any(allowed(found, fate) for fate in ("reuse", "repair", "repurpose"))
    assert allowed(found, "recycle")


def test_opening_a_pack_finds_defects_that_a_shut_one_hides():
    found = judged(pack(unsafe=0.005))
    assert not allowed(found, "reuse")
    assert allowed(found, "repair")


def test_remanufacture_needs_the_capacity_and_the_spread_of_the_law():
    assert allowed(judged(pack(soh=0.89, half=0.01, spread=0.05)), "remanufacture")
    # Too many modules would have to be new.
    assert not allowed(judged(pack(soh=0.70, half=0.01, spread=0.05)), "remanufacture")
    # Matching leaves a fifth of the spread: 5 % is more than 3 %.
    assert not allowed(judged(pack(soh=0.85, half=0.01, spread=0.25)), "remanufacture")


def test_another_purpose_is_no_remanufacture():
    found = judged(pack(soh=0.92, is_same_purpose=False))
    assert not allowed(found, "remanufacture")


def test_past_the_makers_expiry_only_recycling_is_left():
    found = judged(pack(soh=0.95, is_before_expiry=False))
    assert [fate for fate in FATES if allowed(found, fate)] == ["recycle"]


def test_gates_count_from_the_day_they_are_in_force():
    early = gates(["eu-2023-1542"], on=date(2023, 6, 1))
    assert early == ()


def test_a_profile_that_is_none_gets_the_nearest():
    with pytest.raises(NotKnown, match="ul-1974"):
        gates(["ul-1975"], on=ON)


def test_the_users_rows_replace_ours():
    rows = [
        {"fate": "reuse", "chemistry": "*", "parameter": "price_eur_per_kwh", "low": "1",
         "value": "2", "high": "3"},
        {"fate": "reuse", "chemistry": "LFP", "parameter": "price_eur_per_kwh", "low": "4",
         "value": "5", "high": "6"},
    ]  # fmt: skip
    table = fate_table(["LFP", "NCA"], rows)
    assert table.values[:, :, 0, PRICE].tolist() == [[4, 1], [5, 2], [6, 3]]


def test_an_interval_the_wrong_way_round_is_refused():
    row = {"fate": "reuse", "chemistry": "*", "parameter": "price_eur_per_kwh", "low": "3",
           "value": "2", "high": "1"}  # fmt: skip
    with pytest.raises(InputWrong, match="low <= value <= high"):
        fate_table(["LFP"], [row])


@pytest.mark.parametrize("wrong", [{"soh": 85.0}, {"unsafe": 1.5}])
def test_a_pack_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueOutOfRange):
        checked_pack(pack(**wrong))


def after(found, test):
    packs = found.packs
    return worth_after_test(
        found, test, net_of_eur=np.zeros((packs.n_packs, len(FATES))),
        hold_eur=np.full(packs.n_packs, -1e6),
    )  # fmt: skip


NOTHING = StateTest("nothing", 1e9, 1e9, 0.5, 0.5, 0.0, 0.0, "", "")


@settings(max_examples=25, deadline=None)
@given(st.floats(0.6, 0.95), st.floats(0.005, 0.1), st.floats(0.0, 0.001))
def test_information_is_never_worth_less_than_nothing_where_nothing_bars(soh, half, unsafe):
    found = judged(pack(soh=soh, half=half, unsafe=unsafe), profiles=())
    full = next(test for test in state_tests() if test.test == "full-capacity")
    # Only health is learned, so that safety cannot bar what was open before.
    only_health = StateTest("h", full.soh_noise_frac, 0.03, 0.5, 0.5, 0.0, 0.0, "", "")
    now = found.worth_eur[USUAL][found.is_allowed].max()
    # The nodes are few: they hold the law, and agree with the finer ones of `judge`, to a few
    # per cent.
    left_eur = 0.05 * abs(after(found, NOTHING)[0]) + 1.0
    assert after(found, only_health)[0] >= after(found, NOTHING)[0] - left_eur
    assert after(found, NOTHING)[0] == pytest.approx(now, rel=0.15, abs=250.0)


def test_a_leak_test_frees_a_doubted_pack():
    found = judged(pack(soh=0.84, half=0.01, unsafe=0.02))
    leak = next(test for test in state_tests() if test.test == "rest-and-leak")
    assert after(found, leak)[0] > after(found, NOTHING)[0] + leak.cost_eur


def test_a_test_that_reads_what_was_believed_only_narrows():
    arrays = returned_packs([pack(unsafe=0.02)])
    full = state_tests()[0]
    told = updated(arrays, full, arrays.soh_mean_frac, arrays.spread_mean_frac, np.array([False]))
    assert told.soh_mean_frac == pytest.approx(arrays.soh_mean_frac)
    assert told.soh_sd_frac[0] < min(arrays.soh_sd_frac[0], full.soh_noise_frac)
    assert told.unsafe_frac[0] < 0.02


def test_an_alarm_raises_the_chance_by_bayes():
    arrays = returned_packs([pack(unsafe=0.02)])
    test = StateTest("t", 1.0, 1.0, 0.9, 0.03, 0.0, 0.0, "", "")
    told = updated(arrays, test, arrays.soh_mean_frac, arrays.spread_mean_frac, np.array([True]))
    assert told.unsafe_frac[0] == pytest.approx(0.02 * 0.9 / (0.02 * 0.9 + 0.98 * 0.03))
