"""How often the bands of returns hold the truth, on simulated markets: run as a module."""

import numpy as np

from batteryloop.circular.returns import LifeCurve, forecast_returns, life_curves
from batteryloop.circular.returns.market import simulated_market

YEARS = (2027, 2029, 2031, 2033, 2035, 2037)
MARKETS = 60
SURE = ((0.0, 0.0), (0.0, 0.0))


def main():
    hits = {year: [] for year in YEARS}
    errors = {year: [] for year in YEARS}
    widths = {year: [] for year in YEARS}
    for seed in range(MARKETS):
        rng = np.random.default_rng(seed)
        market = simulated_market(rng)
        curves = life_curves(market.lives, market.true_lives)
        truth = {
            group: LifeCurve("/".join(group), scale, shape, SURE, 1, 1)
            for group, (scale, shape) in market.true_lives.items()
        }
        true = forecast_returns(market.true_sales, truth, YEARS, rng, n_draws=1).total()
        ours = forecast_returns(market.sales, curves, YEARS, rng, n_draws=300).total()
        for year, o, t in zip(YEARS, ours, true, strict=True):
            hits[year].append(o.low <= t.value <= o.high)
            errors[year].append(abs(o.value / t.value - 1))
            widths[year].append((o.high - o.low) / 2 / o.value)
    print(f"{MARKETS} simulated markets, 600 lives each, 90 % bands, all regions and chemistries")
    print("year  truth in band [%]  mean error [%]  half-width [%]")
    for year in YEARS:
        figures = (np.mean(hits[year]), np.mean(errors[year]), np.mean(widths[year]))
        print(
            f"{year}  {100 * figures[0]:17.0f}  {100 * figures[1]:14.1f}  {100 * figures[2]:14.1f}"
        )
    print(f"all   {100 * np.mean([h for part in hits.values() for h in part]):17.0f}")


if __name__ == "__main__":
    main()
