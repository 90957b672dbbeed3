"""One batch of batteries: what came of each, in order, and how the command ends."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import typer

from batteryloop.cli import screen
from batteryloop.usecases.ports import Refusal

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Batch(Generic[T]):
    """What was made, what was refused, and an entry for each of both, for JSON."""

    made: list[T]
    refusals: list[Refusal]
    entries: list[dict[str, Any]]

    def end(self) -> None:
        """Print what was refused; where nothing was made, end the command with 2."""
        screen.print_refusals(self.refusals)
        if self.refusals and not self.made:
            raise typer.Exit(2)


def batch_of(
    parts: Iterator[T | Refusal],
    *,
    n_parts: int,
    words: str,
    entry: Callable[[T], dict[str, Any]],
    empty: dict[str, Any] | None = None,
) -> Batch[T]:
    """Work off the parts under a progress bar.

    Parameters
    ----------
    parts : iterator
        What was made of each battery, or why nothing was.
    n_parts : int
        How many parts the source has.
    words : str
        What is being done, for the progress bar.
    entry : callable
        Gives the entry of what was made; called at once, so it may also draw.
    empty : dict, optional
        What the entry of a refused battery says in place of figures.
    """
    batch: Batch[T] = Batch([], [], [])
    for part in screen.with_progress(parts, n_parts=n_parts, words=words):
        if isinstance(part, Refusal):
            batch.refusals.append(part)
            why = {"reason": str(part.error), "refused": part.as_dict()}
            batch.entries.append({"battery_id": part.subject, **(empty or {}), **why})
        else:
            batch.made.append(part)
            batch.entries.append(entry(part))
    return batch
