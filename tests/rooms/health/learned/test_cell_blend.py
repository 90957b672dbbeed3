"""The blend of experts and its interval."""

import numpy as np
import pytest

from batteryloop.errors import FileDamaged, InputWrong
from batteryloop.health.learned.blend_arrays import blend_arrays, blend_from
from batteryloop.health.learned.cell_blend import fit_cell_blend, predict_cell_blend


def _fitted(made_cells, quick):
    rows, target, cells = made_cells
    return fit_cell_blend({"a": rows}, target, cells, quick, np.random.default_rng(0))


def test_new_rows_of_a_smooth_law_are_judged_well(made_cells, quick):
    blend, _ = _fitted(made_cells, quick)
    rows = np.random.default_rng(9).normal(size=(100, 4))
    true = np.exp(0.1 * rows[:, 0] - 0.05 * rows[:, 1])
    found = predict_cell_blend(blend, {"a": rows})
    assert np.abs(found.value / true - 1).mean() < 0.02
    assert np.mean((true >= found.low) & (true <= found.high)) > 0.85


def test_a_surer_interval_is_wider(made_cells, quick):
    blend, _ = _fitted(made_cells, quick)
    half = [
        predict_cell_blend(blend, {"a": made_cells[0]}, confidence_frac=c).halfwidth_frac.mean()
        for c in (0.5, 0.8, 0.95)
    ]
    assert half == sorted(half)
    assert half[0] < half[2]


def test_the_shares_sum_to_one(made_cells, quick):
    blend, _ = _fitted(made_cells, quick)
    assert sum(e.weight_frac for e in blend.experts) == pytest.approx(1.0)


def test_out_of_fold_rows_are_covered_about_as_promised(made_cells, quick):
    _, judged = _fitted(made_cells, quick)
    assert 0.8 <= judged.is_covered.mean() <= 1.0
    assert judged.row.size == 240
    assert np.abs(judged.error_frac).mean() < 0.02


def test_the_same_seed_gives_the_same_blend(made_cells, quick):
    one, two = _fitted(made_cells, quick)[0], _fitted(made_cells, quick)[0]
    views = {"a": made_cells[0]}
    assert np.array_equal(predict_cell_blend(one, views).value,
                          predict_cell_blend(two, views).value)  # fmt: skip


def test_a_blend_comes_back_from_its_arrays(made_cells, quick):
    blend, _ = _fitted(made_cells, quick)
    again = blend_from(*blend_arrays(blend))
    views = {"a": made_cells[0]}
    assert np.allclose(predict_cell_blend(blend, views).low, predict_cell_blend(again, views).low,
                       rtol=1e-4)  # fmt: skip


def test_a_blend_of_another_format_is_refused(made_cells, quick):
    arrays, plain = blend_arrays(_fitted(made_cells, quick)[0])
    with pytest.raises(FileDamaged, match="is of format 2"):
        blend_from(arrays, {**plain, "format": 2})
    with pytest.raises(FileDamaged, match="lacks"):
        blend_from({}, plain)


def test_one_cell_teaches_nothing(made_cells, quick):
    rows, target, cells = made_cells
    with pytest.raises(InputWrong, match="two cells"):
        fit_cell_blend({"a": rows}, target, 0 * cells, quick, np.random.default_rng(0))


def test_a_target_of_zero_is_refused(made_cells, quick):
    rows, target, cells = made_cells
    with pytest.raises(InputWrong, match="above 0"):
        fit_cell_blend({"a": rows}, 0 * target, cells, quick, np.random.default_rng(0))
