"""How often one caller may ask."""

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from batteryloop.errors import RateExceeded


class Rates:
    """Counts the requests of each caller, and the sign-ins of each address, a minute."""

    def __init__(self, *, requests_per_minute: int, sign_ins_per_minute: int) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._requests = RateLimitItemPerMinute(requests_per_minute)
        self._sign_ins = RateLimitItemPerMinute(sign_ins_per_minute)

    def admit(self, caller: str) -> None:
        """Count a request.

        Raises
        ------
        RateExceeded
            If there were too many in the last minute.
        """
        self._hit(self._requests, "requests", caller)

    def admit_sign_in(self, address: str) -> None:
        """Count a sign-in, right or wrong.

        Raises
        ------
        RateExceeded
            If there were too many in the last minute.
        """
        self._hit(self._sign_ins, "sign-ins", address)

    def _hit(self, item: RateLimitItem, what: str, who: str) -> None:
        if not self._limiter.hit(item, what, who):
            raise RateExceeded(who, f"too many {what}", f"{item.amount} a minute", "wait a minute")
