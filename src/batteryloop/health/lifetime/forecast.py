"""From a battery's capacity history to its forecast."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from batteryloop.errors import OptionWrong
from batteryloop.health.interval import normal_quantile
from batteryloop.health.lifetime.capacity_record import (
    CapacityRecord,
    end_of_life_efc,
    without_outliers,
)
from batteryloop.health.lifetime.knee import find_knee
from batteryloop.health.lifetime.population import Population
from batteryloop.health.lifetime.posterior import (
    CORRELATED_SHARE_FRAC,
    N_MIN_POINTS,
    TrajectoryPosterior,
    update_trajectory,
)
from batteryloop.health.lifetime.remaining_life import (
    METHOD,
    life_estimate,
    life_samples,
    soh_samples,
)
from batteryloop.health.lifetime.types import HISTORY, PATH, Forecast
from batteryloop.quantities import Estimate

Array = NDArray[np.float64]

KNEE_METHOD = "two lines, Bacon-Watts v1"
REACHED_METHOD = "falling-only fit v1"
LATE_START_FRAC = 0.95
# What the ratio of two published fades may be off by, as a share of its logarithm: an assumption.
RATIO_SD_SHARE_FRAC = 0.3
_N_STEPS = 60


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the battery is used and, against the past, aged from now on.

    `past_efc_per_day` and `future_efc_per_day` are None where no time is known;
    `duty_ratio_frac` is ageing per equivalent full cycle ahead over that so far.
    """

    past_efc_per_day: float | None = None
    future_efc_per_day: float | None = None
    duty_ratio_frac: float = 1.0
    notes: tuple[str, ...] = ()


def forecast(
    record: CapacityRecord,
    population: Population,
    rng: np.random.Generator,
    *,
    threshold_frac: float = 0.8,
    rated_capacity_ah: float | None = None,
    pace: Pace = Pace(),
    confidence_frac: float = 0.9,
    battery_id: str = "",
    posterior: TrajectoryPosterior | None = None,
) -> Forecast:
    """Return how long the battery lasts, and its state of health on the way.

    Parameters
    ----------
    record : CapacityRecord
        What was measured so far, outliers and all. Ages count from when it was new; where the
        history begins later, ages that leave that out make the forecast too short.
    population : Population
        What other cells say: `shipped_population()`, best `with_siblings`.
    rng : numpy.random.Generator
        Source of the particles.
    threshold_frac : float, default 0.8
        State of health that ends the life [1], in (0, 1).
    rated_capacity_ah : float, optional
        What counts as state of health 1 [Ah]; else the median of the first five capacities.
    pace : Pace, optional
        Future duty against the past one, and cycles a day.
    confidence_frac : float, default 0.9
        How sure the intervals are, in (0, 1).
    battery_id : str, optional
        Its name.
    posterior : TrajectoryPosterior, optional
        As `trajectory_of` gave it for the same record, to look at several thresholds at once.

    Returns
    -------
    Forecast
        Unknown, with the reason, where the history is too short; what was measured, where the end
        is behind it.

    Raises
    ------
    OptionWrong
        If the threshold is not between 0 and 1.
    """
    if not 0.0 < threshold_frac < 1.0:
        raise OptionWrong("threshold", f"{threshold_frac:g}", "above 0, below 1", "80 % is 0.8")
    kept = without_outliers(record)
    if kept.ages_efc.size < N_MIN_POINTS:
        why = f"{kept.ages_efc.size} capacities; a forecast needs {N_MIN_POINTS} or more"
        return _unknown(battery_id, threshold_frac, rated_capacity_ah, why, confidence_frac)
    first = kept.initial_capacity_ah()
    whole = rated_capacity_ah or first
    if posterior is None:
        posterior = update_trajectory(kept, first, population.prior, rng)
    reached = end_of_life_efc(kept, threshold_frac * whole)
    life = (
        _ahead(posterior, threshold_frac * whole, population, rng, pace, confidence_frac)
        if reached is None
        else _behind(reached, kept.ages_efc.size, confidence_frac)
    )
    left = _left(life, posterior.age_efc)
    path = _path(posterior, population, rng, pace, life, first / whole, confidence_frac)
    return Forecast(
        battery_id=battery_id,
        threshold_frac=threshold_frac,
        whole_capacity_ah=whole,
        end_of_life_efc=life,
        remaining_efc=left,
        remaining_days=_in_days(left, pace.future_efc_per_day),
        knee_efc=_knee(kept, confidence_frac),
        soh_frac=_now(path, posterior, confidence_frac),
        age_efc=posterior.age_efc,
        efc_per_day=pace.future_efc_per_day,
        duty_ratio_frac=pace.duty_ratio_frac,
        population=population.words,
        notes=(*pace.notes, *_late_start(first, rated_capacity_ah)),
        confidence_frac=confidence_frac,
        history=pl.DataFrame(
            {"age_efc": kept.ages_efc, "soh_frac": kept.capacity_ah / whole}, schema=HISTORY
        ),
        path=path,
    )


def trajectory_of(
    record: CapacityRecord, population: Population, rng: np.random.Generator
) -> TrajectoryPosterior | None:
    """Return the trajectories that a record leaves open; None where it is too short for any."""
    kept = without_outliers(record)
    if kept.ages_efc.size < N_MIN_POINTS:
        return None
    return update_trajectory(kept, kept.initial_capacity_ah(), population.prior, rng)


def _ratios(pace: Pace, n_samples: int, rng: np.random.Generator) -> Array:
    off = RATIO_SD_SHARE_FRAC * abs(np.log(pace.duty_ratio_frac))
    ratios: Array = pace.duty_ratio_frac * np.exp(off * rng.standard_normal(n_samples))
    return ratios


def _ahead(
    posterior: TrajectoryPosterior,
    threshold_ah: float,
    population: Population,
    rng: np.random.Generator,
    pace: Pace,
    confidence_frac: float,
) -> Estimate:
    lives = life_samples(posterior, threshold_ah, rng)
    ratios = _ratios(pace, lives.size, rng)
    return life_estimate(
        posterior.age_efc + (lives - posterior.age_efc) / ratios,
        posterior.age_efc,
        stretch_frac=population.life_stretch_frac,
        confidence_frac=confidence_frac,
        n_rows=posterior.n_points,
    )


def _behind(reached_efc: float, n_points: int, confidence_frac: float) -> Estimate:
    return Estimate(
        "end_of_life_efc",
        reached_efc,
        reached_efc,
        reached_efc,
        confidence_frac,
        f"{REACHED_METHOD}: the threshold is behind it",
        n_rows=n_points,
    )


def _left(life: Estimate, age_efc: float) -> Estimate:
    bounds = (max(bound - age_efc, 0.0) for bound in (life.value, life.low, life.high) if bound)
    value, low, high = bounds
    return replace(life, quantity="remaining_efc", value=value, low=low, high=high)


def _in_days(left: Estimate, efc_per_day: float | None) -> Estimate:
    if not efc_per_day:
        why = "cycles a day are not known"
        return Estimate.unknown(
            "remaining_days", left.method, why, confidence_frac=left.confidence_frac
        )
    return left.scaled(1.0 / efc_per_day, "remaining_days")


def _path(
    posterior: TrajectoryPosterior,
    population: Population,
    rng: np.random.Generator,
    pace: Pace,
    life: Estimate,
    scale: float,
    confidence_frac: float,
) -> pl.DataFrame:
    """Return the expected state of health from now to a little past the end of life."""
    now = posterior.age_efc
    end = max(1.2 * (life.value or now), 1.2 * now)
    ages = np.linspace(now, end, _N_STEPS)
    # Under another duty the same trajectory is run through at another pace.
    ratio = pace.duty_ratio_frac
    samples = soh_samples(posterior, ages, rng, duty_ratio_frac=ratio) * scale
    tail = 0.5 - confidence_frac / 2
    low, middle, high = np.quantile(samples, [tail, 0.5, 1.0 - tail], axis=0)
    stretch = population.soh_stretch_frac
    # The upper bound may rise: a battery that was measured cold or unrested shows more later.
    low = _falling(np.maximum(middle - stretch * (middle - low), 0.0))
    high = middle + stretch * (high - middle)
    middle = _falling(np.maximum(middle, 0.0))
    per_day = pace.future_efc_per_day
    return pl.DataFrame(
        {
            "age_efc": ages,
            "age_days": (ages - now) / per_day if per_day else [None] * ages.size,
            "soh_frac": middle,
            "soh_low_frac": np.minimum(low, middle),
            "soh_high_frac": np.maximum(high, middle),
        },
        schema=PATH,
    )


def _falling(values: Array) -> Array:
    """Return the nearest series that never rises."""
    fit: Array = isotonic_regression(values, increasing=False).x
    return fit


def _now(path: pl.DataFrame, posterior: TrajectoryPosterior, confidence_frac: float) -> Estimate:
    """Return the health now: the last few capacities, sure to what one of them scatters."""
    value = float(path.item(0, "soh_frac"))
    scatter = float(np.median(posterior.scatter_frac)) * (1.0 - CORRELATED_SHARE_FRAC) ** 0.5
    half = normal_quantile(confidence_frac) * scatter
    return Estimate(
        "soh_frac",
        value,
        max(value - half, 0.0),
        value + half,
        confidence_frac,
        METHOD,
        n_rows=posterior.n_points,
    )


def _knee(record: CapacityRecord, confidence_frac: float) -> Estimate:
    knee = find_knee(record, confidence_frac=confidence_frac)
    if knee is None or not knee.is_knee:
        why = "too few capacities to look for one" if knee is None else "none so far"
        return Estimate.unknown("knee_efc", KNEE_METHOD, why, confidence_frac=confidence_frac)
    return Estimate(
        "knee_efc",
        knee.age_efc,
        knee.low_efc,
        knee.high_efc,
        confidence_frac,
        KNEE_METHOD,
        n_rows=record.ages_efc.size,
    )


def _late_start(first_ah: float, rated_ah: float | None) -> tuple[str, ...]:
    if rated_ah is None or first_ah >= LATE_START_FRAC * rated_ah:
        return ()
    return (
        f"the history begins at {first_ah / rated_ah:.0%} of the rated capacity: give its age "
        "there, else the forecast is too short",
    )


def _unknown(
    battery_id: str,
    threshold_frac: float,
    whole_capacity_ah: float | None,
    why: str,
    confidence_frac: float,
) -> Forecast:
    names = ("end_of_life_efc", "remaining_efc", "remaining_days", "knee_efc", "soh_frac")
    life, left, days, knee, soh = (
        Estimate.unknown(name, METHOD, why, confidence_frac=confidence_frac) for name in names
    )
    return Forecast(
        battery_id, threshold_frac, whole_capacity_ah, life, left, days, knee, soh,
        confidence_frac=confidence_frac,
    )  # fmt: skip
