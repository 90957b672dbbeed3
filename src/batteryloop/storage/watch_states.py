"""What the early warning remembers, one file a battery: arrays in an npz, nothing is unpickled."""

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from batteryloop.errors import FileDamaged, InputWrong
from batteryloop.health.warning import WatchState
from batteryloop.record import BatteryIdentity
from batteryloop.storage.durable import outside, write_whole

_NAME = "battery_id"


class WatchStates:
    """A folder of states; `usecases.ports.WatchMemory`.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> states = WatchStates(Path(mkdtemp()))
    >>> states.recall(BatteryIdentity("B1")) is None
    True
    >>> states.keep(WatchState.new(BatteryIdentity("B1"), n_cells=12))
    >>> states.recall(BatteryIdentity("B1")).n_cells
    12
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def recall(self, identity: BatteryIdentity) -> WatchState | None:
        """Return the state that was kept last, None of a battery never watched.

        Raises
        ------
        FileDamaged
            If the file cannot be read, or is of another battery or another version.
        """
        path = self._path(identity)
        if not path.exists():
            return None
        begin_anew = "delete it: the battery is then watched from its first row"
        try:
            with outside(str(path)), np.load(io.BytesIO(path.read_bytes())) as arrays:
                found = {name: arrays[name] for name in arrays.files}
            if str(found[_NAME]) != identity.battery_id:
                raise FileDamaged(str(path), f"is of {found[_NAME]}", identity.battery_id)
            return WatchState.from_arrays(identity, found)
        except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as exc:
            raise FileDamaged(str(path), "is no state of a watch", next_step=begin_anew) from exc
        except InputWrong as wrong:
            raise FileDamaged(str(path), wrong.found, wrong.allowed, begin_anew) from wrong

    def keep(self, state: WatchState) -> None:
        """Keep the state in place of the last, wholly or not at all."""
        packed = io.BytesIO()
        arrays: dict[str, Any] = {**state.arrays, _NAME: np.array(state.identity.battery_id)}
        np.savez_compressed(packed, **arrays)
        path = self._path(state.identity)
        with outside(str(path)):
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, packed.getvalue())

    def _path(self, identity: BatteryIdentity) -> Path:
        # Identifiers may hold slashes, or differ in capitals alone.
        digest = hashlib.sha256(identity.battery_id.encode()).hexdigest()
        return self.folder / f"{digest[:32]}.npz"
