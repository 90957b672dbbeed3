"""The recursion behind `field`, row by row. Imported only by the function that runs it.

One model explains the voltage's change between two samples by three things: the charge that
flowed (the open-circuit voltage moves with it), the current's change (ohmic part) and the change
of the current as a resistor-capacitor pair of a fixed time constant sees it. Two models go side
by side: the current may have stood at its new value since the sample before, or gone there evenly.
"""

import numpy as np
from numba import njit

from batteryloop.health.trace import Array, Ints

# Between charge transfer (a second) and diffusion (minutes): the samples do not tell it surely,
# and a choice anew for each reading would scatter more than the resistance does.
TAU_S = 25.0
STOOD, EVEN = 0, 1
N_MODELS = 2

# Scalars of the state.
SEEN, LAST_US, LAST_A, LAST_V, SCALE_A, N_FLOWING, WARM = range(7)
# Since the last reading: rows, their weight, and weighted sums of time, temperature and charge.
COUNT, WEIGHT, SUM_S, SUM_T, KNOWN_T, SUM_Q, KNOWN_Q, SPAN_S = range(7, 15)
N_SCALARS = 15
# Of each model: filtered current, upper triangle of X'X (6), X'y (3), y'y.
N_OF_MODEL = 11
N_STATE = N_SCALARS + N_MODELS * N_OF_MODEL

# A reading: time, temperature, SoC, rows, and of each model R at once, after ten seconds, settled,
# their deviations, and the logarithm of what the model leaves unexplained of a row.
TIME_S, DEGC, SOC, ROWS, OF_MODELS = range(5)
N_IN_READING = 7
N_READING = OF_MODELS + N_MODELS * N_IN_READING
BREAK_S = 61.0
WARM_S = 120.0
MEMORY_ROWS = 125.0
EMIT_ROWS = 200.0
_STEP_FRAC = 0.02
_SCALE_MEMORY = 2000.0
_IDLE_FRAC = 0.05


@njit(cache=True, nogil=True, error_model="numpy")
def run(
    state: Array,
    time_us: Ints,
    current: Array,
    volts: Array,
    degc: Array,
    soc: Array,
    readings: Array,
) -> int:
    """Take the rows in; write a reading each `EMIT_ROWS` telling rows; return how many."""
    n_found = 0
    for k in range(time_us.size):
        amps, volt = current[k], volts[k]
        if not (np.isfinite(amps) and np.isfinite(volt)):
            continue
        span = (time_us[k] - state[LAST_US]) / 1e6 if state[SEEN] > 0 else BREAK_S
        if span <= 0:
            continue
        if span >= BREAK_S:
            _begin(state, amps)
        elif _is_telling(state, amps, span):
            _note(state, amps - state[LAST_A], time_us[k] / 1e6, degc[k], soc[k])
            state[SPAN_S] += (span - state[SPAN_S]) / min(state[N_FLOWING] + 1.0, _SCALE_MEMORY)
            _move(state, amps, volt - state[LAST_V], span, True)
            if state[COUNT] >= EMIT_ROWS and n_found < readings.shape[0]:
                if _emit(state, readings[n_found]):
                    n_found += 1
                _forget(state)
        else:
            _move(state, amps, volt - state[LAST_V], span, False)
        _scale(state, amps)
        state[SEEN] = 1.0
        state[LAST_US], state[LAST_A], state[LAST_V] = time_us[k], amps, volt
    return n_found


@njit(cache=True, nogil=True, error_model="numpy")
def _begin(state: Array, amps: float) -> None:
    """Begin anew after a break; what ran before it is unknown unless the battery idles now."""
    is_idle = state[SCALE_A] > 0 and abs(amps) <= _IDLE_FRAC * state[SCALE_A]
    state[WARM] = 0.0 if is_idle else WARM_S
    for m in range(N_MODELS):
        state[N_SCALARS + m * N_OF_MODEL] = amps


@njit(cache=True, nogil=True, error_model="numpy")
def _is_telling(state: Array, amps: float, span: float) -> bool:
    state[WARM] = max(state[WARM] - span, 0.0)
    step = abs(amps - state[LAST_A])
    return bool(state[WARM] <= 0 and state[SCALE_A] > 0 and step > _STEP_FRAC * state[SCALE_A])


@njit(cache=True, nogil=True, error_model="numpy")
def _note(state: Array, step: float, time_s: float, degc: float, soc: float) -> None:
    """Count the row in the means of time, temperature and charge, by the square of its step."""
    heavy = step * step
    state[COUNT] += 1.0
    state[WEIGHT] += heavy
    state[SUM_S] += heavy * time_s
    if np.isfinite(degc):
        state[SUM_T] += heavy * degc
        state[KNOWN_T] += heavy
    if np.isfinite(soc):
        state[SUM_Q] += heavy * soc
        state[KNOWN_Q] += heavy


@njit(cache=True, nogil=True, error_model="numpy")
def _move(state: Array, amps: float, change: float, span: float, is_telling: bool) -> None:
    """Move the pair's current on, and fold the row into the least squares if it tells."""
    keep = 1.0 - 1.0 / MEMORY_ROWS
    x = np.empty(3)
    x[0] = 0.5 * (amps + state[LAST_A]) * span
    x[1] = amps - state[LAST_A]
    decay = np.exp(-span / TAU_S)
    for m in range(N_MODELS):
        at = N_SCALARS + m * N_OF_MODEL
        if m == STOOD:
            after = decay * state[at] + (1.0 - decay) * amps
        else:
            lag = (1.0 - decay) * TAU_S / span
            after = decay * state[at] + (1.0 - lag) * amps + (lag - decay) * state[LAST_A]
        x[2] = after - state[at]
        state[at] = after
        if not is_telling:
            continue
        place = at + 1
        for i in range(3):
            for j in range(i, 3):
                state[place] = keep * state[place] + x[i] * x[j]
                place += 1
        for i in range(3):
            state[at + 7 + i] = keep * state[at + 7 + i] + x[i] * change
        state[at + 10] = keep * state[at + 10] + change * change


@njit(cache=True, nogil=True, error_model="numpy")
def _scale(state: Array, amps: float) -> None:
    """Follow the current's usual size, which decides what counts as a step."""
    scale = state[SCALE_A]
    if abs(amps) > _STEP_FRAC * scale:
        weight = max(1.0 / (state[N_FLOWING] + 1.0), 1.0 / _SCALE_MEMORY)
        state[SCALE_A] = np.sqrt(scale * scale + weight * (amps * amps - scale * scale))
        state[N_FLOWING] += 1.0


@njit(cache=True, nogil=True, error_model="numpy")
def _forget(state: Array) -> None:
    for place in (COUNT, WEIGHT, SUM_T, KNOWN_T, SUM_Q, KNOWN_Q, SUM_S):
        state[place] = 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def _emit(state: Array, out: Array) -> bool:
    """Write what each model says; return whether it is sane."""
    rows = min(state[COUNT], MEMORY_ROWS)
    for m in range(N_MODELS):
        at = N_SCALARS + m * N_OF_MODEL
        normal = np.empty((3, 3))
        place = at + 1
        for i in range(3):
            for j in range(i, 3):
                normal[i, j] = normal[j, i] = state[place]
                place += 1
        # Scaled to a unit diagonal: amperes and ampere seconds differ by powers of ten.
        unit = np.sqrt(np.diag(normal))
        if not (unit.min() > 0):
            return False
        for i in range(3):
            for j in range(3):
                normal[i, j] /= unit[i] * unit[j]
            normal[i, i] += 1e-9
        inverse = np.linalg.inv(normal)
        right = state[at + 7 : at + 10] / unit
        scaled = inverse @ right
        left = max(state[at + 10] - np.sum(scaled * right), 1e-18)
        part = 1.0 - np.exp(-10.0 / TAU_S)
        series, pair = scaled[1] / unit[1], scaled[2] / unit[2]
        if not (series > 0 and series + part * pair > 0 and series + pair > 0):
            return False
        variance = left / max(rows - 3.0, 1.0)
        s1 = variance * inverse[1, 1] / unit[1] ** 2
        s2 = variance * inverse[2, 2] / unit[2] ** 2
        s12 = variance * inverse[1, 2] / (unit[1] * unit[2])
        to = OF_MODELS + m * N_IN_READING
        out[to], out[to + 1], out[to + 2] = series, series + part * pair, series + pair
        out[to + 3] = np.sqrt(s1)
        out[to + 4] = np.sqrt(max(s1 + part * part * s2 + 2 * part * s12, 0.0))
        out[to + 5] = np.sqrt(max(s1 + s2 + 2 * s12, 0.0))
        out[to + 6] = 0.5 * np.log(variance)
    if not state[WEIGHT] > 0:
        return False
    out[TIME_S] = state[SUM_S] / state[WEIGHT]
    out[DEGC] = state[SUM_T] / state[KNOWN_T] if state[KNOWN_T] > 0.5 * state[WEIGHT] else np.nan
    out[SOC] = state[SUM_Q] / state[KNOWN_Q] if state[KNOWN_Q] > 0.5 * state[WEIGHT] else np.nan
    out[ROWS] = state[COUNT]
    return True
