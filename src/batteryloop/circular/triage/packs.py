"""The returned packs as arrays: what each is, and what is believed of its health."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from batteryloop.circular.triage.kernels.relaxation import Floats, Integers
from batteryloop.errors import ValueOutOfRange
from batteryloop.quantities import Estimate

Booleans = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ReturnedPack:
    """One pack: what it is, and what is believed of it.

    `soh_frac` is the health of the pack, that of its weakest module; `spread_frac` how far the best
    module lies above; `unsafe_frac` the chance that it hides a defect that makes use unsafe.
    """

    battery_id: str
    chemistry: str
    rated_energy_kwh: float
    mass_kg: float
    soh_frac: Estimate
    spread_frac: Estimate
    unsafe_frac: float
    is_before_expiry: bool = True
    is_same_purpose: bool = True


@dataclass(frozen=True, slots=True)
class ReturnedPacks:
    """The same of many packs, one entry a pack; `kind` is the place of its chemistry."""

    battery_ids: tuple[str, ...]
    chemistries: tuple[str, ...]
    kind: Integers
    energy_kwh: Floats
    mass_kg: Floats
    soh_mean_frac: Floats
    soh_sd_frac: Floats
    spread_mean_frac: Floats
    spread_sd_frac: Floats
    unsafe_frac: Floats
    is_before_expiry: Booleans
    is_same_purpose: Booleans

    @property
    def n_packs(self) -> int:
        """How many packs there are."""
        return len(self.battery_ids)


def normal_of(estimate: Estimate) -> tuple[float, float]:
    """Return mean and standard deviation of the normal belief that an estimate states.

    Raises
    ------
    ValueOutOfRange
        If the estimate is unknown, or its interval does not hold its value.

    Examples
    --------
    >>> mean, sd = normal_of(Estimate("soh_frac", 0.8, 0.767, 0.833, 0.9, "m"))
    >>> round(mean, 3), round(sd, 3)
    (0.8, 0.02)
    """
    if estimate.value is None or estimate.low is None or estimate.high is None:
        raise ValueOutOfRange(
            estimate.quantity, "unknown", "a value with its interval", "measure it first"
        )
    if not estimate.low <= estimate.value <= estimate.high:
        raise ValueOutOfRange(
            estimate.quantity,
            f"{estimate.value:g} with interval {estimate.low:g} to {estimate.high:g}",
            "a value within its interval",
        )
    wide = 2.0 * float(ndtri(0.5 + 0.5 * estimate.confidence_frac))
    # The middle of a lopsided interval stands for its skew.
    return 0.5 * (estimate.low + estimate.high), (estimate.high - estimate.low) / wide


def checked_pack(pack: ReturnedPack) -> ReturnedPack:
    """Return the pack, or say what it cannot be.

    Raises
    ------
    ValueOutOfRange
        If energy or mass is not above 0, health is not within 0 to 1.5, or a chance is none.
    """
    for quantity, value, high in (
        ("rated_energy_kwh", pack.rated_energy_kwh, 1e4),
        ("mass_kg", pack.mass_kg, 1e5),
    ):
        if not 0.0 < value <= high:
            raise ValueOutOfRange(pack.battery_id, f"{quantity} {value:g}", f"0 to {high:g}")
    if not 0.0 <= pack.unsafe_frac <= 1.0:
        raise ValueOutOfRange(pack.battery_id, f"unsafe_frac {pack.unsafe_frac:g}", "0 to 1")
    for estimate, most in ((pack.soh_frac, 1.5), (pack.spread_frac, 1.0)):
        mean, _ = normal_of(estimate)
        if not 0.0 <= mean <= most:
            raise ValueOutOfRange(
                pack.battery_id, f"{estimate.quantity} {mean:g}", f"0 to {most:g}",
                "shares are 0 to 1, not percent",
            )  # fmt: skip
    return pack


def returned_packs(packs: Sequence[ReturnedPack]) -> ReturnedPacks:
    """Return packs as arrays, in their order."""
    chemistries = tuple(sorted({pack.chemistry for pack in packs}))
    soh = np.array([normal_of(pack.soh_frac) for pack in packs]).reshape(-1, 2)
    spread = np.array([normal_of(pack.spread_frac) for pack in packs]).reshape(-1, 2)
    return ReturnedPacks(
        tuple(pack.battery_id for pack in packs),
        chemistries,
        np.array([chemistries.index(pack.chemistry) for pack in packs], dtype=np.int64),
        np.array([pack.rated_energy_kwh for pack in packs], dtype=float),
        np.array([pack.mass_kg for pack in packs], dtype=float),
        soh[:, 0].copy(),
        soh[:, 1].copy(),
        spread[:, 0].copy(),
        spread[:, 1].copy(),
        np.array([pack.unsafe_frac for pack in packs], dtype=float),
        np.array([pack.is_before_expiry for pack in packs], dtype=bool),
        np.array([pack.is_same_purpose for pack in packs], dtype=bool),
    )
