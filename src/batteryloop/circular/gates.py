"""Legal and technical gates of a fate, as dated profiles: `gates.csv`, or the user's own rows."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

from batteryloop.errors import NotKnown

DEFAULT_PROFILES = ("eu-2023-1542", "ul-1974", "maker")
RULES = ("at-least", "at-most", "is")


@dataclass(frozen=True, slots=True)
class Gate:
    """One criterion of a profile: what must hold of a quantity, how surely, and since when."""

    profile: str
    clause: str
    fate: str
    quantity: str
    rule: str
    limit: float
    confidence_frac: float
    in_force: date
    source: str
    dated: str

    @property
    def words(self) -> str:
        """The criterion as people say it.

        Examples
        --------
        >>> gates(fate="remanufacture", on=date(2026, 1, 1))[0].words
        'eu-2023-1542 Art. 3(1)(32): soh_after_frac at least 0.9'
        """
        what = (
            self.quantity
            if self.rule == "is"
            else (f"{self.quantity} {self.rule.replace('-', ' ')} {self.limit:g}")
        )
        return f"{self.profile} {self.clause}: {what}"


def gates(
    profiles: Sequence[str] = DEFAULT_PROFILES,
    *,
    on: date,
    fate: str = "",
    rows: Iterable[Mapping[str, str]] | None = None,
) -> tuple[Gate, ...]:
    """Return the gates of some profiles that are in force on a day.

    Parameters
    ----------
    profiles : sequence of str, optional
        Names as in the table.
    on : datetime.date
        The day of the decision.
    fate : str, optional
        Only this fate's.
    rows : iterable of mapping, optional
        Rows as `gates.csv` has them, in its place.

    Raises
    ------
    NotKnown
        If a profile has no rows, or a rule is none.

    Examples
    --------
    >>> [gate.limit for gate in gates(["eu-2023-1542"], on=date(2026, 1, 1))][:2]
    [0.9, 0.03]
    >>> gates(["eu-2023-1542"], on=date(2023, 1, 1))
    ()
    """
    if rows is None:
        text = files("batteryloop.circular").joinpath("gates.csv").read_text("utf-8")
        rows = csv.DictReader(text.splitlines())
    known = [_gate(row) for row in rows]
    names = {gate.profile for gate in known}
    for profile in profiles:
        if profile not in names:
            raise NotKnown.among("profile of gates", profile, names)
    return tuple(
        gate
        for gate in known
        if gate.profile in profiles and gate.in_force <= on and fate in ("", gate.fate)
    )


def _gate(row: Mapping[str, str]) -> Gate:
    if row["rule"] not in RULES:
        raise NotKnown.among("rule of a gate", row["rule"], RULES)
    return Gate(
        row["profile"],
        row["clause"],
        row["fate"],
        row["quantity"],
        row["rule"],
        float(row["limit"]),
        float(row["confidence_frac"]),
        date.fromisoformat(row["in_force"]),
        row["source"],
        row["dated"],
    )
