"""When was the battery full, and when was it empty? Found from the samples, not assumed.

Full: a charge ended at the battery's upper limit. The limit is the highest voltage at which charges
end for which there is evidence: the current tapered there, or the chemistry's limit is there.
Empty: a discharge ended where the voltage falls off, or at the chemistry's lower limit.
Where the chemistry is unknown and a tester goes to and fro between two voltages again and again,
these are taken, and named for what they are: the test's own limits.
"""

import numpy as np

from batteryloop.health.anchors.empty import empty_moments, no_empty_reason
from batteryloop.health.anchors.full import full_limit, full_moments, rested_full_moments
from batteryloop.health.anchors.moments import SIGNIFICANT_FRAC, Anchor, Anchors, Run, Runs, runs_of
from batteryloop.health.trace import Trace
from batteryloop.reference.chemistries import Chemistry

__all__ = ["Anchor", "Anchors", "Run", "Runs", "find_anchors", "runs_of"]


def find_anchors(
    trace: Trace,
    runs: Runs,
    chemistry: Chemistry | None,
    *,
    empty_below_v: float | None = None,
) -> Anchors:
    """Return the moments at which the battery was full or empty.

    Parameters
    ----------
    trace : Trace
        One battery's samples.
    runs : Runs
        Its charges, discharges and rests, in order.
    chemistry : Chemistry, optional
        Gives the limits of a cell, if it is known.
    empty_below_v : float, optional
        Where the voltage falls off below this, a cell is empty; by default six tenths of the way
        from the chemistry's lower limit to its nominal voltage. [V]
    """
    least_ah = SIGNIFICANT_FRAC * float(np.abs(runs.charge_ah).max(initial=0.0))
    full_v, why, no_full = full_limit(trace, runs, chemistry, least_ah)
    charged = full_moments(trace, runs, full_v, why, least_ah)
    rested = rested_full_moments(trace, runs, chemistry, full_v)
    known = sorted((*charged, *rested), key=lambda moment: moment.index)
    drained = empty_moments(trace, runs, known, chemistry, empty_below_v, least_ah)
    if full_v is None and rested:
        full_v = float(np.median([moment.voltage_v for moment in rested]))
    return Anchors(
        tuple(sorted((*known, *drained), key=lambda moment: moment.index)),
        full_v,
        "" if known else no_full,
        "" if drained else no_empty_reason(trace, runs, chemistry),
    )
