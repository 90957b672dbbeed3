"""What the early warning remembers, on the disk."""

import numpy as np
import pytest

from batteryloop.errors import FileDamaged
from batteryloop.health.warning import WatchState
from batteryloop.record import BatteryIdentity
from batteryloop.storage.watch_states import WatchStates


@pytest.fixture
def states(tmp_path):
    return WatchStates(tmp_path / "states")


def _state(name, mark):
    state = WatchState.new(BatteryIdentity(name), n_cells=4)
    arrays = state.copied()
    arrays["before"][:] = mark
    return WatchState(state.identity, arrays)


def test_what_was_kept_last_is_recalled(states):
    states.keep(_state("B/1", 3.7))
    states.keep(_state("B/1", 3.8))
    found = states.recall(BatteryIdentity("B/1"))
    np.testing.assert_array_equal(found.arrays["before"], np.full(4, 3.8, np.float32))
    assert len(list(states.folder.iterdir())) == 1


def test_batteries_whose_names_look_alike_are_kept_apart(states):
    for number, name in enumerate(("pack", "PACK", "../pack", "pack/", "p" * 500)):
        states.keep(_state(name, number))
    assert states.recall(BatteryIdentity("PACK")).arrays["before"][0] == 1.0
    assert states.recall(BatteryIdentity("p" * 500)).arrays["before"][0] == 4.0
    assert states.recall(BatteryIdentity("Pack")) is None


@pytest.mark.parametrize("n_bytes_left", [0, 2, 500])
def test_a_damaged_state_says_how_to_go_on(states, n_bytes_left):
    states.keep(_state("B1", 3.7))
    (path,) = states.folder.iterdir()
    path.write_bytes(path.read_bytes()[:n_bytes_left])
    with pytest.raises(FileDamaged, match="first row"):
        states.recall(BatteryIdentity("B1"))


def test_a_state_of_another_version_is_refused(states):
    state = _state("B1", 3.7)
    arrays = {name: a for name, a in state.copied().items() if name != "ring_at"}
    states.keep(WatchState(state.identity, arrays))
    with pytest.raises(FileDamaged, match="ring_at"):
        states.recall(BatteryIdentity("B1"))
