"""A generator of collection days whose make-up is known, for tests and benchmarks."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from batteryloop.circular.collect.types import Hub, PickUp, VehicleKind

# A share of each condition such as a returns desk sees; a project default, not a measurement.
_SHARES = {"intact": 0.72, "damaged": 0.18, "critical": 0.06, "prototype": 0.04}
_KINDS = (
    ("UN3480", "alone", 0.8),
    ("UN3481", "in-equipment", 0.1),
    ("UN3551", "alone", 0.1),
)


def make_instance(
    n: int, rng: np.random.Generator, *, radius_km: float = 120.0
) -> tuple[Hub, tuple[PickUp, ...], tuple[VehicleKind, ...]]:
    """Return a hub, `n` pick-ups and a fleet.

    Sites lie around five towns and, one in four, anywhere within the radius of the hub; masses are
    lognormal around 450 kg; windows are 2, 3, 4 or 8 hours long within 8 to 15 h; a condition,
    a UN number and a purpose are drawn for each. Two kinds of trucks, 7.5 t and 18 t, out for at
    most ten hours, of which the smaller takes critical batteries.

    Parameters
    ----------
    n : int
        Pick-ups.
    rng : numpy.random.Generator
        The same state, the same instance.
    radius_km : float, optional
        How far sites lie from the hub [km].

    Examples
    --------
    >>> hub, sites, fleet = make_instance(100, np.random.default_rng(1))
    >>> len(sites), hub.name, [kind.kind_id for kind in fleet]
    (100, 'Grenoble', ['7.5 t', '18 t'])
    """
    hub = Hub("H-GRE", "Grenoble", "Grenoble", "FR", 45.19, 5.72)
    towns = rng.uniform(-0.6, 0.6, (5, 2)) * radius_km
    near = rng.random(n) < 0.75
    angle, far = rng.uniform(0, 2 * np.pi, n), radius_km * np.sqrt(rng.random(n))
    spread = rng.normal(0.0, 0.07 * radius_km, (n, 2))
    town = rng.integers(0, len(towns), n)
    at = np.where(
        near[:, None],
        towns[town] + spread,
        np.stack([far * np.cos(angle), far * np.sin(angle)], axis=1),
    )
    out = np.maximum(np.hypot(*at.T) / radius_km, 1.0)
    at = at / out[:, None]
    mass = np.clip(rng.lognormal(np.log(450.0), 0.6, n), 40.0, 2400.0)
    length = rng.choice([2.0, 3.0, 4.0, 8.0], n)
    opens = np.minimum(8.0 + 0.5 * rng.integers(0, 11, n), 15.0 - length)
    condition = rng.choice(list(_SHARES), n, p=list(_SHARES.values()))
    goods = rng.choice(len(_KINDS), n, p=[share for *_, share in _KINDS])
    purpose = rng.choice(["reuse", "recycling", "disposal"], n, p=[0.35, 0.6, 0.05])
    sites = tuple(
        _site(
            i,
            45.19 + at[i, 1] / 111.2,
            5.72 + at[i, 0] / (111.2 * np.cos(np.radians(45.19))),
            float(mass[i]),
            float(opens[i]),
            float(length[i]),
            (str(condition[i]), str(purpose[i]), *_KINDS[goods[i]][:2]),
        )
        for i in range(n)
    )
    few = max(2, n // 4)
    fleet = (
        VehicleKind(
            "7.5 t", few, 3200.0, 12, 330.0, 1.05, takes_critical=True, starts_h=7.0, ends_h=17.0
        ),
        VehicleKind("18 t", few, 8500.0, 20, 420.0, 1.30, starts_h=7.0, ends_h=17.0),
    )
    return hub, sites, fleet


def _site(
    i: int,
    latitude_deg: float,
    longitude_deg: float,
    mass_kg: float,
    opens_h: float,
    length_h: float,
    words: Sequence[Any],
) -> PickUp:
    condition, purpose, un_number, packed = words
    if condition == "prototype":
        un_number, packed = "UN3480", "alone"
    n_packages = max(1, int(np.ceil(mass_kg / 600.0)))
    return PickUp(
        f"P-{i + 1:03d}",
        f"Site {i + 1}",
        f"Road {i + 1}",
        "FR",
        round(latitude_deg, 5),
        round(longitude_deg, 5),
        round(mass_kg, 1),
        n_packages,
        un_number,
        packed,
        condition,
        purpose,
        approval="DEMO-APPROVAL" if condition == "critical" else "",
        opens_h=opens_h,
        closes_h=opens_h + length_h,
        service_h=round(0.4 + 0.1 * n_packages, 2),
    )
