"""How often one caller may ask."""

import threading

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from batteryloop.errors import RateExceeded

_N_BETWEEN_SWEEPS = 1_000


class _Awake(threading.Timer):
    """Says that it runs: the storage else starts a thread, up to a hundred times a second."""

    def is_alive(self) -> bool:
        """Say yes."""
        return True


_AWAKE = _Awake(0, lambda: None)
_ASLEEP = threading.Timer(0, lambda: None)


class Rates:
    """Counts the requests of each caller, and the sign-ins of each address, a minute."""

    def __init__(self, *, requests_per_minute: int, sign_ins_per_minute: int) -> None:
        self._storage = MemoryStorage()
        self._limiter = SlidingWindowCounterRateLimiter(self._storage)
        self._n_hits = 0
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
        self._n_hits += 1
        # Counts that are over are swept out now and then, not after every hit.
        self._storage.timer = _AWAKE if self._n_hits % _N_BETWEEN_SWEEPS else _ASLEEP
        if not self._limiter.hit(item, what, who):
            raise RateExceeded(who, f"too many {what}", f"{item.amount} a minute", "wait a minute")
