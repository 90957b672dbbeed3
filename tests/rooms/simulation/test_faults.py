"""Faults are read from a line, begin at their onset, and change what they say they change."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from batteryloop.errors import NotKnown, OptionWrong
from batteryloop.simulation.faults import (
    FAULT_KINDS,
    Effects,
    FaultRequest,
    draw_fault,
    effects_at,
    parse_fault,
)
from batteryloop.simulation.types import Fault

ONSET = datetime(2025, 3, 1, tzinfo=UTC)


def after(days, kind, strength, cell=2, n_cells=8):
    return effects_at([Fault(kind, strength, ONSET, cell)], ONSET + timedelta(days=days), n_cells)


@pytest.mark.parametrize("kind", sorted(FAULT_KINDS))
def test_nothing_happens_before_the_onset_and_something_after(kind):
    def told(effects):
        return [np.asarray(getattr(effects, name)).tolist() for name in Effects.__slots__]

    strength, healthy = FAULT_KINDS[kind].strength_high, told(Effects.none(8))
    assert told(after(-0.01, kind, strength)) == healthy
    assert told(after(20, kind, strength)) != healthy


def test_a_short_is_a_conductance_across_one_cell():
    leaks = after(0, "internal-short", 100.0).leak_s
    assert leaks.tolist() == [0, 0, 0.01, 0, 0, 0, 0, 0]


def test_a_weak_cell_loses_its_share_in_a_hundred_days():
    effects = after(50, "weak-cell", 0.2)
    assert effects.capacity_factor[2] == pytest.approx(0.9)
    assert effects.resistance_factor[2] == pytest.approx(1.2)
    assert after(10_000, "weak-cell", 0.3).capacity_factor[2] == pytest.approx(0.3)


def test_a_loose_connection_grows_for_a_month():
    ohm = [after(days, "loose-connection", 1e-3).contact_ohm[2] for days in (0, 15, 30)]
    assert ohm == pytest.approx([1e-4, 5.5e-4, 1e-3])


def test_two_faults_of_one_pack_add_up():
    faults = [Fault("internal-short", 100.0, ONSET, 1), Fault("internal-short", 50.0, ONSET, 1)]
    assert effects_at(faults, ONSET, 4).leak_s[1] == pytest.approx(0.03)


def test_lost_cooling_reaches_the_neighbours():
    cooling = after(0, "cooling-loss", 0.8, cell=4).cooling_factor
    assert cooling[4] == pytest.approx(0.2)
    assert cooling[5] == pytest.approx(0.4)
    assert cooling[0] == 1.0


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("internal-short", FaultRequest("internal-short", n_packs=1)),
        ("weak-cell:0.25", FaultRequest("weak-cell", share_frac=0.25)),
        ("data-gaps:1.0", FaultRequest("data-gaps", share_frac=1.0)),
        ("data-gaps:1", FaultRequest("data-gaps", n_packs=1)),
        (" loose-connection : 3 : 0.002 ", FaultRequest("loose-connection", 3, None, 0.002)),
    ],
)
def test_a_line_says_kind_and_how_many(text, request_):
    assert parse_fault(text) == request_


@pytest.mark.parametrize(
    "text", ["weak-cell:x", "weak-cell:1.5", "weak-cell:-1", "weak-cell:1:0", "weak-cell:1:2:3"]
)
def test_a_line_that_says_nonsense_is_refused(text):
    with pytest.raises(OptionWrong):
        parse_fault(text)


def test_an_unknown_kind_gets_the_nearest_names():
    with pytest.raises(NotKnown, match="internal-short"):
        parse_fault("internal-shorts:0.1")


def test_a_cell_that_the_pack_has_not_is_refused():
    with pytest.raises(OptionWrong, match="0 to 7"):
        after(0, "weak-cell", 0.1, cell=8)


def test_shares_are_rounded_and_never_nothing():
    assert FaultRequest("weak-cell", share_frac=0.1).n_of(25) == 2
    assert FaultRequest("weak-cell", share_frac=0.01).n_of(10) == 1
    assert FaultRequest("weak-cell", share_frac=0.0).n_of(10) == 0
    assert FaultRequest("weak-cell", n_packs=99).n_of(10) == 10


def test_drawn_strengths_and_onsets_stay_within_bounds():
    rng = np.random.Generator(np.random.PCG64(3))
    last = ONSET + timedelta(days=10)
    for _ in range(50):
        fault = draw_fault(parse_fault("internal-short"), 96, ONSET, last, rng)
        assert 20.0 <= fault.strength <= 500.0
        assert ONSET <= fault.onset_at <= last
        assert fault.cell is not None
        assert 0 <= fault.cell < 96
    assert draw_fault(parse_fault("data-gaps"), 96, ONSET, last, rng).cell is None
