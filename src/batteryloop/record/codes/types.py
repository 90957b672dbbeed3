"""What every identity code can say of itself."""

from typing import Any, Protocol


class IdentityCode(Protocol):
    """A code that has been read: what kind, its one written form, its parts."""

    @property
    def kind(self) -> str:
        """Its kind, as `record code` prints it."""

    @property
    def text(self) -> str:
        """Its one written form: two labels of the same battery give the same text."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know: doubts, other readings, things that were put right."""

    def as_dict(self) -> dict[str, Any]:
        """Return kind, text, parts and notes as plain data."""
