"""Frozen records of sales, lives, and what comes back."""

from dataclasses import dataclass
from typing import Any

from batteryloop.quantities import Estimate


@dataclass(frozen=True, slots=True)
class Sale:
    """What was, or will be, placed on the market in one year: mass with its bounds [t].

    Bounds are those of a 90 % interval; where they are the mass itself it is taken as known.
    """

    region: str
    application: str
    chemistry: str
    year: int
    mass_t: float
    mass_low_t: float
    mass_high_t: float


@dataclass(frozen=True, slots=True)
class Life:
    """One battery's time in service so far; `is_ended` says whether it has come back.

    A battery that is still out is not left out: its life is at least this long.
    """

    application: str
    chemistry: str
    age_years: float
    is_ended: bool


@dataclass(frozen=True, slots=True)
class LifeCurve:
    """A Weibull distribution of lives with the uncertainty of its fit.

    Parameters
    ----------
    group : str
        `application/chemistry`, `application`, or `all`.
    scale_years, shape : float
        Of the distribution: the age that 37 % outlive, and how sharp it is.
    log_covariance : tuple of tuple of float
        Covariance of the logarithms of scale and shape.
    n_lives, n_ended : int
        From how many lives, and how many of them had ended.
    reason : str
        Why a wider group was taken, if so.
    """

    group: str
    scale_years: float
    shape: float
    log_covariance: tuple[tuple[float, float], tuple[float, float]]
    n_lives: int
    n_ended: int
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for tables."""
        return {
            "group": self.group,
            "scale_years": self.scale_years,
            "shape": self.shape,
            "n_lives": self.n_lives,
            "n_ended": self.n_ended,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class ReturnsRow:
    """What comes back in one year of one region, application and chemistry [t], with its band."""

    year: int
    region: str
    application: str
    chemistry: str
    mass_t: Estimate

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for tables."""
        return {
            "year": self.year,
            "region": self.region,
            "application": self.application,
            "chemistry": self.chemistry,
            "mass_t": self.mass_t.value,
            "mass_low_t": self.mass_t.low,
            "mass_high_t": self.mass_t.high,
        }
