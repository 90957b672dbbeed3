"""What is carried from row to row: arrays whose size depends on cells and sensors alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from batteryloop.errors import InputWrong
from batteryloop.health.warning.kernels import layout as at
from batteryloop.health.warning.types import CELL_KINDS, KINDS
from batteryloop.record.types import BatteryIdentity

N_HISTORY = 32
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class WatchState:
    """All that the early warning remembers of one battery.

    `arrays` may be written with `numpy.savez` and read back with `WatchState.from_arrays`; none
    grows with time.
    """

    identity: BatteryIdentity
    arrays: Mapping[str, NDArray[np.generic]]

    @property
    def n_cells(self) -> int:
        """Readings a row."""
        return int(self.arrays["before"].size)

    @property
    def seen_until_at(self) -> datetime | None:
        """The time of the last row folded in, UTC; None where nothing was seen."""
        head = self.arrays["head"]
        if not head[at.HAS_ROW]:
            return None
        return _EPOCH + timedelta(microseconds=int(head[at.TIME_BEFORE]))

    @property
    def n_bytes(self) -> int:
        """How much memory it takes."""
        return sum(array.nbytes for array in self.arrays.values())

    @classmethod
    def new(cls, identity: BatteryIdentity, *, n_cells: int, n_sensors: int = 0) -> "WatchState":
        """Return the state of a battery of which nothing has been seen.

        Examples
        --------
        >>> WatchState.new(BatteryIdentity("B1"), n_cells=12).n_bytes < 25_000
        True
        """
        return cls(identity, _empty(n_cells, n_sensors))

    @classmethod
    def from_arrays(
        cls, identity: BatteryIdentity, arrays: Mapping[str, NDArray[np.generic]]
    ) -> "WatchState":
        """Return the state from arrays that were written down.

        Raises
        ------
        InputWrong
            If an array is missing or of another shape.
        """
        subject = f"state of battery {identity.battery_id}"
        for name in ("before", "heat"):
            if name not in arrays:
                raise InputWrong(subject, f"no array {name}", next_step="begin anew")
        fresh = _empty(int(arrays["before"].size), int(arrays["heat"].size))
        for name, array in fresh.items():
            found = arrays[name].shape if name in arrays else "nothing"
            if found != array.shape:
                raise InputWrong(subject, f"{name}: {found}", f"{array.shape}", "begin anew")
        return cls(identity, {n: np.array(arrays[n], a.dtype) for n, a in fresh.items()})

    def copied(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays as a copy that may be changed."""
        return {name: array.copy() for name, array in self.arrays.items()}


def _empty(n: int, n_sensors: int) -> dict[str, NDArray[np.generic]]:
    from batteryloop.health.warning.kernels.follow import start_covariance  # numba: slow to import

    head = np.zeros(at.N_HEAD)
    head[at.SOC_BEFORE] = np.nan
    return {
        "head": head,
        "gram": np.zeros((at.N_REGRESSORS, at.N_REGRESSORS)),
        "moments": np.zeros((at.N_REGRESSORS, n), np.float32),
        "squares": np.zeros(n, np.float32),
        "fast_x": np.zeros(at.N_REGRESSORS),
        "fast": np.zeros(n, np.float32),
        "sums": np.zeros(at.N_SUMS),
        "lost": np.zeros(n),
        "still": np.zeros(n),
        "heat": np.zeros(n_sensors),
        "before": np.zeros(n, np.float32),
        "slow": np.zeros(at.N_SLOW),
        "factors": np.zeros((at.N_FACTORS, n)),
        "expected": np.zeros((at.N_REGRESSORS, n), np.float32),
        "covariance": start_covariance(),
        "base": np.zeros((at.N_FACTORS, n)),
        "base_variance": np.zeros(at.N_FACTORS),
        "drift_mean": np.zeros(n),
        "usual": np.zeros(n),
        "minute_streak": np.zeros(n),
        "minute_gap": np.zeros(n),
        "minute_said": np.full(n, -1e18),
        "minute_scores": np.zeros((2, n)),
        "score_before": np.zeros((len(CELL_KINDS), n)),
        "latched": np.full((len(KINDS), max(n, n_sensors, 1)), -1, np.int8),
        "high_day": np.zeros((len(KINDS), max(n, n_sensors, 1)), np.float32),
        "heat_base": np.zeros(n_sensors),
        "heat_now": np.zeros(n_sensors),
        "pack_base": np.zeros(at.N_PACK_SERIES),
        "pack_now": np.zeros(at.N_PACK_SERIES),
        "pack_variance": np.zeros(at.N_PACK_SERIES),
        "ring": np.zeros((N_HISTORY, at.N_FACTORS, n), np.float32),
        "ring_pack": np.zeros((N_HISTORY, at.N_PACK_SERIES), np.float32),
        "ring_at": np.zeros(N_HISTORY, np.int64),
    }
