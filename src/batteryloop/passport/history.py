"""A passport is a sequence of versions, none of which ever changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from batteryloop.errors import FileDamaged, RecordSaysNo
from batteryloop.passport.document import FORMAT, passport_document, passport_from
from batteryloop.passport.types import Passport

HISTORY_FORMAT = "batteryloop passport history 1"


@dataclass(frozen=True, slots=True)
class History:
    """All versions of one passport, the oldest first.

    Raises
    ------
    RecordSaysNo
        If there is none, the versions do not count up, go back in time, or are of two passports.
    """

    versions: tuple[Passport, ...]

    def __post_init__(self) -> None:
        if not self.versions:
            raise RecordSaysNo("passport history", "no version", "at least one")
        for before, after in pairwise(self.versions):
            subject = f"passport {before.passport_id}"
            if after.passport_id != before.passport_id:
                raise RecordSaysNo(subject, f"followed by {after.passport_id}", "one passport")
            if after.version != before.version + 1 or after.issued_at < before.issued_at:
                raise RecordSaysNo(
                    subject,
                    f"version {after.version} of {after.issued_at:%Y-%m-%d %H:%M} after version "
                    f"{before.version} of {before.issued_at:%Y-%m-%d %H:%M}",
                    "versions that count up in time",
                )

    @property
    def latest(self) -> Passport:
        """The version that holds now."""
        return self.versions[-1]

    def at(self, moment: datetime) -> Passport:
        """Return the version that held at a moment.

        Raises
        ------
        RecordSaysNo
            If the passport was not yet issued.
        """
        held = [version for version in self.versions if version.issued_at <= moment]
        if not held:
            first = self.versions[0]
            raise RecordSaysNo(
                f"passport {first.passport_id}",
                f"not yet issued at {moment:%Y-%m-%d %H:%M}",
                f"from {first.issued_at:%Y-%m-%d %H:%M} on",
            )
        return held[-1]

    def followed_by(self, passport: Passport) -> "History":
        """Return the history with one more version.

        Raises
        ------
        RecordSaysNo
            If the last version has ceased, or `passport` does not follow it.
        """
        if self.latest.ceased_at is not None:
            raise RecordSaysNo(
                f"passport {self.latest.passport_id}", "has ceased", "no further version"
            )
        return History((*self.versions, passport))


def next_version(passport: Passport, *, now: datetime, is_ceased: bool = False) -> Passport:
    """Return the passport as its next version, written at `now`.

    Raises
    ------
    RecordSaysNo
        If `now` lies before the present version, or it is a redacted copy.
    """
    if now < passport.issued_at or passport.shown_to:
        found = "a redacted copy" if passport.shown_to else f"a version of {now:%Y-%m-%d %H:%M}"
        raise RecordSaysNo(
            f"passport {passport.passport_id}", found,
            f"the passport itself, after {passport.issued_at:%Y-%m-%d %H:%M}",
        )  # fmt: skip
    return replace(
        passport,
        version=passport.version + 1,
        issued_at=now,
        ceased_at=now if is_ceased else passport.ceased_at,
    )


def history_document(history: History) -> dict[str, Any]:
    """Return all versions as plain data."""
    return {"format": HISTORY_FORMAT, "versions": [passport_document(v) for v in history.versions]}


def history_from(document: Mapping[str, Any], *, subject: str = "passport") -> History:
    """Return the history that plain data describes; a passport alone is a history of one.

    Raises
    ------
    FileDamaged
        If it is neither.
    """
    kind = document.get("format") if isinstance(document, Mapping) else None
    if kind == HISTORY_FORMAT:
        versions: Iterable[Any] = document.get("versions", ())
        return History(tuple(passport_from(v, subject=subject) for v in versions))
    if kind == FORMAT:
        return History((passport_from(document, subject=subject),))
    raise FileDamaged(
        subject, "not a passport", f"format {FORMAT!r} or {HISTORY_FORMAT!r}",
        "make one with `batteryloop passport issue`",
    )  # fmt: skip


def changed_names(before: Passport, after: Passport) -> Sequence[str]:
    """Return the attributes in which two versions differ.

    Parameters
    ----------
    before, after : Passport
        Two versions of one passport.
    """
    names = sorted({*before.attributes, *after.attributes})
    return [name for name in names if before.attributes.get(name) != after.attributes.get(name)]
