"""Does a report made again say the same? The places where it does not, each named."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """One place of a report where two of them differ: a JSON pointer (RFC 6901), then and now."""

    place: str
    then: str
    now: str

    def as_dict(self) -> dict[str, str]:
        """Return it as plain data."""
        return {"place": self.place, "then": self.then, "now": self.now}


def differences(then: object, now: object, place: str = "") -> Iterator[Difference]:
    """Yield every place where two plain documents differ.

    Examples
    --------
    >>> [d.place for d in differences({"a": [1, 2], "b": 3}, {"a": [1, 5], "c": 3})]
    ['/a/1', '/b', '/c']
    """
    if isinstance(then, dict) and isinstance(now, dict):
        for key in dict.fromkeys((*then, *now)):
            step = f"{place}/{key.replace('~', '~0').replace('/', '~1')}"
            yield from differences(then.get(key, _NONE), now.get(key, _NONE), step)
    elif isinstance(then, list | tuple) and isinstance(now, list | tuple):
        for i in range(max(len(then), len(now))):
            one = then[i] if i < len(then) else _NONE
            other = now[i] if i < len(now) else _NONE
            yield from differences(one, other, f"{place}/{i}")
    elif then is _NONE or now is _NONE or then != now:
        yield Difference(place, _short(then), _short(now))


class _Nothing:
    def __repr__(self) -> str:
        return "not there"


_NONE = _Nothing()


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
