"""The edge to other people's readers: what they log is kept, what they raise is `FileDamaged`."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from batteryloop.errors import BatteryloopError, FileDamaged

_AGAIN = "copy the file again from the tester's computer"


class _Listener(logging.Handler):
    def __init__(self, said: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        line = record.getMessage().split("\n", 1)[0][:160]
        if len(self._said) < 20 and line not in self._said:
            self._said.append(line)


@contextmanager
def guarded(path: Path, library: str) -> Iterator[list[str]]:
    """Run `library` on the file within: yield the list of what it complains of.

    Nothing of it reaches the screen. A library fed a broken file may raise anything at all, so
    here, and only here, everything is caught.

    Raises
    ------
    FileDamaged
        With the library's complaint, whatever it raised.
    """
    said: list[str] = []
    logger = logging.getLogger(library)
    was = logger.propagate
    listener = _Listener(said)
    logger.addHandler(listener)
    logger.propagate = False
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield said
        said.extend(str(w.message).split("\n", 1)[0][:160] for w in caught[:20])
    except BatteryloopError:
        raise
    except (Exception, pl.exceptions.PanicException) as exc:
        first_line = (str(exc).splitlines() or [""])[0][:160]
        raise FileDamaged(
            path.name,
            f"cannot be made sense of by {library} ({type(exc).__name__}: {first_line})",
            "a whole file of its format",
            _AGAIN,
        ) from exc
    finally:
        logger.removeHandler(listener)
        logger.propagate = was
