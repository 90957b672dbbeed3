"""What a train of five-second pulses says of a cell whose charge is not known.

A record is 21 voltages: at rest before the test, then for each of five pulses (charge and
discharge in turn, the amplitude growing) right after the current comes on, at the pulse's end,
right after it goes off, and at the end of the rest (PulseBat, Tao et al. 2024).
"""

import numpy as np
from numpy.typing import NDArray

from batteryloop.errors import ValueOutOfRange

Array = NDArray[np.float64]
N_VOLTAGES = 21
PULSE_VOLTAGES = tuple(f"U{i}" for i in range(1, N_VOLTAGES + 1))
PULSE_AMPLITUDES = (1.0, -1.0, 2.0, -2.0, 3.0)
_LEAST_V = 1e-4
# The columns of the view `shape`.
SHAPE_COLUMNS = (
    "U1",
    *(
        f"{what} of pulse {pulse}"
        for what in (
            "log ohmic step",
            "log polarisation",
            "log step back",
            "log relaxation",
            "drift",
        )
        for pulse in range(1, 6)
    ),
    *(f"charge against discharge {i}" for i in range(1, 5)),
)


def pulse_views(voltage_v: Array) -> dict[str, Array]:
    """Return four views of pulse records.

    Parameters
    ----------
    voltage_v : NDArray of float64
        U1 to U21 of each record [V], shape (n, 21).

    Returns
    -------
    dict of str to NDArray
        `steps` (n, 21): rest voltage and the distance of the others from it. `ends` (n, 11): the
        same of the slow samples only (end of pulse, end of rest), which a late sample hardly
        moves. `shape` (n, 30): logarithms of ohmic step, polarisation, step back and relaxation
        per amplitude, drift of the rest voltage, and charge against discharge. `brief` (n, 12):
        medians of these over the pulses.

    Raises
    ------
    ValueOutOfRange
        If the records are not 21 finite voltages.
    """
    voltage_v = np.asarray(voltage_v, dtype=float)
    allowed = f"rows of {N_VOLTAGES} finite voltages"
    if voltage_v.ndim != 2 or voltage_v.shape[1] != N_VOLTAGES:
        raise ValueOutOfRange("pulse records", f"shape {voltage_v.shape}", allowed)
    n_broken = int((~np.isfinite(voltage_v)).any(axis=1).sum())
    if n_broken:
        raise ValueOutOfRange("pulse records", f"{n_broken} with a voltage missing", allowed)
    rest = voltage_v[:, :1]
    parts: list[list[Array]] = [[], [], [], [], []]
    for pulse, amplitude in enumerate(PULSE_AMPLITUDES):
        before, on, end, off, after = (voltage_v[:, 4 * pulse + k] for k in range(5))
        steps = (on - before, end - on, end - off, off - after)
        for part, step in zip(parts, steps, strict=False):
            part.append(np.log(np.maximum(step / amplitude, _LEAST_V)))
        parts[4].append(after - rest[:, 0])
    ohmic, polar, back, relax, drift = (np.stack(part, axis=1) for part in parts)
    uneven = np.stack(
        [
            polar[:, 0] - polar[:, 1],
            polar[:, 2] - polar[:, 3],
            ohmic[:, 2] - ohmic[:, 3],
            polar[:, 4] - polar[:, 0],
        ],
        axis=1,
    )
    brief = np.stack([np.median(part, axis=1) for part in (ohmic, polar, back, relax)], axis=1)
    return {
        "steps": np.hstack([rest, voltage_v[:, 1:] - rest]),
        "ends": np.hstack([rest, voltage_v[:, 2::2] - rest]),
        "shape": np.hstack([rest, ohmic, polar, back, relax, drift, uneven]),
        "brief": np.hstack([rest, brief, drift[:, [0, 1, 4]], uneven]),
    }
