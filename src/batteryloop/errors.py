"""One tree of errors: what went wrong, with what, and what to do next.

::

    BatteryloopError
    ├── InputWrong            the caller can repair it (CLI exit 2)
    │   ├── PathMissing       a file or a folder is not there
    │   ├── FormatUnknown     no reader recognises the file
    │   ├── FileDamaged       recognised, but broken, truncated or empty
    │   ├── NotTimeSeries     a summary, a result table, a note: holds no samples over time
    │   ├── ColumnMissing     a needed column is not there
    │   ├── UnitUnknown       a unit that cannot be converted
    │   ├── ValueOutOfRange   a value the quantity cannot have
    │   └── OptionWrong       a command's option or a settings' value
    ├── RecordSaysNo          the state of the record forbids it
    ├── NotKnown              no such battery, chemistry, column, method
    ├── AccessRefused         who asks may not, whatever they send
    │   ├── SignInNeeded      nobody has signed in, or what they showed is not valid
    │   └── RateExceeded      too many requests in too short a time
    ├── OurFault              a case we did not think of; one battery of a batch is left out by it
    └── OutsideFailed         disk, database, wire; `is_retryable` says whether to try again

Each error carries data; the sentence is made from it: thing, finding, rule, next step.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar


class BatteryloopError(Exception):
    """The root: an error with a code, a subject, what was found, what is allowed, what to do.

    Parameters
    ----------
    subject : str
        The thing it is about: a file, a battery, an option.
    found : str
        What was found, with its unit.
    allowed : str, optional
        The rule that it breaks.
    next_step : str, optional
        What the person can do about it.

    Examples
    --------
    >>> print(InputWrong("pack BAT-0042", "cell voltage max 4.61 V", "at most 4.30 V for NMC",
    ...                  "check the reader's scale or mark the row as a fault"))
    pack BAT-0042: cell voltage max 4.61 V; allowed: at most 4.30 V for NMC; next: check the
    reader's scale or mark the row as a fault
    """

    code: ClassVar[str] = "batteryloop-error"

    def __init__(self, subject: str, found: str, allowed: str = "", next_step: str = "") -> None:
        self.subject = subject
        self.found = found
        self.allowed = allowed
        self.next_step = next_step
        super().__init__(subject, found, allowed, next_step)

    def __str__(self) -> str:
        sentence = f"{self.subject}: {self.found}"
        if self.allowed:
            sentence += f"; allowed: {self.allowed}"
        if self.next_step:
            sentence += f"; next: {self.next_step}"
        return sentence

    def as_dict(self) -> dict[str, str]:
        """Return the error as plain data, for JSON and for tables."""
        return {
            "code": self.code,
            "subject": self.subject,
            "found": self.found,
            "allowed": self.allowed,
            "next_step": self.next_step,
        }


class InputWrong(BatteryloopError):
    """The input is wrong and the caller can repair it."""

    code = "input-wrong"


class PathMissing(InputWrong):
    """A file or a folder that was named is not there."""

    code = "path-missing"


class FormatUnknown(InputWrong):
    """No reader recognises the file."""

    code = "format-unknown"


class FileDamaged(InputWrong):
    """A file of a known format is broken, truncated or empty."""

    code = "file-damaged"


class NotTimeSeries(InputWrong):
    """A file holds no samples over time: a summary, a result table, a note."""

    code = "not-time-series"


class ColumnMissing(InputWrong):
    """A column that is needed is not there."""

    code = "column-missing"


class UnitUnknown(InputWrong):
    """A unit is not known or does not fit the quantity."""

    code = "unit-unknown"


class ValueOutOfRange(InputWrong):
    """A value is outside what its quantity can be."""

    code = "value-out-of-range"


class OptionWrong(InputWrong):
    """An option or a setting has a value that it cannot have."""

    code = "option-wrong"


class RecordSaysNo(BatteryloopError):
    """The state of the record forbids the deed."""

    code = "record-says-no"


class NotKnown(BatteryloopError):
    """A name is not in the known set; the nearest three are offered."""

    code = "not-known"

    @classmethod
    def among(cls, kind: str, name: str, known: Iterable[str]) -> "NotKnown":
        """Return the error for `name`, with the nearest known names as the next step.

        Examples
        --------
        >>> print(NotKnown.among("chemistry", "LPF", ["LFP", "NMC622", "LTO"]))
        chemistry 'LPF': not known; next: did you mean LFP?
        """
        names = sorted(known)
        by_fold = {n.casefold(): n for n in names}
        near = [by_fold[n] for n in get_close_matches(name.casefold(), by_fold, n=3, cutoff=0.5)]
        hint = (
            f"did you mean {', '.join(near)}?" if near else f"choose one of {', '.join(names[:12])}"
        )
        return cls(f"{kind} {name!r}", "not known", next_step=hint)


class AccessRefused(BatteryloopError):
    """Who asks may not do this, whatever they send."""

    code = "access-refused"


class SignInNeeded(AccessRefused):
    """Nobody has signed in, or what they showed is not valid."""

    code = "sign-in-needed"


class RateExceeded(AccessRefused):
    """Too many requests came in too short a time."""

    code = "rate-exceeded"


class OurFault(BatteryloopError):
    """A case we did not think of: a batch leaves this battery out and goes on."""

    code = "our-fault"

    @classmethod
    def of(cls, subject: str, exc: Exception) -> "OurFault":
        """Return the error for an exception that nobody expected, with the place it came from.

        Examples
        --------
        >>> print(OurFault.of("pack 7", ZeroDivisionError("division by zero")))
        pack 7: ZeroDivisionError: division by zero; next: please report it with this line
        """
        frame = exc.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        where = f" in {frame.tb_frame.f_code.co_qualname}:{frame.tb_lineno}" if frame else ""
        return cls(
            subject,
            f"{type(exc).__name__}: {exc}{where}",
            next_step="please report it with this line",
        )


class OutsideFailed(BatteryloopError):
    """Something outside failed: a disk, a database, a wire."""

    code = "outside-failed"

    def __init__(
        self,
        subject: str,
        found: str,
        allowed: str = "",
        next_step: str = "",
        *,
        is_retryable: bool = False,
    ) -> None:
        super().__init__(subject, found, allowed, next_step)
        self.is_retryable = is_retryable
