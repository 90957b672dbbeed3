"""Lifetime distributions from lives of which many have not ended yet."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import numpy as np

from batteryloop.circular.returns.types import Life, LifeCurve
from batteryloop.errors import InputWrong, RecordSaysNo
from batteryloop.record.battery import Battery
from batteryloop.record.events import EventKind, LifeEvent
from batteryloop.reference.rows import rows

BEGINS = (EventKind.IN_SERVICE, EventKind.INSTALLED, EventKind.PLACED_ON_MARKET, EventKind.MADE)
ENDS = (
    EventKind.REMOVED,
    EventKind.COLLECTED,
    EventKind.TRIAGED,
    EventKind.RECYCLED,
    EventKind.DISPOSED,
)
_DAYS_A_YEAR = 365.25
# Ages closer than this are one: records tell days, and people whole years.
_ALIKE_YEARS = 0.01


def limit(item: str) -> float:
    """Return a figure of `limits.csv`.

    Examples
    --------
    >>> limit("events_least")
    8.0
    """
    return {row["item"]: float(row["value"]) for row in rows(__package__, "limits.csv")}[item]


def lives_of(
    batteries: Mapping[str, Battery], events: Iterable[LifeEvent], now: datetime
) -> list[Life]:
    """Return the life so far of each battery of a record that has a beginning.

    A life begins when the battery goes into service, or is installed, placed on the market or
    made, the first of these that is known; it ends when it is removed, collected, triaged,
    recycled or disposed of, whichever comes first.

    Parameters
    ----------
    batteries : mapping of str to Battery
        By name.
    events : iterable of LifeEvent
        Of all of them, in any order.
    now : datetime.datetime
        Until when lives are counted that have not ended, UTC.
    """
    begun: dict[str, dict[EventKind, datetime]] = {}
    ended: dict[str, datetime] = {}
    for event in events:
        if event.happened_at > now:
            continue
        if event.kind in BEGINS:
            into = begun.setdefault(event.battery_id, {})
            known = into.get(event.kind)
            into[event.kind] = min(known, event.happened_at) if known else event.happened_at
        elif event.kind in ENDS:
            first = ended.get(event.battery_id)
            ended[event.battery_id] = min(first, event.happened_at) if first else event.happened_at
    lives = []
    for battery_id, starts in begun.items():
        battery = batteries.get(battery_id)
        start_at = next(starts[kind] for kind in BEGINS if kind in starts)
        until_at = ended.get(battery_id, now)
        years = (until_at - start_at).total_seconds() / 86400 / _DAYS_A_YEAR
        if battery is not None and years > 0:
            lives.append(
                Life(
                    battery.application.value,
                    battery.chemistry or "",
                    years,
                    battery_id in ended,
                )
            )
    return lives


def life_curves(
    lives: Sequence[Life], groups: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], LifeCurve]:
    """Return a life curve for each application and chemistry.

    A group whose ended lives are too few gets the curve of its application, or of all, and says so.

    Parameters
    ----------
    lives : sequence of Life
        Ended and not.
    groups : iterable of (str, str)
        Application and chemistry wanted.

    Raises
    ------
    InputWrong
        If not even all lives together have enough ends.

    Examples
    --------
    >>> lives = [Life("car", "LFP", 5.0 + i / 4, i % 2 == 0) for i in range(40)]
    >>> life_curves(lives, [("car", "LFP")])["car", "LFP"].n_ended
    20
    """
    least = limit("events_least")
    fitted: dict[str, LifeCurve] = {}
    found: dict[tuple[str, str], LifeCurve] = {}
    for application, chemistry in dict.fromkeys(groups):
        tried: list[str] = []
        for name, chosen in _widening(lives, application, chemistry):
            n_ended = sum(life.is_ended for life in chosen)
            if n_ended < least:
                tried.append(f"{name} has {n_ended} ended lives")
                continue
            if name not in fitted:
                try:
                    fitted[name] = weibull(name, chosen)
                except RecordSaysNo:
                    tried.append(f"no curve fits {name}")
                    continue
            curve = fitted[name]
            reason = f"{', '.join(tried)}, {least:g} are needed" if tried else ""
            found[application, chemistry] = LifeCurve(
                curve.group,
                curve.scale_years,
                curve.shape,
                curve.log_covariance,
                curve.n_lives,
                curve.n_ended,
                reason,
            )
            break
        else:
            raise InputWrong(
                "lives",
                f"{sum(life.is_ended for life in lives)} of {len(lives)} have ended",
                f"at least {least:g} ended lives",
                "wait for more returns or add lives of like batteries",
            )
    return found


def weibull(group: str, lives: Sequence[Life]) -> LifeCurve:
    """Return the Weibull distribution of lives, those not ended taken as at least so long.

    Maximum likelihood with right-censoring (`lifelines`); the covariance is that of the
    logarithms, by the delta method.

    Raises
    ------
    InputWrong
        If an age is not above 0.
    RecordSaysNo
        If no distribution fits them, since all ended at one age.
    """
    from lifelines import WeibullFitter
    from lifelines.exceptions import ConvergenceError

    ages = np.array([life.age_years for life in lives], dtype=float)
    if not (ages > 0).all() or not np.isfinite(ages).all():
        raise InputWrong(f"lives of {group}", f"shortest {ages.min():g} years", "above 0 years")
    ended = np.array([life.is_ended for life in lives])
    alike = RecordSaysNo(
        f"lives of {group}", "no curve fits them: all ended at one age", "ages that differ",
        "wait for more returns or add lives of like batteries",
    )  # fmt: skip
    if ended.any() and np.ptp(ages[ended]) < _ALIKE_YEARS:
        raise alike
    try:
        fit = WeibullFitter().fit(ages, ended)
    except ConvergenceError:
        raise alike from None
    scale, shape = float(fit.lambda_), float(fit.rho_)
    spread = fit.variance_matrix_.to_numpy() / np.outer([scale, shape], [scale, shape])
    return LifeCurve(
        group,
        scale,
        shape,
        ((float(spread[0, 0]), float(spread[0, 1])), (float(spread[1, 0]), float(spread[1, 1]))),
        len(lives),
        int(ended.sum()),
    )


def _widening(
    lives: Sequence[Life], application: str, chemistry: str
) -> Iterable[tuple[str, list[Life]]]:
    same = [life for life in lives if life.application == application]
    yield (
        f"{application}/{chemistry}",
        [life for life in same if life.chemistry == chemistry],
    )
    yield application, same
    yield "all", list(lives)
