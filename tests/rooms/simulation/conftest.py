"""Small strings of cells for the tests of the compiled loop."""

import numpy as np
import pytest

from batteryloop.simulation import layout
from batteryloop.simulation.ageing import Ageing
from batteryloop.simulation.duties import duty
from batteryloop.simulation.faults import Effects
from batteryloop.simulation.layout import Steps
from batteryloop.simulation.string import (
    cells_now,
    first_run,
    make_string,
    rules_of,
    run_steps,
    tables_of,
)

CAPACITY_AH = 100.0


def rng(seed=1):
    return np.random.Generator(np.random.PCG64(seed))


class String:
    """A string of equal cells, unless asked otherwise, that can be run step by step."""

    def __init__(self, chemistry="NMC622", n_cells=4, soc=0.5, degc=25.0, *, is_equal=True):
        self.made = make_string(chemistry, CAPACITY_AH, n_cells, rng())
        self.rules = rules_of(self.made, duty("private-ev"))
        self.tables = tables_of(self.made)
        self.run = first_run(self.made, soc, degc)
        self.cells = cells_now(self.made, Ageing.new(n_cells), Effects.none(n_cells))
        if is_equal:
            self.cells[:] = self.cells.mean(axis=1, keepdims=True)
            self.run.state[layout.SOC] = soc
        self.soc = self.run.state[layout.SOC]

    def go(
        self,
        n_steps,
        *,
        dt=10.0,
        mode=layout.REST,
        request=0.0,
        target=1.0,
        degc=25.0,
        is_awake=True,
        wobble=1.0,
    ):
        steps = Steps(
            np.full(n_steps, dt),
            np.full(n_steps, mode, np.int8),
            np.broadcast_to(np.asarray(request, dtype=float), (n_steps,)).copy(),
            np.full(n_steps, target),
            np.full(n_steps, degc),
            np.full(n_steps, wobble),
            np.full(n_steps, is_awake),
        )
        sensors = np.arange(self.made.n_cells)
        return run_steps(self.made, self.run, self.cells, steps, self.rules, self.tables, sensors)


@pytest.fixture(scope="session")
def string_of():
    """Return the class of small strings, to be called with chemistry, cells, charge, degC."""
    return String
