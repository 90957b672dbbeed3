"""How a battery in its condition must be packed, marked and declared."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from batteryloop.circular.collect.goods import GoodsEntry, goods_entry, is_in_force, table
from batteryloop.circular.collect.types import CONDITIONS, PURPOSES, PickUp
from batteryloop.errors import InputWrong, NotKnown, RecordSaysNo


@dataclass(frozen=True, slots=True)
class PackingRule:
    """What the law asks for goods in a condition: packing, marks, words, and what must be shown."""

    entry: GoodsEntry
    allowed: tuple[str, ...]
    special_provisions: tuple[str, ...]
    mark: str
    statement: str
    needs: str
    transport_category: str
    points_per_kg: float | None
    confidence: str
    source: str

    @property
    def is_critical(self) -> bool:
        """Whether no quantity of it is exempt (transport category 0)."""
        return self.transport_category == "0"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for tables."""
        return {
            "entry": self.entry.as_dict(),
            "allowed": list(self.allowed),
            "special_provisions": list(self.special_provisions),
            "mark": self.mark,
            "statement": self.statement,
            "needs": self.needs,
            "transport_category": self.transport_category,
            "points_per_kg": self.points_per_kg,
            "confidence": self.confidence,
            "source": self.source,
        }


def packing_rule(pickup: PickUp, day: date) -> PackingRule:
    """Return how a pick-up must be packed on a day, or why it may not go.

    Packing instructions for packages and for large packages are both allowed up to the mass from
    which only a large packaging can hold one; a packing instruction that was named must be of them.

    Parameters
    ----------
    pickup : PickUp
        With its UN number, condition and purpose.
    day : datetime.date
        Of the transport.

    Raises
    ------
    NotKnown
        If the UN number, the condition or the purpose is none that is known.
    InputWrong
        If UN number, packing and condition do not go together; the reason is said.
    RecordSaysNo
        If an approval by the competent authority is needed and none was given.

    Examples
    --------
    >>> site = PickUp("S1", "Garage", "Lyon", "FR", 45.8, 4.8, 300.0, condition="damaged")
    >>> rule = packing_rule(site, date(2026, 11, 25))
    >>> rule.allowed, rule.statement
    (('P908',), 'Transport in accordance with special provision 376')
    """
    subject = f"pick-up {pickup.pickup_id}"
    if pickup.condition not in CONDITIONS:
        raise NotKnown.among("condition", pickup.condition, CONDITIONS)
    if pickup.purpose not in PURPOSES:
        raise NotKnown.among("purpose", pickup.purpose, PURPOSES)
    if not pickup.mass_kg > 0 or pickup.n_packages < 1:
        raise InputWrong(
            subject,
            f"{pickup.mass_kg:g} kg in {pickup.n_packages} packages",
            "a mass above 0 and at least one package",
        )
    entry = goods_entry(pickup.un_number, pickup.packed, day)
    found = [
        row
        for row in table("packing_rules.csv")
        if row["condition"] == pickup.condition
        and row["packed"] == pickup.packed
        and row["purpose"] in ("any", pickup.purpose)
        and is_in_force(row, day)
    ]
    if not found:
        raise InputWrong(
            subject,
            f"no rule lets {pickup.condition} batteries go {pickup.packed!r} for {pickup.purpose}",
            next_step="ask the competent authority for conditions of carriage",
        )
    row = found[0]
    each_kg = pickup.mass_kg / pickup.n_packages
    is_large = each_kg > float(row["large_from_kg"])
    allowed: tuple[str, ...] = (row["large_packing"],) if is_large else (row["small_packing"],)
    if not is_large and pickup.packing == row["large_packing"]:
        allowed = (row["small_packing"], row["large_packing"])
    rule = PackingRule(
        entry,
        allowed,
        tuple(row["special_provisions"].split()),
        row["mark"].format(family=entry.family.upper()),
        row["statement"],
        row["needs"],
        row["transport_category"] or entry.transport_category,
        None if row["transport_category"] == "0" else entry.points_per_kg,
        f"{entry.confidence}; {row['confidence']}",
        row["source"],
    )
    if pickup.packing and pickup.packing not in rule.allowed:
        raise InputWrong(
            subject,
            f"packed by {pickup.packing}, {each_kg:,.0f} kg a package",
            f"{' or '.join(rule.allowed)} for {pickup.condition} batteries going to "
            f"{pickup.purpose} (special provisions {', '.join(rule.special_provisions)})",
            f"repack by {rule.allowed[0]}",
        )
    if rule.is_critical and not pickup.approval:
        raise RecordSaysNo(
            subject,
            "liable to react, and no approval of the packing method was given",
            "an approval by a competent authority travels with them",
            "name the approval, or have the batteries made safe on site",
        )
    return rule
