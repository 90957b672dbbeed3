import numpy as np
import pytest

from batteryloop.errors import InputWrong
from batteryloop.health.lifetime.population import (
    ANY_LAW,
    SIBLINGS,
    fitted,
    model_card,
    population_prior,
    shipped_population,
    with_siblings,
)


def test_the_shipped_prior_is_a_proper_mixture():
    prior = shipped_population().prior
    assert sum(prior.weights_frac) == pytest.approx(1.0)
    assert prior.means.shape == (len(prior.names), 6)
    assert all(np.all(np.linalg.eigvalsh(c) > 0) for c in prior.covariances)


def test_the_card_says_where_the_model_comes_from_and_how_well_it_does():
    card = model_card()
    assert "Nature Communications 2024" in card["data"]
    assert "no measurement" in card["holds"]
    assert all(row["life_error_mean_frac"] > 0 for row in card["laboratories"].values())
    assert card["life_stretch_frac"] >= 1.0


def test_the_shipped_prior_leaves_the_life_open():
    prior = shipped_population().prior
    assert np.allclose(np.exp(prior.means[:, 0]), 500.0)
    assert np.allclose(prior.covariances[:, 0, 0], 1.3**2)


def test_siblings_weigh_four_times_the_others_and_their_lives_are_believed(aged_cell):
    population = with_siblings(shipped_population(), [aged_cell(1.0, seed=s) for s in range(3)])
    prior = population.prior
    assert prior.names[-1] == SIBLINGS
    assert prior.weights_frac[-1] == pytest.approx(0.8)
    assert np.exp(prior.means[-1, 0]) == pytest.approx(500.0, rel=0.03)
    assert population.n_siblings == 3
    assert population.life_stretch_frac == 1.0
    assert population.words.startswith("3 siblings and ")


def test_one_sibling_keeps_the_stretch_of_strangers(aged_cell):
    population = with_siblings(shipped_population(), [aged_cell(1.0)])
    assert population.life_stretch_frac == shipped_population().life_stretch_frac


def test_siblings_that_are_too_young_teach_nothing(aged_cell):
    assert fitted(aged_cell(0.2)) is None
    assert with_siblings(shipped_population(), [aged_cell(0.2)]) is shipped_population()


def test_a_group_of_three_is_left_out_unless_it_is_the_batterys_own():
    three = [(np.full(6, 0.1 * k), 0.002) for k in range(3)]
    many = [(np.full(6, 0.1 * k), 0.002) for k in range(5)]
    assert population_prior({"three": three, "many": many}).names == ("many", ANY_LAW)
    with_own = population_prior({"three": three, "many": many}, like="three")
    assert with_own.names == ("three", "many", ANY_LAW)
    with pytest.raises(InputWrong, match="no group"):
        population_prior({"three": three})


def test_a_law_that_no_group_shows_is_not_ruled_out():
    """Cells that all bend late must not make a fade that slows down unthinkable."""
    rng = np.random.default_rng(4)
    late = np.array([6.0, -3.0, 0.0, 2.0, 0.0, -3.0])
    cells = [(late + 0.05 * rng.standard_normal(6), 0.002) for _ in range(200)]
    prior = population_prior({"late": cells})
    slowing = np.array([[6.0, 3.0, -0.5, 0.7, 0.0, -3.0]])
    alone = prior.means[:1], prior.covariances[:1]
    z = np.linalg.solve(np.linalg.cholesky(alone[1][0]), slowing[0] - alone[0][0])
    assert -0.5 * z @ z < -200.0
    assert prior.log_density(slowing)[0] > -10.0


def test_any_law_weighs_half_of_the_laboratories_and_siblings_four_times_them():
    cells = [(np.full(6, 0.1 * k), 0.002) for k in range(5)]
    assert population_prior({"a": cells, "b": cells}).weights_frac[-1] == pytest.approx(1 / 3)
    with_own = population_prior({"a": cells, "b": cells}, like="a").weights_frac
    assert with_own == pytest.approx((4.5 / 5.5, 0.5 / 5.5, 0.5 / 5.5))
