"""Every tonne comes back once, and the band holds the truth as often as it says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.circular.returns import LifeCurve, Sale, forecast_returns, life_curves
from batteryloop.circular.returns.market import simulated_market
from batteryloop.errors import ValueOutOfRange

SURE = ((0.0, 0.0), (0.0, 0.0))


def curve(scale=10.0, shape=4.0, covariance=SURE):
    return LifeCurve("all", scale, shape, covariance, 100, 100)


def known(year, mass_t, chemistry="LFP", region="EU"):
    return Sale(region, "car", chemistry, year, mass_t, mass_t, mass_t)


def run(sales, years, seed=1, curves=None, **options):
    curves = curves or {("car", sale.chemistry): curve() for sale in sales}
    return forecast_returns(
        sales, curves, years, np.random.default_rng(seed), n_draws=40, **options
    )


@settings(max_examples=20, deadline=None)
@given(
    st.floats(2.0, 20.0), st.floats(1.0, 8.0), st.lists(st.floats(0.0, 1e5), min_size=1, max_size=6)
)
def test_in_the_long_run_all_that_was_sold_comes_back(scale, shape, masses):
    sales = [known(2000 + i, mass) for i, mass in enumerate(masses)]
    forecast = run(sales, range(2000, 2200), curves={("car", "LFP"): curve(scale, shape)})
    assert forecast.draws_t[0].sum() == pytest.approx(sum(masses), rel=1e-4, abs=1e-6)
    assert forecast.draws_t.min() >= 0.0


def test_nothing_comes_back_before_it_is_sold():
    assert run([known(2030, 100.0)], range(2020, 2030)).draws_t.sum() == 0.0


def test_reused_packs_come_back_later_but_all_of_them():
    plain, reused = (
        run([known(2020, 100.0)], range(2020, 2120), reused_frac=share)
        .draws_t[0]
        .sum(axis=(1, 2, 3))
        for share in (0.0, 0.5)
    )
    assert reused.sum() == pytest.approx(plain.sum(), rel=1e-3)
    years = np.arange(100)
    assert (reused * years).sum() > (plain * years).sum() + 100.0


def test_what_is_not_collected_does_not_come():
    half = run([known(2020, 100.0)], range(2020, 2120), collected_frac=0.5)
    assert half.draws_t[0].sum() == pytest.approx(50.0, rel=1e-3)


def test_a_surer_curve_gives_a_narrower_band():
    loose = ((0.01, 0.0), (0.0, 0.01))
    widths = []
    for covariance in (SURE, loose):
        curves = {("car", "LFP"): curve(covariance=covariance)}
        total = run([known(2020, 100.0)], [2028], curves=curves).total()[0]
        widths.append(total.high - total.low)
    assert widths[0] == pytest.approx(0.0, abs=1e-9)
    assert widths[1] > 1.0


def test_a_rising_share_of_a_chemistry_shows_later_in_the_returns():
    sales = [known(2015 + i, 100.0 - 8 * i, "NMC622") for i in range(10)]
    sales += [known(2015 + i, 20.0 + 8 * i, "LFP") for i in range(10)]
    shares = [e.value for e in run(sales, range(2022, 2036)).share("LFP")]
    assert shares == sorted(shares)
    assert shares[-1] > shares[0] + 0.3


def test_a_year_in_which_nothing_returns_has_no_share():
    share = run([known(2030, 100.0)], [2025]).share("LFP")[0]
    assert not share.is_known
    assert "nothing returns" in share.reason


def test_bands_hold_the_truth_most_often():
    hits = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        market = simulated_market(rng, n_lives=450)
        curves = life_curves(market.lives, market.true_lives)
        years = (2028, 2032, 2036)
        truth = {
            group: LifeCurve("/".join(group), scale, shape, SURE, 1, 1)
            for group, (scale, shape) in market.true_lives.items()
        }
        true = forecast_returns(market.true_sales, truth, years, rng, n_draws=1).total()
        ours = forecast_returns(market.sales, curves, years, rng, n_draws=200).total()
        hits += [o.low <= t.value <= o.high for o, t in zip(ours, true, strict=True)]
    assert np.mean(hits) >= 0.7


@pytest.mark.parametrize(
    "wrong",
    [
        {"sales": []},
        {"sales": [Sale("EU", "car", "LFP", 2020, 5.0, 6.0, 7.0)]},
        {"sales": [known(2020, 1.0)], "reused_frac": 1.5},
    ],
)
def test_what_cannot_be_is_refused(wrong):
    sales = wrong.pop("sales")
    with pytest.raises(ValueOutOfRange):
        run(sales, [2030], curves={("car", "LFP"): curve()}, **wrong)
