"""Annex XII: recycling efficiency and recovery by date, with margin and what to change."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from batteryloop.circular.recycle.types import PlantBalance
from batteryloop.errors import NotKnown
from batteryloop.reference.recycling_targets import LegalTarget, targets_on
from batteryloop.reference.rows import rows

# A rate of 0.9 that floating point writes 0.8999999999999999 has been reached.
_ROUNDING = 1e-9
RECOVERED = ("Li", "Co", "Ni", "Cu", "Pb")


@dataclass(frozen=True, slots=True)
class TargetResult:
    """A target, what is reached, the margin, and where the missing mass goes.

    `missing_t` is what more has to be recovered; `losses_t` says with which streams the element,
    or for the efficiency any mass of the packs, leaves, the largest first.
    """

    target: LegalTarget
    reached_frac: float
    missing_t: float
    losses_t: dict[str, float]

    @property
    def passes(self) -> bool:
        """Whether the target is reached."""
        return self.margin_frac >= -_ROUNDING

    @property
    def margin_frac(self) -> float:
        """Reached less wanted [1]."""
        return self.reached_frac - self.target.target_frac

    @property
    def sentence(self) -> str:
        """What it says, and where the missing mass goes.

        A failing target names the two largest losses.
        """
        name = self.target.subject
        said = (
            f"{name}: {100 * self.reached_frac:.1f} % of {100 * self.target.target_frac:.0f} %"
            f" wanted from {self.target.from_on}"
        )
        if self.passes:
            return f"{said}, margin {100 * max(self.margin_frac, 0.0):.1f} points"
        where = ", ".join(f"{n} {mass:,.0f} t" for n, mass in list(self.losses_t.items())[:2])
        return f"{said}: {self.missing_t:,.0f} t short; most of the loss is in {where}"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for pages."""
        return {
            **self.target.as_dict(),
            "reached_frac": self.reached_frac,
            "margin_frac": self.margin_frac,
            "passes": self.passes,
            "missing_t": self.missing_t,
            "losses_t": dict(self.losses_t),
            "sentence": self.sentence,
        }


def recycling_efficiency(balance: PlantBalance, counting: str = "whole") -> tuple[float, float]:
    """Return counted output and counted input of a balance [t].

    Elements that reagents brought in, such as the carbonate of lithium carbonate, do not count.

    Parameters
    ----------
    balance : PlantBalance
        From `balance_plant`.
    counting : str, optional
        A rule of `counting_rules.csv`: `whole`, `without_graphite`, `carbon_and_phosphorus_out`.

    Raises
    ------
    NotKnown
        If there is no such rule.

    Examples
    --------
    >>> from batteryloop.circular.recycle.balance import balance_plant
    >>> out, into = recycling_efficiency(balance_plant({"LFP": 1.0}))
    >>> round(out / into, 2)
    0.48
    """
    known = {
        row["rule"]: row["leaves_out"].split() for row in rows(__package__, "counting_rules.csv")
    }
    if counting not in known:
        raise NotKnown.among("counting rule", counting, known)
    out = sum(
        mass
        for counted in balance.counted_t.values()
        for element, mass in counted.items()
        if element not in known[counting]
    )
    into = balance.mass_in_t
    if counting == "carbon_and_phosphorus_out":
        into -= sum(balance.feed_elements_t.get(element, 0.0) for element in known[counting])
    return out, into


def check_targets(
    balance: PlantBalance,
    day: date,
    *,
    kind: str = "lithium-based",
    counting: str = "whole",
) -> tuple[TargetResult, ...]:
    """Return each Annex XII target in force on a day, reached or missed.

    An element that the packs do not have has no target. Where the law has no target yet on that
    day, nothing is returned.

    Parameters
    ----------
    balance : PlantBalance
        From `balance_plant`.
    day : datetime.date
        Targets in force then.
    kind : str, optional
        Kind of battery: `lithium-based`, `lead-acid`, `nickel-cadmium` or `other`.
    counting : str, optional
        As `recycling_efficiency` takes it.

    Raises
    ------
    NotKnown
        If the kind or the counting rule is not known.

    Examples
    --------
    >>> from batteryloop.circular.recycle.balance import balance_plant
    >>> (efficiency, *_) = check_targets(balance_plant({"LFP": 1.0}), date(2027, 12, 31))
    >>> efficiency.passes
    False
    """
    results = []
    efficiencies = targets_on("recycling_efficiency", day)
    kinds = ("lithium-based", "lead-acid", "nickel-cadmium", "other")
    if kind not in kinds:
        raise NotKnown.among("kind of battery", kind, kinds)
    out, into = recycling_efficiency(balance, counting)
    if kind in efficiencies:
        target = efficiencies[kind]
        missing = max(target.target_frac * into - out, 0.0)
        results.append(TargetResult(target, out / into, missing, _mass_losses(balance)))
    recoveries = targets_on("material_recovery", day)
    for element in RECOVERED:
        had = balance.feed_elements_t.get(element, 0.0)
        if element not in recoveries or had <= 0:
            continue
        got = balance.recovered_t(element)
        target = recoveries[element]
        losses = {
            flow.target: flow.elements_t[element]
            for flow in balance.leaving("residue", "byproduct", "water", "emission").values()
            if element in flow.elements_t
        }
        results.append(
            TargetResult(
                target,
                got / had,
                max(target.target_frac * had - got, 0.0),
                dict(sorted(losses.items(), key=lambda item: -item[1])),
            )
        )
    return tuple(results)


def _mass_losses(balance: PlantBalance) -> dict[str, float]:
    """Mass of the packs' own elements by the stream it leaves with; added matter left out."""
    losses: dict[str, float] = {}
    for name, flow in balance.leaving("residue", "byproduct", "emission").items():
        elements = {e: m for e, m in flow.elements_t.items() if e not in ("N", "Na", "S", "Ca")}
        if flow.kind != "residue":
            elements = {e: m for e, m in elements.items() if e not in ("O", "H")}
        losses[name] = sum(elements.values())
    return dict(sorted(losses.items(), key=lambda item: -item[1]))
