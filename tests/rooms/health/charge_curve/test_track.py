import numpy as np
import polars as pl
import pytest

from batteryloop.errors import InputWrong
from batteryloop.health.capacity.partial_charge import capacity_from_charges
from batteryloop.health.charge_curve.curve import charge_curve
from batteryloop.health.charge_curve.match import CapacityDistribution
from batteryloop.health.charge_curve.track import CapacityTrack, followed
from batteryloop.health.charge_curve.windows import CHARGE_WINDOWS
from batteryloop.health.open_circuit.curve import ocv_from_table

GRID = np.linspace(5, 15, 1001)


def seen(middle_ah, sd_ah=0.3):
    share = np.exp(-0.5 * ((GRID - middle_ah) / sd_ah) ** 2)
    return CapacityDistribution(GRID, share / share.sum(), "made")


NOTHING = CapacityDistribution(np.zeros(0), np.zeros(0), "made", reason="too short")


def after(*windows, n_cycles=1.0):
    track = CapacityTrack()
    for each in windows:
        track = followed(track, each, n_cycles=n_cycles)
    return track


def test_before_any_window_nothing_is_known():
    assert "no window" in CapacityTrack().estimate().reason
    assert not after(NOTHING).estimate().is_known
    assert after(NOTHING).n_passed_over == 1


def test_the_first_window_is_taken_as_it_is_with_the_error_that_all_share():
    found = after(seen(10.0)).estimate()
    assert found.value == pytest.approx(10.0, rel=1e-3)
    # 3 % of its own and 1.5 % shared
    assert np.log(found.high / found.value) == pytest.approx(
        1.645 * np.hypot(0.03, 0.015), rel=0.02
    )


def test_many_windows_narrow_the_interval_down_to_what_they_share_and_no_further():
    widths = []
    for n in (1, 10, 300):
        found = after(*[seen(10.0)] * n).estimate()
        widths.append(np.log(found.high / found.low) / 2 / 1.645)
    assert widths[0] > 1.5 * widths[1] > widths[2]
    assert widths[2] > 0.015


def test_the_track_follows_a_battery_that_fades():
    fading = np.linspace(12, 9, 200)
    found = after(*[seen(ah, 0.2) for ah in fading]).estimate()
    assert found.low <= 9.0 <= found.high
    assert found.value == pytest.approx(9.0, rel=0.03)


def test_one_window_that_is_far_off_moves_the_track_little():
    track = after(*[seen(10.0)] * 20, seen(14.0, 0.1))
    assert track.estimate().value == pytest.approx(10.0, rel=0.05)


def test_longer_without_a_window_is_less_sure():
    soon = after(*[seen(10.0)] * 5, n_cycles=1).estimate()
    late = after(*[seen(10.0)] * 5, n_cycles=400).estimate()
    assert late.high - late.low > soon.high - soon.low


def test_a_knee_is_followed_within_some_windows():
    slow, fast = np.full(40, 12.0), 12.0 * np.exp(-0.004 * np.arange(100))
    track = CapacityTrack()
    for ah in np.concatenate([slow, fast]):
        track = followed(track, seen(ah, 0.02 * ah))
    found = track.estimate()
    assert found.value == pytest.approx(fast[-1], rel=0.02)
    assert track.mean[1] == pytest.approx(-0.004, abs=0.001)


def test_nine_in_ten_intervals_hold_the_truth_of_made_batteries():
    rng = np.random.default_rng(6)
    hits = 0
    for _ in range(300):
        log_ah, trend, track = np.log(10.0), rng.normal() * 0.0005, CapacityTrack()
        shared = rng.normal() * 0.015
        for _ in range(8):
            trend += rng.normal() * 0.0003
            log_ah += trend + rng.normal() * 0.003
            own = rng.uniform(0.01, 0.04)
            middle = np.exp(log_ah + shared + rng.normal() * own)
            track = followed(track, seen(middle, own * middle))
        found = track.estimate()
        hits += found.low <= np.exp(log_ah) <= found.high
    assert 0.85 <= hits / 300 <= 0.95


@pytest.fixture
def young(cell):
    made = cell(span_s=60.0, ohm=0.02)
    made.soc = 0.05
    made.charge(5.0, taper_to=0.1)
    seconds, amps, volts, *_ = (np.array(c) for c in zip(*made.rows, strict=True))
    return charge_curve(seconds, amps, volts, capacity_ah=9.5)


def worked(cell, days=6):
    """Return days of a battery of 8 Ah of what was 10 Ah: driven down, charged at C/2 to full."""
    made = cell(capacity_ah=8.0, span_s=60.0, ohm=0.025)
    for _ in range(days):
        made.discharge(5.0, to_soc=0.06)
        made.rest(0.5).charge(5.0, taper_to=0.1).rest(0.5)
    return made


def test_charges_of_a_frame_are_held_against_the_reference(cell, young):
    found, table = capacity_from_charges(worked(cell).frame(), reference=young, family="none")
    assert found.low <= 0.95 * 8.0 <= found.high
    assert found.n_segments == table.height == 6
    assert table.schema == pl.Schema(CHARGE_WINDOWS)
    width = table["track_high_ah"] - table["track_low_ah"]
    assert width[5] < width[0]


def test_a_frame_without_charges_has_a_reason(cell, young):
    found, table = capacity_from_charges(cell().rest(5.0).frame(), reference=young)
    assert "no charge of a tenth" in found.reason
    assert table.schema == pl.Schema(CHARGE_WINDOWS)


def test_with_both_a_curve_and_a_reference_the_surer_speaks(cell, young, curve):
    frame = worked(cell).frame()
    known = ocv_from_table(curve, voltage_sd_v=0.002)
    both, _ = capacity_from_charges(frame, ocv=known, reference=young, family="none")
    alone, _ = capacity_from_charges(frame, ocv=known)
    assert both.high - both.low <= alone.high - alone.low


def test_with_neither_there_is_nothing_to_go_by(cell):
    with pytest.raises(InputWrong, match="neither"):
        capacity_from_charges(cell().rest(1.0).frame())
