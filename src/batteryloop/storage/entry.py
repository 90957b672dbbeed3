"""What a lake knows of one of its files without opening it."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Self

from batteryloop.errors import FileDamaged

SCHEMA_VERSION = 1
_FIRST_REAL_DAY = datetime(1971, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """One Parquet file of a lake.

    Parameters
    ----------
    name : str
        Its path within the lake, with forward slashes.
    rows : dict of str to int
        Rows of each battery in it.
    columns : tuple of str
        Names of the telemetry frame.
    first_at, last_at : datetime
        The earliest and the latest sample.
    is_whole : bool
        Whether it was written by a compaction: sorted, each battery complete at that moment.
    """

    name: str
    rows: dict[str, int]
    columns: tuple[str, ...]
    first_at: datetime
    last_at: datetime
    n_bytes: int = 0
    sha256: str = ""
    is_simulated: bool = False
    is_whole: bool = False

    @property
    def n_rows(self) -> int:
        """Rows of all batteries."""
        return sum(self.rows.values())

    @property
    def is_time_relative(self) -> bool:
        """Whether its samples have no date: they count from the first moment of 1970."""
        return self.first_at < _FIRST_REAL_DAY

    def reaches(self, start_at: datetime | None, end_at: datetime | None) -> bool:
        """Return whether it may hold samples from `start_at` on and before `end_at`."""
        return (start_at is None or self.last_at >= start_at) and (
            end_at is None or self.first_at < end_at
        )

    def as_json(self) -> str:
        """Return the entry as one line of JSON."""
        said = asdict(self) | {"schema_version": SCHEMA_VERSION}
        said |= {"first_at": self.first_at.isoformat(), "last_at": self.last_at.isoformat()}
        return json.dumps(said, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | bytes, *, subject: str) -> Self:
        """Return the entry that `as_json` wrote.

        Raises
        ------
        FileDamaged
            If it is not one, or a newer batteryloop wrote it.

        Examples
        --------
        >>> day = datetime(2024, 5, 1, tzinfo=UTC)
        >>> entry = Entry("new/a.parquet", {"B1": 3}, ("time",), day, day)
        >>> Entry.from_json(entry.as_json(), subject="a") == entry
        True
        """
        try:
            said = json.loads(text)
            version = int(said.pop("schema_version"))
            if version > SCHEMA_VERSION:
                raise FileDamaged(
                    subject,
                    f"was written in version {version} of the lake's form",
                    f"at most version {SCHEMA_VERSION}",
                    "use a newer batteryloop",
                )
            entry = cls(**said)
            return replace(
                entry,
                rows={str(battery): int(n) for battery, n in said["rows"].items()},
                columns=tuple(said["columns"]),
                first_at=datetime.fromisoformat(said["first_at"]),
                last_at=datetime.fromisoformat(said["last_at"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as exc:
            raise FileDamaged(
                subject,
                "does not say what its file holds",
                "the JSON that batteryloop writes",
                "restore it from a copy, or import the samples again",
            ) from exc
