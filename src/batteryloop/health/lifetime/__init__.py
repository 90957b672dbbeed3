"""How long will it last, and how sure is that? Forecasts from a battery's own history."""
