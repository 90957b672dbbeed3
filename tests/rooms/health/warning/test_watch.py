"""One fault at a time in a pack made by hand: named, in the right cell, of the right size."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batteryloop.errors import ColumnMissing, InputWrong, ValueOutOfRange
from batteryloop.health.warning import HealthWarning, WatchState, watch, watch_frame
from batteryloop.record.types import BatteryIdentity
from batteryloop.telemetry.frame import TIME

IDENTITY = BatteryIdentity("MADE", "NMC622", 100.0, 24)
Make = Callable[..., pl.DataFrame]


def first(warnings: tuple[HealthWarning, ...]) -> HealthWarning:
    assert warnings, "nothing was warned of"
    return warnings[0]


def since(day: float, grows: float) -> Callable[[float], float]:
    return lambda now: grows * max(now - day, 0.0)


def test_a_healthy_pack_raises_nothing(made_frame: Make) -> None:
    assert watch_frame(made_frame(), IDENTITY) == ()


def test_a_leak_is_called_a_short_and_its_current_is_in_the_interval(made_frame: Make) -> None:
    # 0.3 % of 100 Ah a day is 12.5 mA
    warnings = watch_frame(made_frame(soc_gap=since(15, -0.003)), IDENTITY)
    assert {(w.kind, w.cell) for w in warnings} == {("internal-short", 5)}
    leak = warnings[-1].estimate
    assert leak.quantity == "leak_a"
    assert leak.low is not None
    assert leak.high is not None
    assert leak.low < 0.0125 < leak.high
    assert warnings[-1].severity == 2


def test_a_cell_that_loses_capacity_is_called_weak(made_frame: Make) -> None:
    warnings = watch_frame(made_frame(lack=since(15, 0.003)), IDENTITY)
    assert first(warnings).kind == "weak-cell"
    assert {w.cell for w in warnings} == {5}


def test_a_contact_that_opens_is_called_loose_and_its_resistance_is_told(made_frame: Make) -> None:
    warnings = watch_frame(made_frame(ohm=lambda day: 5e-4 * (day > 15)), IDENTITY)
    assert {(w.kind, w.cell) for w in warnings} == {("loose-connection", 5)}
    # raised while the filter still follows the step: most of it is seen, none is made up
    assert 2e-4 < warnings[-1].estimate.value < 5.5e-4


def test_a_reading_that_is_off_at_every_charge_is_called_a_sensor(made_frame: Make) -> None:
    warnings = watch_frame(made_frame(offset_v=since(15, 0.001)), IDENTITY)
    assert {(w.kind, w.cell) for w in warnings} == {("voltage-sensor", 5)}
    assert 0.001 < first(warnings).estimate.value < 0.010


def test_a_reading_that_stands_still_is_called_stuck(made_frame: Make) -> None:
    frame = made_frame(n_days=20)
    cells = np.array(frame["cell_voltages_v"].to_list(), np.float32)
    late = pl.col("time") > pl.col("time").first() + pl.duration(days=10)
    cells[frame.select(late).to_series().to_numpy(), 7] = 3.7
    frame = frame.with_columns(pl.Series("cell_voltages_v", cells).cast(pl.List(pl.Float32)))
    warnings = watch_frame(frame, IDENTITY)
    assert ("stuck-reading", 7) in {(w.kind, w.cell) for w in warnings}


def test_what_is_said_at_first_is_said_again_only_when_it_grows(made_frame: Make) -> None:
    warnings = watch_frame(made_frame(offset_v=since(15, 0.002)), IDENTITY)
    assert [w.severity for w in warnings] == sorted({w.severity for w in warnings})


def test_a_smaller_budget_never_warns_earlier(made_frame: Make) -> None:
    frame = made_frame(offset_v=since(15, 0.001))
    strict = watch_frame(frame, IDENTITY, budget_per_year=0.002)
    lax = watch_frame(frame, IDENTITY, budget_per_year=5.0)
    assert first(lax).raised_at <= first(strict).raised_at


@settings(max_examples=8, deadline=None)
@given(cuts=st.lists(st.integers(1, 28_700), min_size=1, max_size=6, unique=True))
def test_however_the_rows_are_cut_the_warnings_are_the_same(
    cuts: list[int], leaky: pl.DataFrame
) -> None:
    whole = leaky
    state: WatchState | None = None
    found: tuple[HealthWarning, ...] = ()
    bounds = [0, *sorted(cuts), whole.height]
    for start, end in pairwise(bounds):
        state, more = watch(whole.slice(start, end - start), state, IDENTITY)
        found += more
    once_state, once = watch(whole, None, IDENTITY)
    assert found == once
    assert state is not None
    for name, array in once_state.arrays.items():
        np.testing.assert_array_equal(array, state.arrays[name], err_msg=name)


def test_the_state_does_not_grow_and_goes_on_from_where_it_was_written(
    tmp_path: Path, leaky: pl.DataFrame
) -> None:
    frame = leaky
    early, _ = watch(frame.head(2000), None, IDENTITY)
    late, _ = watch(frame.tail(-2000), early, IDENTITY)
    assert late.n_bytes == early.n_bytes < 100_000
    np.savez(tmp_path / "state.npz", **early.arrays)
    with np.load(tmp_path / "state.npz", allow_pickle=False) as arrays:
        read = WatchState.from_arrays(IDENTITY, arrays)
    after = frame.tail(-2000)
    assert watch(after, read, IDENTITY)[1] == watch(after, early, IDENTITY)[1] != ()


def test_a_state_given_in_is_not_changed(leaky: pl.DataFrame) -> None:
    state, _ = watch(leaky.head(2000), None, IDENTITY)
    before = {name: array.copy() for name, array in state.arrays.items()}
    watch(leaky.slice(2000, 3000), state, IDENTITY)
    for name, array in before.items():
        np.testing.assert_array_equal(array, state.arrays[name])


def test_rows_without_current_and_missing_readings_do_no_harm(made_frame: Make) -> None:
    frame = made_frame(n_days=20)
    holes = np.arange(frame.height)
    frame = frame.with_columns(
        pl.when(pl.Series(holes % 7 == 0)).then(None).otherwise("current_a").alias("current_a"),
        pl.when(pl.Series(holes % 11 == 0))
        .then(None)
        .otherwise("cell_voltages_v")
        .alias("cell_voltages_v"),
    )
    state, warnings = watch(frame, None, IDENTITY)
    assert warnings == ()
    assert np.isfinite(state.arrays["factors"]).all()


def test_no_rows_give_no_warnings_and_a_state_to_go_on_from(made_frame: Make) -> None:
    frame = made_frame(n_days=1)
    state, warnings = watch(frame.head(0), None, IDENTITY)
    assert warnings == ()
    assert state.n_cells == 0


def test_without_cell_voltages_it_says_what_it_wants(made_frame: Make) -> None:
    with pytest.raises(ColumnMissing, match="voltage of every cell"):
        watch_frame(made_frame(n_days=1).drop("cell_voltages_v"), IDENTITY)


def test_another_number_of_cells_is_refused(made_frame: Make) -> None:
    state, _ = watch(made_frame(n_days=1), None, IDENTITY)
    other = made_frame(n_days=1).with_columns(pl.col("cell_voltages_v").list.head(20))
    with pytest.raises(InputWrong, match="20 cells in a row"):
        watch(other, state, IDENTITY)


def test_a_budget_that_no_calibration_covers_is_refused(made_frame: Make) -> None:
    with pytest.raises(ValueOutOfRange, match=r"0\.001 to 20"):
        watch_frame(made_frame(n_days=1), IDENTITY, budget_per_year=0.0)


def test_a_cell_that_drops_within_minutes_is_named_within_minutes() -> None:
    # a row a second, 20 quiet minutes, then cell 3 hangs 5 mV lower
    rng = np.random.Generator(np.random.PCG64(3))
    n = 1800
    cells = 3.9 + 1e-3 * rng.standard_normal((n, 12))
    cells[1200:, 3] -= 0.005
    frame = pl.DataFrame(
        {
            "battery_id": ["B"] * n,
            "time": pl.Series(np.arange(n) * 1_000_000).cast(TIME),
            "current_a": np.zeros(n),
            "cell_voltages_v": pl.Series(values=cells.astype(np.float32)).cast(pl.List(pl.Float32)),
        }
    )
    warnings = watch_frame(frame, BatteryIdentity("B", n_cells_series=12))
    assert [(w.kind, w.cell, w.cell_label) for w in warnings] == [("internal-short", 3, "cell 4")]
    assert warnings[0].raised_at.timestamp() <= 1200 + 4 * 60
