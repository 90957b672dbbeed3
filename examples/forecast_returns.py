"""Forecast the returns of a simulated market, and say how sure the share of LFP is."""

from batteryloop.circular.returns import forecast_returns, life_curves
from batteryloop.circular.returns.market import simulated_market
from batteryloop.wiring.chance import seeded


def main() -> None:
    rng = seeded(1)
    market = simulated_market(rng, n_lives=300)
    curves = life_curves(market.lives, market.true_lives)
    forecast = forecast_returns(market.sales, curves, range(2027, 2036, 2), rng, n_draws=200)
    print("SIMULATED returns [t], 90 % bands")
    for year, total, share in zip(
        forecast.years, forecast.total(), forecast.share("LFP"), strict=True
    ):
        print(
            f"{year}: {total.value:,.0f} ({total.low:,.0f} to {total.high:,.0f}), "
            f"LFP {100 * share.value:.0f} % ({100 * share.low:.0f} to {100 * share.high:.0f})"
        )


if __name__ == "__main__":
    main()
