import numpy as np
import pytest

from batteryloop.errors import InputWrong
from batteryloop.health.lifetime.capacity_record import CapacityRecord
from batteryloop.health.lifetime.posterior import update_trajectory
from batteryloop.health.lifetime.remaining_life import life_samples


def test_seven_capacities_are_too_few(prior, aged_cell):
    whole = aged_cell(1.0)
    short = CapacityRecord(whole.ages_efc[:7], whole.capacity_ah[:7])
    with pytest.raises(InputWrong, match=r"7 capacities.*at least 8"):
        update_trajectory(short, 2.0, prior, np.random.default_rng(0))


def test_the_same_seed_gives_the_same_particles(prior, aged_cell):
    record = aged_cell(0.5)
    one, two = (
        update_trajectory(record, 2.0, prior, np.random.default_rng(7), n_particles=300)
        for _ in range(2)
    )
    assert np.array_equal(one.parameters, two.parameters)


def test_the_trajectories_go_through_what_was_measured(prior, aged_cell):
    posterior = update_trajectory(
        aged_cell(0.6), 2.0, prior, np.random.default_rng(1), n_particles=800
    )
    assert abs(np.median(posterior.departures_frac)) < 0.003
    assert posterior.age_efc == pytest.approx(300.0, abs=10.0)


def test_a_longer_history_narrows_the_life(prior, aged_cell):
    def width(share, seed):
        rng = np.random.default_rng(seed)
        posterior = update_trajectory(aged_cell(share, seed=seed), 2.0, prior, rng, n_particles=800)
        low, high = np.quantile(life_samples(posterior, 1.6, rng), [0.05, 0.95])
        return np.log(high / low)

    for seed in range(3):
        assert width(0.8, seed) < width(0.45, seed) < width(0.15, seed)


def test_the_true_life_is_inside_nine_intervals_of_ten(prior, aged_cell):
    inside = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        posterior = update_trajectory(aged_cell(0.4, seed=seed), 2.0, prior, rng, n_particles=600)
        low, high = np.quantile(life_samples(posterior, 1.6, rng), [0.05, 0.95])
        inside.append(low <= 500.0 <= high)
    assert sum(inside) >= 9
