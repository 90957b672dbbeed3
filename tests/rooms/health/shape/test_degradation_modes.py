from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from batteryloop.health.shape import deeper
from batteryloop.health.shape.electrode_fit import capacity_of, fit_electrodes, potential_v
from batteryloop.record import BatteryIdentity
from batteryloop.reference.ocv import electrode_windows

WINDOW = electrode_windows()["NMC811"]
LIMITS = (2.5, 4.2)
SIZE_AH = 5.0
NEW = (
    SIZE_AH / (WINDOW.negative_full_frac - WINDOW.negative_empty_frac),
    SIZE_AH / (WINDOW.positive_empty_frac - WINDOW.positive_full_frac),
)
LITHIUM_AH = NEW[0] * WINDOW.negative_empty_frac + NEW[1] * WINDOW.positive_empty_frac


def slow_charge(negative_ah, positive_ah, lithium_ah, *, eta_v=0.01, noise_v=0.0005, n=400, seed=0):
    """A charge from 2.5 to 4.2 V of a cell with such electrodes: charge, voltage."""
    x = np.linspace(0.002, 0.998, 4000)
    y = (lithium_ah - negative_ah * x) / positive_ah
    volts = potential_v(WINDOW.positive, y) - potential_v(WINDOW.negative, x) + eta_v
    inside = (volts > LIMITS[0]) & (volts < LIMITS[1]) & (y > 0.03) & (y < 0.97)
    charge = (x[inside] - x[inside][0]) * negative_ah
    q = np.linspace(0, charge[-1], n)
    return q, np.interp(q, charge, volts[inside]) + np.random.default_rng(seed).normal(
        0, noise_v, n
    )


@pytest.mark.parametrize(
    "kept", [(1.0, 1.0, 1.0), (0.9, 1.0, 1.0), (1.0, 0.88, 1.0), (1.0, 1.0, 0.9)]
)
def test_electrodes_and_lithium_are_found_again(kept):
    truth = (NEW[0] * kept[0], NEW[1] * kept[1], LITHIUM_AH * kept[2])
    charge, volts = slow_charge(*truth)
    fit = fit_electrodes(
        charge,
        volts,
        WINDOW,
        capacity_ah=SIZE_AH,
        voltage_limits_v=LIMITS,
        polarisation_v=(0.01, 0.01),
    )
    assert fit.misfit_v < 0.002
    found = (fit.negative_ah, fit.positive_ah, fit.inventory_ah)
    assert found == pytest.approx(truth, rel=0.04)
    assert fit.capacity_ah == pytest.approx(capacity_of(*truth, WINDOW, LIMITS), rel=0.02)


def life(kept_at_end, *, rate_per_h=0.05, n_charges=8, chemistry="NMC811", seed=0):
    """A frame of slow charges, each from empty to full, the losses growing evenly."""
    tables, began = [], 0
    for k in range(n_charges):
        share = k / (n_charges - 1)
        kept = 1 - share * (1 - np.array(kept_at_end))
        q, v = slow_charge(NEW[0] * kept[0], NEW[1] * kept[1], LITHIUM_AH * kept[2], seed=seed + k)
        amps = rate_per_h * SIZE_AH
        seconds = (began + q / amps * 3600).astype(np.int64)
        down = seconds[-1] + 60 + seconds - seconds[0]
        tables.append(
            pl.DataFrame(
                {
                    "elapsed": np.concatenate([seconds, down]),
                    "current_a": np.repeat([amps, -amps], q.size),
                    "voltage_v": np.concatenate([v, v[::-1] - 0.02]),
                }
            )
        )
        began = int(down[-1]) + 60
    start = datetime(2026, 1, 1, tzinfo=UTC)
    frame = pl.concat(tables).select(
        pl.lit("CELL").alias("battery_id"),
        (pl.lit(start) + pl.duration(seconds=pl.col("elapsed"))).alias("time"),
        "current_a",
        "voltage_v",
    )
    return frame, BatteryIdentity("CELL", chemistry, SIZE_AH)


@pytest.mark.parametrize(
    ("kept", "lost"), [((1.0, 1.0, 0.88), "lithium"), ((0.85, 1.0, 1.0), "negative")]
)
def test_what_was_lost_is_named_and_its_interval_holds_it(kept, lost):
    frame, cell = life(kept)
    modes = deeper(frame, cell).modes
    wanted = {"negative": 1 - kept[0], "positive": 1 - kept[1], "lithium": 1 - kept[2]}
    for name, loss in wanted.items():
        estimate = getattr(modes, f"{name}_loss_frac")
        if estimate.is_known:
            # The losses grow evenly: medians of the first and last three lie one charge inwards.
            assert estimate.low <= loss <= estimate.high
    shown = getattr(modes, f"{lost}_loss_frac")
    assert shown.is_known
    assert shown.low > 0


def test_a_charge_too_fast_for_a_fit_says_so():
    modes = deeper(*life((1.0, 1.0, 0.9), rate_per_h=1.0)).modes
    assert "too fast" in modes.lithium_loss_frac.reason


def test_without_chemistry_nothing_is_fitted():
    frame, _ = life((1.0, 1.0, 0.9))
    modes = deeper(frame, BatteryIdentity("CELL", None, SIZE_AH)).modes
    assert "chemistry is not given" in modes.lithium_loss_frac.reason
    assert not modes.positive_loss_frac.is_known


def test_half_cells_of_another_chemistry_are_found_out():
    frame, _ = life((1.0, 1.0, 0.9))
    modes = deeper(frame, BatteryIdentity("CELL", "LTO", SIZE_AH)).modes
    assert "miss the curves" in modes.lithium_loss_frac.reason


def test_a_small_window_of_the_charge_is_not_enough():
    frame, cell = life((1.0, 1.0, 0.9))
    some = frame.filter(pl.col("voltage_v").is_between(3.6, 3.9))
    modes = deeper(some, cell).modes
    assert "60 % needed" in modes.lithium_loss_frac.reason


def test_peaks_of_a_cell_that_does_not_age_stay_within_their_intervals():
    tracks = [t for seed in (0, 100, 200) for t in deeper(*life((1.0,) * 3, seed=seed)).tracks]
    assert len(tracks) >= 6
    held = [t.position_change_v.low <= 0 <= t.position_change_v.high for t in tracks]
    held += [t.height_ratio_frac.low <= 1 <= t.height_ratio_frac.high for t in tracks]
    assert np.mean(held) >= 0.8


def test_an_empty_frame_gives_reasons():
    frame, cell = life((1.0, 1.0, 1.0))
    report = deeper(frame.clear(), cell)
    assert not any(e.is_known for e in report.estimates.values())
    assert all(e.reason for e in report.estimates.values())
