"""A model of health, from training to a refusal."""

import numpy as np
import pytest

from batteryloop.errors import FileDamaged, InputWrong
from batteryloop.health.learned.health_model import (
    HealthModel,
    judge_cell,
    judge_records,
    train_health_model,
)


def _cells(n=10):
    """Cells whose sixteen features follow the health, and start a little apart."""
    rng = np.random.default_rng(8)
    direction = np.linspace(1.0, 2.0, 16)
    cells, healths = [], []
    for _ in range(n):
        health = np.linspace(1.0, rng.uniform(0.6, 0.7), 40)
        offset = 0.01 * rng.normal(size=16)
        cells.append(health[:, None] * direction + offset + 0.005 * rng.normal(size=(40, 16)))
        healths.append(health)
    return cells, healths


@pytest.fixture
def trained(quick):
    cells, healths = _cells()
    rng = np.random.default_rng(0)
    return train_health_model("charge-features", cells[:8], healths[:8], rng, settings=quick)[0]


def test_a_new_cell_is_judged_by_its_last_charge(trained):
    cells, healths = _cells()
    soh = judge_cell(trained, cells[9][:25])
    assert soh.value == pytest.approx(healths[9][24], rel=0.03)
    assert soh.low < soh.value < soh.high
    assert soh.n_rows == 25


def test_a_charge_past_the_trained_range_is_refused_with_the_reason(trained):
    cells, _ = _cells()
    rows = cells[9].copy()
    rows[-1, 0] = 9.0
    soh = judge_cell(trained, rows)
    assert soh.value is None
    assert soh.reason.startswith("voltage_mean 9 is outside the trained range")
    assert judge_records(trained, rows)[-2].is_known


def test_a_model_comes_back_from_its_arrays(trained):
    cells, _ = _cells()
    again = HealthModel.from_arrays(*trained.as_arrays())
    assert judge_cell(again, cells[9]).value == pytest.approx(
        judge_cell(trained, cells[9]).value, rel=1e-4
    )


def test_a_model_without_its_parts_is_refused(trained):
    arrays, plain = trained.as_arrays()
    with pytest.raises(FileDamaged, match="lacks"):
        HealthModel.from_arrays({}, plain)
    with pytest.raises(FileDamaged, match="lacks"):
        HealthModel.from_arrays(arrays, {})
    with pytest.raises(FileDamaged, match="kind 'smell'"):
        HealthModel.from_arrays(arrays, {**plain, "kind": "smell"})


def test_four_cells_are_too_few(quick):
    cells, healths = _cells(4)
    with pytest.raises(InputWrong, match="4 cells"):
        train_health_model("charge-features", cells, healths, np.random.default_rng(0),
                           settings=quick)  # fmt: skip
