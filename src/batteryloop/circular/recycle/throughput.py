"""How much a plant works off: lines, shifts, breakdowns and buffers, event by event."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
import simpy

from batteryloop.errors import ValueOutOfRange
from batteryloop.reference.rows import rows

HOURS_A_SHIFT = 8.0
_DAY_H = 24.0
_STATES = ("working", "blocked", "starved", "down", "off_shift")


@dataclass(frozen=True, slots=True)
class Line:
    """Machines side by side: rate of each, shifts a day, breakdowns, and the buffer before them.

    `rate_t_per_h` is in tonnes of packs, also where only a part of them arrives.
    """

    name: str
    title: str
    n_machines: int
    rate_t_per_h: float
    shifts: int
    mtbf_h: float
    mttr_h: float
    buffer_t: float


@dataclass(frozen=True, slots=True)
class LineReport:
    """How a line spent its time, share by state, and how full its buffer was."""

    name: str
    title: str
    shares_frac: dict[str, float]
    by_shift_t: tuple[float, ...]
    buffer_mean_t: float
    buffer_max_t: float

    @property
    def load_frac(self) -> float:
        """Working time over the time it could have worked [1]."""
        manned = 1.0 - self.shares_frac["off_shift"] - self.shares_frac["down"]
        return self.shares_frac["working"] / manned if manned > 0 else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for pages."""
        return {
            "name": self.name,
            "title": self.title,
            "load_frac": self.load_frac,
            "shares_frac": dict(self.shares_frac),
            "by_shift_t": list(self.by_shift_t),
            "buffer_mean_t": self.buffer_mean_t,
            "buffer_max_t": self.buffer_max_t,
        }


@dataclass(frozen=True, slots=True)
class Throughput:
    """What a plant worked off in so many days, what had to wait outside, and the bottleneck."""

    worked_t: float
    arrived_t: float
    refused_t: float
    days: float
    lines: tuple[LineReport, ...]

    @property
    def bottleneck(self) -> str:
        """The line that works the largest share of the time it could."""
        return max(self.lines, key=lambda line: line.load_frac).name

    @property
    def worked_t_per_h(self) -> float:
        """Mass worked off over all hours [t/h]."""
        return self.worked_t / self.days / _DAY_H

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for pages."""
        return {
            "worked_t": self.worked_t,
            "arrived_t": self.arrived_t,
            "refused_t": self.refused_t,
            "days": self.days,
            "worked_t_per_h": self.worked_t_per_h,
            "bottleneck": self.bottleneck,
            "lines": [line.as_dict() for line in self.lines],
        }


@cache
def default_lines() -> tuple[Line, ...]:
    """Return the lines of `lines.csv`: a plant of the 50,000 t class, not a measured one."""
    return tuple(
        Line(
            row["line"],
            row["title"],
            int(row["n_machines"]),
            float(row["rate_t_per_h"]),
            int(row["shifts"]),
            float(row["mtbf_h"]),
            float(row["mttr_h"]),
            float(row["buffer_t"]),
        )
        for row in rows(__package__, "lines.csv")
    )


@dataclass(slots=True)
class _Tally:
    """What a line's machines write down as they go."""

    hours: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_STATES, 0.0))
    by_shift_t: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    level_t: float = 0.0
    level_t_h: float = 0.0
    level_max_t: float = 0.0
    seen_h: float = 0.0

    def note_level(self, now_h: float, level_t: float) -> None:
        self.level_t_h += self.level_t * (now_h - self.seen_h)
        self.seen_h, self.level_t = now_h, level_t
        self.level_max_t = max(self.level_max_t, level_t)

    def note_wait(self, state: str, line: Line, start_h: float, end_h: float) -> None:
        off = _off_hours(line, end_h) - _off_hours(line, start_h)
        self.hours["off_shift"] += off
        self.hours[state] += end_h - start_h - off


def simulate_throughput(
    arrivals_t: float,
    rng: np.random.Generator,
    *,
    span_days: float = 320.0,
    lot_t: float = 10.0,
    lines: Sequence[Line] | None = None,
) -> Throughput:
    """Return what a plant works off of so much arriving evenly over so many days.

    Lots arrive at random in the day shift's eight hours; each machine takes a lot, works it off in
    its shifts, breaks down at random while it works, and waits where the next buffer is full. A lot
    that finds the yard full is turned away.

    Parameters
    ----------
    arrivals_t : float
        Mass that arrives over the whole time [t].
    rng : numpy.random.Generator
        Chance of arrivals and breakdowns.
    span_days : float, optional
        Days of work [days].
    lot_t : float, optional
        Mass of one lot [t].
    lines : sequence of Line, optional
        Those of `lines.csv`, if not given.

    Raises
    ------
    ValueOutOfRange
        If a mass, a rate or the days are not above 0, or a line has not 1 to 3 shifts.

    Examples
    --------
    >>> line = Line("mill", "mill", 1, 2.0, 3, 1e9, 1.0, 500.0)
    >>> done = simulate_throughput(240.0, np.random.default_rng(1), span_days=20.0, lines=[line])
    >>> done.worked_t <= done.arrived_t, done.bottleneck
    (True, 'mill')
    """
    plant = default_lines() if lines is None else tuple(lines)
    _checked(arrivals_t, span_days, lot_t, plant)
    env = simpy.Environment()
    end_h = span_days * _DAY_H
    tallies = [_Tally() for _ in plant]
    stores = [simpy.Container(env, capacity=max(line.buffer_t, lot_t)) for line in plant]
    counts = {"worked": 0.0, "arrived": 0.0, "refused": 0.0}

    def arrive() -> Generator[simpy.events.Event, Any, None]:
        n_a_day = arrivals_t / lot_t / span_days
        for day in range(int(np.ceil(span_days))):
            n = int(rng.poisson(n_a_day))
            for at in np.sort(rng.uniform(0.0, HOURS_A_SHIFT, n)):
                yield env.timeout(max(day * _DAY_H + float(at) - env.now, 0.0))
                counts["arrived"] += lot_t
                if stores[0].level + lot_t > stores[0].capacity:
                    counts["refused"] += lot_t
                    continue
                yield stores[0].put(lot_t)
                tallies[0].note_level(env.now, stores[0].level)

    def machine(place: int) -> Generator[simpy.events.Event, Any, None]:
        line, tally = plant[place], tallies[place]
        next_failure_h = float(rng.exponential(line.mtbf_h))
        while True:
            yield from _off_shift(env, line, tally)
            waited = env.now
            yield stores[place].get(lot_t)
            tally.note_wait("starved", line, waited, env.now)
            tally.note_level(env.now, stores[place].level)
            next_failure_h = yield from _work_off(
                env, line, tally, lot_t / line.rate_t_per_h, next_failure_h, rng
            )
            tally.by_shift_t[int(env.now % _DAY_H // HOURS_A_SHIFT)] += lot_t
            if place + 1 == len(plant):
                counts["worked"] += lot_t
                continue
            waited = env.now
            yield stores[place + 1].put(lot_t)
            tally.note_wait("blocked", line, waited, env.now)
            tallies[place + 1].note_level(env.now, stores[place + 1].level)

    env.process(arrive())
    for place, line in enumerate(plant):
        for _ in range(line.n_machines):
            env.process(machine(place))
    env.run(until=end_h)
    reports = tuple(_report(line, tally, end_h) for line, tally in zip(plant, tallies, strict=True))
    return Throughput(counts["worked"], counts["arrived"], counts["refused"], span_days, reports)


def with_buffer(lines: Sequence[Line], name: str, buffer_t: float) -> tuple[Line, ...]:
    """Return the lines with another buffer before one of them [t].

    Examples
    --------
    >>> with_buffer(default_lines(), "leaching", 300.0)[3].buffer_t
    300.0
    """
    return tuple(replace(line, buffer_t=buffer_t) if line.name == name else line for line in lines)


def _off_hours(line: Line, at_h: float) -> float:
    """Hours from the start to `at_h` in which nobody mans the line."""
    manned = line.shifts * HOURS_A_SHIFT
    days, hour = divmod(at_h, _DAY_H)
    return float(days * (_DAY_H - manned) + max(hour - manned, 0.0))


def _off_shift(
    env: simpy.Environment, line: Line, tally: _Tally
) -> Generator[simpy.events.Event, Any, None]:
    hour = env.now % _DAY_H
    manned = line.shifts * HOURS_A_SHIFT
    if manned < _DAY_H and hour >= manned - 1e-9:
        tally.hours["off_shift"] += _DAY_H - hour
        yield env.timeout(_DAY_H - hour)


def _work_off(
    env: simpy.Environment,
    line: Line,
    tally: _Tally,
    work_h: float,
    next_failure_h: float,
    rng: np.random.Generator,
) -> Generator[simpy.events.Event, Any, float]:
    """Work so many hours in the line's shifts, with breakdowns; return the hours to the next."""
    left = work_h
    while left > 1e-9:
        yield from _off_shift(env, line, tally)
        manned = line.shifts * HOURS_A_SHIFT
        until_end = manned - env.now % _DAY_H if manned < _DAY_H else np.inf
        span = min(left, until_end, next_failure_h)
        yield env.timeout(span)
        tally.hours["working"] += span
        left -= span
        next_failure_h -= span
        if next_failure_h <= 1e-9:
            down = float(rng.exponential(line.mttr_h))
            yield env.timeout(down)
            tally.hours["down"] += down
            next_failure_h = float(rng.exponential(line.mtbf_h))
    return next_failure_h


def _report(line: Line, tally: _Tally, end_h: float) -> LineReport:
    total = end_h * line.n_machines
    shares = {state: hours / total for state, hours in tally.hours.items()}
    # Whoever still waits at the end has not written it down yet.
    shares["starved"] += max(1.0 - sum(shares.values()), 0.0)
    return LineReport(
        line.name,
        line.title,
        shares,
        tuple(tally.by_shift_t),
        tally.level_t_h / end_h,
        tally.level_max_t,
    )


def _checked(arrivals_t: float, days: float, lot_t: float, lines: Sequence[Line]) -> None:
    for name, value in (("arrivals", arrivals_t), ("days", days), ("lot", lot_t)):
        if not value > 0:
            raise ValueOutOfRange(name, f"{value:g}", "above 0")
    for line in lines:
        if line.rate_t_per_h <= 0 or line.n_machines < 1 or line.shifts not in (1, 2, 3):
            raise ValueOutOfRange(
                f"line {line.name}",
                f"{line.n_machines} machines, {line.rate_t_per_h:g} t/h, {line.shifts} shifts",
                "at least one machine, a rate above 0 t/h, and 1 to 3 shifts",
            )
