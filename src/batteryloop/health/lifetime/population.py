"""What other cells say before a battery's own history is seen: laboratories, and its siblings."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batteryloop.errors import InputWrong
from batteryloop.health.lifetime.capacity_record import CapacityRecord, binned, without_outliers
from batteryloop.health.lifetime.trajectory import TrajectoryPrior, fit_trajectory, learn_prior

Array = NDArray[np.float64]
# Fitted parameters, shape (6,), and the root mean square residual [1].
Fit = tuple[Array, float]

SIBLINGS = "siblings"
BROAD_LIFE_EFC = 500.0
BROAD_LIFE_SD_FRAC = 1.3
N_MIN_FIT = 20
N_MIN_GROUP = 4
_N_MIN_CALIBRATED = 3
_SIBLING_WEIGHT = 4.0
# What no laboratory has shown: wide about a fade that is even at first and bends later on.
ANY_LAW = "any law"
_ANY_WEIGHT = 0.5
_ANY_MEAN = np.array([0.0, 0.0, -0.3, 1.2, 0.0, -3.0])
_ANY_SD = np.array([1.0, 2.0, 0.4, 0.5, 0.02, 0.7])
_SCATTER_FLOOR_FRAC = 0.004
_DEEPEST_SOH_FRAC = 0.7


@dataclass(frozen=True, slots=True)
class Population:
    """A prior over trajectories, how far its intervals must be stretched, and who is in it.

    `life_stretch_frac` multiplies the half-widths of the log of the life, `soh_stretch_frac` those
    of the state of health; both were found on cells of laboratories that the prior had not seen.
    """

    prior: TrajectoryPrior
    life_stretch_frac: float
    soh_stretch_frac: float
    n_cells: int
    n_siblings: int = 0

    @property
    def words(self) -> str:
        """What the population is, in words."""
        shipped = f"{self.n_cells} cells of other laboratories"
        if not self.n_siblings:
            return shipped
        some = "1 sibling" if self.n_siblings == 1 else f"{self.n_siblings} siblings"
        return f"{some} and {shipped}"


def fitted(record: CapacityRecord) -> Fit | None:
    """Return the trajectory fitted to one cell's whole record, down to 70 % of its first capacity.

    Returns
    -------
    (NDArray of float64, float) or None
        Parameters, shape (6,), and root mean square residual [1]; None with fewer than 20
        capacities.
    """
    kept = without_outliers(record)
    if kept.ages_efc.size < N_MIN_FIT:
        return None
    first = kept.initial_capacity_ah()
    ages, capacity, _ = binned(kept, 60)
    keep = capacity / first > _DEEPEST_SOH_FRAC
    parameters, _, rms = fit_trajectory(ages[keep], capacity[keep] / first)
    return parameters, rms


def population_prior(
    groups: Mapping[str, Sequence[Fit]], *, like: str | None = None
) -> TrajectoryPrior:
    """Return the mixture over groups of fitted cells; the life is left open but for `like`.

    To the groups comes one that any law of fade fits, at half of their weight: four laboratories
    have not shown every way to age, and a prior that rules out what they did not show is sure of
    what is wrong.

    Parameters
    ----------
    groups : mapping of str to sequence of (NDArray of float64, float)
        What `fitted` returned for each cell of a group. A group of fewer than 4 cells is left out
        unless it is `like`.
    like : str, optional
        The group of the battery's own kind: it weighs four times the others together, and its
        lives are believed.

    Raises
    ------
    InputWrong
        If no group is left.
    """
    own = [like] if like is not None and groups.get(like) else []
    names = [name for name, cells in groups.items() if name in own or len(cells) >= N_MIN_GROUP]
    if not names:
        raise InputWrong("population", "no group of 4 cells or more", "one at least")
    scatter = float(np.median([rms for cells in groups.values() for _, rms in cells]))
    prior = learn_prior(
        [(name, np.array([parameters for parameters, _ in groups[name]])) for name in names],
        max(_SCATTER_FLOOR_FRAC, scatter),
        weights_frac=[(_SIBLING_WEIGHT if n in own else 0.0) + 1.0 / len(names) for n in names],
    )
    any_frac = _ANY_WEIGHT / (_ANY_WEIGHT + 1.0 + _SIBLING_WEIGHT * len(own))
    return _with_any_law(prior, any_frac).with_life(BROAD_LIFE_EFC, BROAD_LIFE_SD_FRAC, but=own)


def _with_any_law(prior: TrajectoryPrior, weight_frac: float) -> TrajectoryPrior:
    """Return the mixture with a component that hardly prefers any law of fade."""
    return replace(
        prior,
        names=(*prior.names, ANY_LAW),
        weights_frac=(*(w * (1.0 - weight_frac) for w in prior.weights_frac), weight_frac),
        means=np.concatenate([prior.means, _ANY_MEAN[None]]),
        covariances=np.concatenate([prior.covariances, np.diag(_ANY_SD**2)[None]]),
    )


def with_siblings(population: Population, records: Sequence[CapacityRecord]) -> Population:
    """Return the population with cells of the battery's own kind, run further than it.

    Parameters
    ----------
    population : Population
        As shipped.
    records : sequence of CapacityRecord
        Whole histories; those of fewer than 20 capacities teach nothing and are passed over.

    Returns
    -------
    Population
        With three siblings or more its intervals are no longer stretched: on 175 cells with
        siblings 90 % lay within unstretched 90 % intervals.
    """
    cells = [fit for fit in (fitted(record) for record in records) if fit is not None]
    if not cells:
        return population
    old = population.prior
    own = learn_prior(
        [(SIBLINGS, np.array([parameters for parameters, _ in cells]))], old.scatter_frac
    )
    weights = np.array([*old.weights_frac, _SIBLING_WEIGHT])
    prior = TrajectoryPrior(
        (*old.names, SIBLINGS),
        tuple((weights / weights.sum()).tolist()),
        np.concatenate([old.means, own.means]),
        np.concatenate([old.covariances, own.covariances]),
        old.scatter_frac,
    )
    is_calibrated = len(cells) >= _N_MIN_CALIBRATED
    return replace(
        population,
        prior=prior,
        n_siblings=len(cells),
        life_stretch_frac=1.0 if is_calibrated else population.life_stretch_frac,
        soh_stretch_frac=1.0 if is_calibrated else population.soh_stretch_frac,
    )


@cache
def shipped_population() -> Population:
    """Return the population that comes with the package.

    Examples
    --------
    >>> shipped_population().words
    '197 cells of other laboratories'
    """
    folder = files("batteryloop.health.lifetime")
    with np.load(io.BytesIO(folder.joinpath("population.npz").read_bytes())) as arrays:
        prior = TrajectoryPrior.from_arrays(dict(arrays))
    card = model_card()
    return Population(prior, card["life_stretch_frac"], card["soh_stretch_frac"], card["n_cells"])


def model_card() -> dict[str, Any]:
    """Return the card of the shipped population: data, range, errors by group, coverage.

    Examples
    --------
    >>> sorted(model_card()["laboratories"])
    ['HUST', 'MIT', 'TJU', 'XJTU']
    """
    text = files("batteryloop.health.lifetime").joinpath("population.json").read_text("utf-8")
    card: dict[str, Any] = json.loads(text)
    return card
