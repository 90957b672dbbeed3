"""Moments at which the open-circuit voltage of a battery is known, or nearly."""

from dataclasses import dataclass

import numpy as np

from batteryloop.health.anchors.find import Run, Runs
from batteryloop.health.resistance.steps import step_pulses
from batteryloop.health.trace import Ints, Trace

_REST_MIN_S = 120.0
_REST_LONG_S = 600.0
_GAP_REST_MIN_S = 1800.0
_SETTLED_S = 300.0
_STEADY_S = 120.0
_STEADY_FRAC = 0.25
_REST_CURRENT_FRAC = 0.02
_CORRECTED_CURRENT_FRAC = 0.4
# What is left to relax after a rest is about what relaxed in its second half; never under 1 mV.
_RELAX_LEAST_V = 0.001
_SHORT_LEAST_V = 0.008
# Polarisation after minutes is about twice the ohmic step, and known to half its size.
_POLARISATION_RATIO = 1.8
_POLARISATION_SD_FRAC = 0.4
_CORRECTED_LEAST_V = 0.005
# Where no step shows the resistance: 60 mV at a current of 1 C.
_ASSUMED_V_H = 0.06


@dataclass(frozen=True, slots=True)
class OcvPoint:
    """A sample whose open-circuit voltage is known: of the mean cell, with standard deviation.

    `rest_s` is how long it rested before, 0 where current flows.
    """

    index: int
    voltage_v: float
    voltage_sd_v: float
    evidence: str
    rest_s: float = 0.0


def ocv_points(trace: Trace, runs: Runs) -> tuple[OcvPoint, ...]:
    """Return the moments of known open-circuit voltage, in order of time.

    - the end of a rest of two minutes or more. What relaxed in the second half of the rest is
      taken for the standard deviation of what is still to come; twice that, and never under
      8 mV, where the rest is shorter than ten minutes;
    - the first sample after a gap of half an hour or more, if hardly any current flows;
    - five minutes into a charge, and its end, where no such rest is beside them: the voltage less
      the current times the resistance. Wide, and only below 40 % of the usual largest current or
      where the current has tapered.

    Parameters
    ----------
    trace : Trace
        One battery's samples.
    runs : Runs
        Its charges, discharges and rests, in order.
    """
    if not len(trace) or not trace.current_scale_a > 0:
        return ()
    ohm, is_seen = _cell_resistance_ohm(trace)
    found: dict[int, OcvPoint] = {}
    for point in (*_after_gaps(trace), *_after_rests(trace, runs)):
        known = found.get(point.index)
        if known is None or point.voltage_sd_v < known.voltage_sd_v:
            found[point.index] = point
    rested = np.array(sorted(found), dtype=np.int64)
    for run in _lasting(trace, runs, "charge", _SETTLED_S):
        for index in _bare_ends(trace, run, rested):
            corrected = _corrected(trace, index, run, ohm, is_seen=is_seen)
            if corrected is not None:
                found.setdefault(index, corrected)
    return tuple(found[index] for index in sorted(found))


def _lasting(trace: Trace, runs: Runs, kind: str, least_s: float) -> Runs:
    """Return the runs of a kind that last so long: of a drive's thousands only a few."""
    alike = runs.of(kind)
    return alike.where(alike.duration_s(trace) >= least_s)


def _instrument_sd(trace: Trace, voltage_v: float) -> float:
    tool = trace.instrument
    return float(np.hypot(tool.cell_voltage_sd_v, tool.voltage_gain_sd_frac * voltage_v))


def _after_gaps(trace: Trace) -> list[OcvPoint]:
    found = []
    firsts = np.flatnonzero(np.diff(trace.part)) + 1
    gaps_s = (trace.time_us[firsts] - trace.time_us[firsts - 1]) / 1e6
    is_idle = np.abs(trace.current_a[firsts]) <= _REST_CURRENT_FRAC * trace.current_scale_a
    is_known = is_idle & (gaps_s >= _GAP_REST_MIN_S) & np.isfinite(trace.cell_voltage_v[firsts])
    for index, gap_s in zip(firsts[is_known].tolist(), gaps_s[is_known].tolist(), strict=True):
        voltage = float(trace.cell_voltage_v[index])
        # Unseen for so long, it may have been in use until shortly before.
        sd = float(np.hypot(_instrument_sd(trace, voltage), 0.003))
        found.append(OcvPoint(index, voltage, sd, f"after {gap_s / 3600:.1f} h unseen", gap_s))
    return found


def _after_rests(trace: Trace, runs: Runs) -> list[OcvPoint]:
    found = []
    for run in _lasting(trace, runs, "rest", _REST_MIN_S):
        begin = trace.time_us[run.first]
        rest_s = (trace.time_us[run.last] - begin) / 1e6
        voltage = float(trace.cell_voltage_v[run.last])
        if not np.isfinite(voltage):
            continue
        within = trace.time_us[run.first : run.last + 1]
        half = run.first + int(np.searchsorted(within, begin + 0.5e6 * rest_s))
        still = abs(voltage - float(trace.cell_voltage_v[min(half, run.last)]))
        relax = max(still if np.isfinite(still) else _SHORT_LEAST_V, _RELAX_LEAST_V)
        if rest_s < _REST_LONG_S:
            relax = max(2 * relax, _SHORT_LEAST_V)
        sd = float(np.hypot(_instrument_sd(trace, voltage), relax))
        found.append(OcvPoint(run.last, voltage, sd, f"rested {rest_s / 60:.0f} min", rest_s))
    return found


def _cell_resistance_ohm(trace: Trace) -> tuple[float, bool]:
    """Return the ohmic resistance of one cell in series, and whether steps showed it."""
    pulses = step_pulses(trace).get_column("resistance_ohm").drop_nulls()
    positive = pulses.filter(pulses > 0)
    if positive.len() >= 3:
        middle = positive.median()
        assert isinstance(middle, float)
        return middle / trace.n_cells_series, True
    return float("nan"), False


def _bare_ends(trace: Trace, run: Run, rested: Ints) -> list[int]:
    """Return the settled begin and the end of a charge, each unless a rested point is beside it."""
    settled = trace.time_us[run.first] + int(_SETTLED_S * 1e6)
    begin = int(np.searchsorted(trace.time_us[: run.last + 1], settled))
    end = run.last
    # The last sample may stand half in the rest that follows.
    while end > run.first and trace.current_a[end] < 0.7 * trace.current_a[end - 1]:
        end -= 1
    ends = []
    if begin < end and not _is_near(trace, rested, run.first):
        ends.append(begin)
    if begin < end and not _is_near(trace, rested, run.last):
        ends.append(end)
    return ends


def _is_near(trace: Trace, rested: Ints, index: int) -> bool:
    """Whether a rested point of the same stretch is so near that hardly any charge lies between."""
    place = int(np.searchsorted(rested, index))
    for point in rested[max(place - 1, 0) : place + 2]:
        moved = abs(trace.charge_ah[point] - trace.charge_ah[index])
        if trace.part[point] == trace.part[index] and moved < 0.01 * trace.current_scale_a:
            return True
    return False


def _corrected(trace: Trace, index: int, run: Run, ohm: float, *, is_seen: bool) -> OcvPoint | None:
    settled = trace.time_us[index] - int(_STEADY_S * 1e6)
    begin = max(run.first, int(np.searchsorted(trace.time_us[: index + 1], settled)))
    before = trace.current_a[begin : index + 1]
    amps = float(trace.current_a[index])
    volts = float(trace.cell_voltage_v[index])
    # A tapering current changes slowly; a driven battery's does not.
    if not np.isfinite(volts) or amps <= 0 or np.ptp(before) > _STEADY_FRAC * amps:
        return None
    if is_seen:
        drop = _POLARISATION_RATIO * ohm * amps
    else:
        drop = _ASSUMED_V_H * amps / max(trace.current_scale_a, 1e-9)
    is_weak = amps <= _CORRECTED_CURRENT_FRAC * trace.current_scale_a
    if not is_weak and not is_seen:
        return None
    doubt = max(_POLARISATION_SD_FRAC * drop, _CORRECTED_LEAST_V)
    sd = float(np.hypot(_instrument_sd(trace, volts), doubt))
    return OcvPoint(index, volts - drop, sd, f"charging, less {drop * 1000:.0f} mV for resistance")
