"""A fleet is a mixture, the same for the same seed however the work is shared out."""

from datetime import UTC, datetime

import numpy as np
import pytest

from batteryloop.errors import NotKnown, OptionWrong
from batteryloop.simulation import (
    FleetSpec,
    Horizon,
    Sensing,
    fleet,
    fleet_plan,
    parse_fault,
    simulated_chemistries,
)
from batteryloop.simulation.duties import duties

HORIZON = Horizon(datetime(2025, 3, 3, tzinfo=UTC), 2)


def rng(seed=1):
    return np.random.Generator(np.random.PCG64(seed))


def ask(n_packs, **changes):
    return FleetSpec(n_packs, HORIZON, sensing=Sensing(sampling_s=60.0), **changes)


def test_a_part_simulated_elsewhere_is_the_same_part():
    asked = ask(5, duties=("private-ev", "city-car"))
    whole = list(fleet(asked, rng=rng()))
    part = list(fleet(asked, rng=rng(), only=[3, 1]))
    assert [p.spec.battery_id for p in part] == ["SIM-00004", "SIM-00002"]
    assert part[0].recording.frame.equals(whole[3].recording.frame)
    assert part[1].cell_truth.equals(whole[1].cell_truth)


def test_a_usual_fleet_is_a_mixture():
    plan = [pack for pack, _ in fleet_plan(ask(300), rng=rng())]
    assert {pack.duty for pack in plan} == set(duties())
    assert len({pack.chemistry for pack in plan}) >= 8
    assert {pack.climate for pack in plan} >= {"temperate", "cold", "hot", "subtropical"}
    begins = [pack.soh_start_frac for pack in plan]
    assert min(begins) < 0.7
    assert max(begins) > 0.95
    assert len({pack.battery_id for pack in plan}) == 300


def test_faults_reach_as_many_packs_as_asked_and_healthy_ones_first():
    asked = ask(20, faults=(parse_fault("internal-short:0.25"), parse_fault("data-gaps:4")))
    plan = [pack for pack, _ in fleet_plan(asked, rng=rng())]
    kinds = [tuple(fault.kind for fault in pack.faults) for pack in plan]
    assert sum("internal-short" in k for k in kinds) == 5
    assert sum("data-gaps" in k for k in kinds) == 4
    assert max(len(k) for k in kinds) == 1
    for pack in plan:
        for fault in pack.faults:
            assert HORIZON.start_at < fault.onset_at
            assert fault.cell is None or fault.cell < pack.n_cells_series


def test_wishes_for_chemistry_climate_and_duty_are_kept():
    asked = ask(10, duties=("city-bus",), chemistries=("ncm622", "LFP"), climates=("hot",))
    plan = [pack for pack, _ in fleet_plan(asked, rng=rng())]
    assert {pack.chemistry for pack in plan} == {"NMC622", "LFP"}
    assert {pack.climate for pack in plan} == {"hot"}
    assert {pack.duty for pack in plan} == {"city-bus"}


@pytest.mark.parametrize("name", simulated_chemistries())
def test_every_chemistry_with_a_curve_and_a_law_can_be_simulated(name):
    (pack,) = fleet(ask(1, duties=("private-ev",), chemistries=(name,)), rng=rng())
    assert pack.recording.frame.height > 100
    assert pack.recording.source.metadata["chemistry"] == name


def test_every_duty_s_chemistries_can_be_simulated():
    for kind in duties().values():
        assert set(kind.chemistries) <= set(simulated_chemistries())


def test_a_wish_that_cannot_be_is_refused():
    with pytest.raises(OptionWrong):
        ask(0)
    with pytest.raises(OptionWrong):
        ask(1, soh_low_frac=0.9, soh_high_frac=0.8)
    with pytest.raises(NotKnown):
        fleet_plan(ask(1, duties=("spaceship",)), rng=rng())
