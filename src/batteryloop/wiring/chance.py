"""The only place that makes a random generator."""

import numpy as np


def seeded(seed: int) -> np.random.Generator:
    """Return a generator that always gives the same numbers for the same seed."""
    return np.random.default_rng(seed)
