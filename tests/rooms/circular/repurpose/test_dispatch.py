"""Running a storage: by hand where that can be done, and by law elsewhere."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.circular.repurpose import Site, chosen_weeks, run_storage, site_for
from batteryloop.errors import InputWrong, NotKnown

DAY_NIGHT = np.tile(np.repeat([0.1, 0.5], 12), 7)
FLAT = Site(DAY_NIGHT, np.full(168, 10.0), np.zeros(168))
YEARS = 8760 / 168


def test_without_storage_the_year_costs_its_load():
    assert run_storage(FLAT, 0.0, 0.0).cost_eur == pytest.approx(10 * DAY_NIGHT.sum() * YEARS)


def test_shifting_a_day_saves_what_is_worked_out_by_hand():
    run = run_storage(FLAT, 20.0, 10.0)
    in_kwh = 0.9 * 20.0 / 0.95
    out_kwh = 0.9 * 20.0 * 0.95
    saved = 7 * YEARS * (0.5 * out_kwh - 0.1 * in_kwh)
    bare = run_storage(FLAT, 0.0, 0.0)
    assert bare.cost_eur - run.cost_eur == pytest.approx(saved, rel=1e-6)
    assert run.throughput_kwh == pytest.approx(7 * YEARS * out_kwh, rel=1e-6)
    assert run.depth_mean_frac == pytest.approx(0.9)


def test_a_peak_is_shaved_to_what_energy_and_power_allow():
    load = np.full(168, 10.0)
    load[60] = 40.0
    site = replace(FLAT, load_kw=load, price_eur_per_kwh=np.full(168, 0.2), peak_eur_per_kw=10.0)
    assert run_storage(site, 0.0, 0.0).peak_max_kw == pytest.approx(40.0)
    assert run_storage(site, 100.0, 15.0).peak_max_kw == pytest.approx(25.0)
    assert run_storage(site, 100.0, 15.0).unserved_kwh == 0.0


def test_sun_is_kept_for_the_night():
    sun = np.tile(np.where(np.arange(24) < 12, 20.0, 0.0), 7)
    site = Site(np.full(168, 0.3), np.full(168, 10.0), sun, export_frac=0.0)
    assert run_storage(site, 0.0, 0.0).self_consumed_frac == pytest.approx(0.5, abs=0.01)
    assert run_storage(site, 200.0, 20.0).self_consumed_frac > 0.99


def test_a_buffer_serves_what_the_connection_cannot():
    load = np.tile(np.where(np.arange(24) == 9, 60.0, 0.0), 7)
    site = Site(np.full(168, 0.2), load, np.zeros(168), import_max_kw=30.0)
    assert run_storage(site, 0.0, 0.0).unserved_kwh == pytest.approx(30 * 7 * YEARS)
    assert run_storage(site, 80.0, 30.0).unserved_kwh == pytest.approx(0.0, abs=1e-6)


def test_power_held_ready_is_paid_and_limits_what_is_moved():
    site = site_for("grid-service", replace(FLAT, reserve_eur_per_kw_h=0.02))
    run = run_storage(site, 40.0, 20.0)
    still = 8760 * 0.02 * 20.0
    assert -run.cost_eur >= still - 1e-6
    assert run_storage(replace(site, reserve_eur_per_kw_h=0.0), 40.0, 20.0).cost_eur > run.cost_eur


def test_negative_prices_do_not_make_money_out_of_nothing():
    site = replace(FLAT, price_eur_per_kwh=DAY_NIGHT - 0.3)
    bare = run_storage(site, 0.0, 0.0)
    assert bare.cost_eur == pytest.approx(10 * (DAY_NIGHT - 0.3).sum() * YEARS, rel=1e-4)
    assert bare.peak_max_kw == pytest.approx(10.0)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), small=st.floats(1, 40), more=st.floats(1, 40))
def test_a_larger_storage_never_costs_more_to_run_and_gains_ever_less(seed, small, more):
    rng = np.random.default_rng(seed)
    site = Site(rng.uniform(-0.05, 0.5, 168), rng.uniform(0, 20, 168), rng.uniform(0, 15, 168))
    runs = [run_storage(site, small + k * more, 15.0) for k in range(3)]
    # What the programme minimises: the cost and the wear of what goes in and out.
    costs = [r.cost_eur + 0.02 * r.throughput_kwh * (1 + 0.95**-2) / 2 for r in runs]
    assert costs[0] >= costs[1] - 0.01 >= costs[2] - 0.02
    assert costs[0] - costs[1] >= costs[1] - costs[2] - 0.02


def test_weeks_stand_for_the_year_and_gaps_are_refused():
    hours = np.arange(8760.0)
    assert chosen_weeks(Site(hours, hours, hours), 12).load_kw.size == 12 * 168
    with pytest.raises(InputWrong, match="gaps"):
        chosen_weeks(Site(hours, np.where(hours == 5, np.nan, hours), hours), 4)
    with pytest.raises(InputWrong, match="at least 4 weeks"):
        chosen_weeks(Site(hours[:500], hours[:500], hours[:500]), 4)
    with pytest.raises(InputWrong, match="same hours"):
        chosen_weeks(Site(hours, hours[:9], hours), 4)
    with pytest.raises(InputWrong, match="whole weeks"):
        run_storage(replace(FLAT, load_kw=np.ones(100)), 1.0, 1.0)


@pytest.mark.parametrize(
    ("use", "needs"),
    [("peak-shaving", "demand"), ("self-consumption", "sun"), ("fast-charge-buffer", "limit")],
)
def test_a_use_without_what_it_lives_from_is_refused(use, needs):
    with pytest.raises(InputWrong, match=needs):
        site_for(use, FLAT)


def test_a_use_that_is_not_known_gets_the_nearest():
    with pytest.raises(NotKnown, match="peak-shaving"):
        site_for("peak-shave", FLAT)
