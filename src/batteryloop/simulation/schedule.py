"""A day as steps of time: what is done when, dense while something runs, sparse while parked.

A simulated day begins at four in the morning, so that a night's charge lies within one day.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batteryloop.simulation.layout import REST

Array = NDArray[np.float64]
DAY_S = 86_400.0
DAY_BEGINS_S = 4.0 * 3600.0
PARKED_STEP_S = 600.0
AFTER_RUN_S = 60.0
SHORT_STOP_S = 180.0


@dataclass(frozen=True, slots=True)
class Block:
    """Something that runs: when it starts, and what it asks for at each sampling step.

    `request` is a power [W], positive charges; `target_frac` ends a charge, and ends a
    discharge where the mode is POWER.
    """

    start_s: float
    mode: int
    request: Array
    target_frac: float
    speed_km_per_h: Array | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """The steps of one day; every array has one value a step. `end_s` counts from its start."""

    dt_s: Array
    end_s: Array
    mode: NDArray[np.int8]
    request: Array
    target_frac: Array
    speed_km_per_h: Array
    is_awake: NDArray[np.bool_]
    is_recorded: NDArray[np.bool_]

    @property
    def second_of_day(self) -> Array:
        """Time of day by the local clock. [s]."""
        return np.asarray((self.end_s + DAY_BEGINS_S) % DAY_S)


def _rest(duration_s: float, step_s: float) -> Array:
    if duration_s <= 1e-6:
        return np.zeros(0)
    n_whole = int(duration_s / step_s + 1e-9)
    left = duration_s - n_whole * step_s
    steps = np.full(n_whole, step_s)
    return np.append(steps, left) if left > 1e-6 else steps


@dataclass(slots=True)
class _Steps:
    dt: list[Array]
    mode: list[Array]
    request: list[Array]
    target: list[Array]
    speed: list[Array]
    awake: list[Array]
    now_s: float = 0.0

    def rest(self, until_s: float, step_s: float, *, is_awake: bool) -> None:
        steps = _rest(until_s - self.now_s, step_s)
        self._add(steps, REST, np.zeros(steps.shape[0]), 0.0, None, is_awake)

    def run(self, block: Block, sampling_s: float) -> None:
        n_steps = min(block.request.shape[0], int((DAY_S - self.now_s) / sampling_s + 1e-9))
        speed = None if block.speed_km_per_h is None else block.speed_km_per_h[:n_steps]
        request = block.request[:n_steps]
        steps = np.full(n_steps, sampling_s)
        self._add(steps, block.mode, request, block.target_frac, speed, True)

    def _add(
        self,
        steps: Array,
        mode: int,
        request: Array,
        target: float,
        speed: Array | None,
        awake: bool,
    ) -> None:
        n_steps = steps.shape[0]
        self.dt.append(steps)
        self.mode.append(np.full(n_steps, float(mode)))
        self.request.append(request)
        self.target.append(np.full(n_steps, target))
        self.speed.append(np.zeros(n_steps) if speed is None else speed)
        self.awake.append(np.full(n_steps, float(awake)))
        self.now_s += float(steps.sum())


def day_of(blocks: Sequence[Block], *, sampling_s: float, parked_sampling_s: float | None) -> Day:
    """Return the steps of a day on which `blocks` run and the pack rests between.

    A block that would overlap the one before starts right after it; what would reach into the
    next day is left out. Before a block the management unit wakes and takes two samples at
    rest; after it, it stays awake for a minute.

    Parameters
    ----------
    blocks : sequence of Block
        In any order.
    sampling_s : float
        Step while awake. [s]
    parked_sampling_s : float or None
        Step while parked; None records nothing then. [s]

    Returns
    -------
    Day
        Steps that add up to one day exactly.
    """
    parked_s = parked_sampling_s or PARKED_STEP_S
    out = _Steps([], [], [], [], [], [])
    awake_until_s = 0.0
    for block in sorted(blocks, key=lambda b: b.start_s):
        start_s = max(block.start_s, out.now_s)
        if start_s + 3.0 * sampling_s > DAY_S:
            break
        if start_s - out.now_s <= SHORT_STOP_S:
            out.rest(start_s, sampling_s, is_awake=True)
        else:
            out.rest(min(awake_until_s, start_s), sampling_s, is_awake=True)
            out.rest(max(start_s - 2.0 * sampling_s, out.now_s), parked_s, is_awake=False)
            out.rest(start_s, sampling_s, is_awake=True)
        out.run(block, sampling_s)
        awake_until_s = min(out.now_s + max(AFTER_RUN_S, 2.0 * sampling_s), DAY_S)
    out.rest(awake_until_s, sampling_s, is_awake=True)
    out.rest(DAY_S, parked_s, is_awake=False)
    dt_s = np.concatenate(out.dt)
    is_awake = np.concatenate(out.awake) > 0.5
    return Day(
        dt_s=dt_s,
        end_s=np.cumsum(dt_s),
        mode=np.concatenate(out.mode).astype(np.int8),
        request=np.concatenate(out.request),
        target_frac=np.concatenate(out.target),
        speed_km_per_h=np.concatenate(out.speed),
        is_awake=is_awake,
        is_recorded=is_awake | (parked_sampling_s is not None),
    )
