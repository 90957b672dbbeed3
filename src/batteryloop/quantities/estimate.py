"""An estimate is never a bare number."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval, how sure it is, how it was made, and from what.

    `value` is None where there was not enough to go by; `reason` then says why.
    The unit is that of `quantity`, a name ending in its unit.

    Examples
    --------
    >>> e = Estimate("capacity_ah", 33.1, 32.8, 33.4, 0.9, "full discharge v1", n_rows=3600)
    >>> e.is_known
    True
    >>> Estimate.unknown("capacity_ah", "full discharge v1", "no discharge reaches 3.0 V").reason
    'no discharge reaches 3.0 V'
    """

    quantity: str
    value: float | None
    low: float | None
    high: float | None
    confidence_frac: float
    method: str
    n_rows: int = 0
    n_segments: int = 0
    reason: str = ""

    @classmethod
    def unknown(
        cls, quantity: str, method: str, reason: str, *, confidence_frac: float = 0.9
    ) -> "Estimate":
        """Return "not enough to go by", with the reason."""
        return cls(quantity, None, None, None, confidence_frac, method, reason=reason)

    @property
    def is_known(self) -> bool:
        """Whether there is a value."""
        return self.value is not None

    def scaled(self, factor: float, quantity: str) -> "Estimate":
        """Return the estimate of `factor` times this one (factor above 0), as another quantity.

        Examples
        --------
        >>> e = Estimate("capacity_ah", 30.0, 29.0, 31.0, 0.9, "m").scaled(0.5, "capacity_ah")
        >>> e.value, e.low
        (15.0, 14.5)
        """
        if self.value is None or self.low is None or self.high is None:
            return Estimate.unknown(
                quantity, self.method, self.reason, confidence_frac=self.confidence_frac
            )
        return Estimate(
            quantity,
            self.value * factor,
            self.low * factor,
            self.high * factor,
            self.confidence_frac,
            self.method,
            self.n_rows,
            self.n_segments,
            self.reason,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the estimate as plain data, for JSON."""
        return asdict(self)
