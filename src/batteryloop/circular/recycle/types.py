"""Frozen records of a plant's balance."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Flow:
    """What goes from one place of the plant to another [t], with its elements and substances.

    `kind` is `feed`, `reagent`, `between`, or the kind of the stream that leaves: `product`,
    `byproduct`, `residue`, `water`, `emission`.
    """

    source: str
    target: str
    title: str
    kind: str
    mass_t: float
    elements_t: dict[str, float]
    substances_t: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for pages."""
        return {
            "source": self.source,
            "target": self.target,
            "title": self.title,
            "kind": self.kind,
            "mass_t": self.mass_t,
            "elements_t": dict(self.elements_t),
            "substances_t": dict(self.substances_t),
        }


@dataclass(frozen=True, slots=True)
class StageBalance:
    """One stage: mass in and out, reagents, energy by carrier, and heat that has to leave.

    `energy_in_mj` has the carriers, `chemical` (what could be burned of the inflow) and `stored`
    (charge left in the packs); `energy_out_mj` has `chemical`, `electricity` given back, and
    `heat`, which closes the balance.
    """

    name: str
    title: str
    mass_in_t: float
    reagents_t: dict[str, float]
    mass_out_t: float
    closure_frac: float
    energy_in_mj: dict[str, float]
    energy_out_mj: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for pages."""
        return {
            "name": self.name,
            "title": self.title,
            "mass_in_t": self.mass_in_t,
            "reagents_t": dict(self.reagents_t),
            "mass_out_t": self.mass_out_t,
            "closure_frac": self.closure_frac,
            "energy_in_mj": dict(self.energy_in_mj),
            "energy_out_mj": dict(self.energy_out_mj),
        }


@dataclass(frozen=True, slots=True)
class BlackMass:
    """How much black mass there is and how good: shares by mass of what pays and what disturbs."""

    mass_t: float
    shares_frac: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON and for pages."""
        return {"mass_t": self.mass_t, "shares_frac": dict(self.shares_frac)}


@dataclass(frozen=True, slots=True)
class PlantBalance:
    """A plant's balance: what came in, what left, through which stages, and how well it closes.

    `closure_frac` gives for each element what is missing over what came in.
    """

    opening: str
    route: str
    steps: tuple[str, ...]
    feed_t: dict[str, float]
    feed_elements_t: dict[str, float]
    flows: tuple[Flow, ...]
    stages: tuple[StageBalance, ...]
    black_mass: BlackMass
    closure_frac: dict[str, float]
    counted_t: dict[str, dict[str, float]]

    @property
    def mass_in_t(self) -> float:
        """The mass of the packs [t]."""
        return sum(self.feed_t.values())

    @property
    def worst_closure_frac(self) -> float:
        """The largest share of any element that the balance loses or gains."""
        return max(self.closure_frac.values())

    def leaving(self, *kinds: str) -> dict[str, Flow]:
        """Return the streams that leave the plant, by name; of the kinds named, or all."""
        merged: dict[str, Flow] = {}
        for flow in self.flows:
            if flow.kind in ("feed", "reagent", "between") or (kinds and flow.kind not in kinds):
                continue
            merged[flow.target] = (
                _joined(merged[flow.target], flow) if (flow.target in merged) else flow
            )
        return merged

    def reagents_t(self) -> dict[str, float]:
        """Return what the plant is dosed with [t], by substance."""
        total: dict[str, float] = {}
        for stage in self.stages:
            for name, mass in stage.reagents_t.items():
                total[name] = total.get(name, 0.0) + mass
        return total

    def energy_mj(self) -> dict[str, float]:
        """Return the energy bought [MJ], by carrier; electricity given back is taken off."""
        total: dict[str, float] = {}
        for stage in self.stages:
            for name, amount in stage.energy_in_mj.items():
                if name not in ("chemical", "stored"):
                    total[name] = total.get(name, 0.0) + amount
            back = stage.energy_out_mj.get("electricity", 0.0)
            if back:
                total["electricity"] = total.get("electricity", 0.0) - back
        return total

    def recovered_t(self, element: str) -> float:
        """Return the mass of an element in the products that count for it [t]."""
        return sum(counted.get(element, 0.0) for counted in self.counted_t.values())

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data; `flows` are the links of a Sankey, by source and target."""
        return {
            "opening": self.opening,
            "route": self.route,
            "steps": list(self.steps),
            "feed_t": dict(self.feed_t),
            "feed_elements_t": dict(self.feed_elements_t),
            "black_mass": self.black_mass.as_dict(),
            "leaving_t": {
                name: {"title": flow.title, "kind": flow.kind, "mass_t": flow.mass_t}
                for name, flow in self.leaving().items()
            },
            "counted_t": {name: dict(counted) for name, counted in self.counted_t.items()},
            "reagents_t": self.reagents_t(),
            "energy_mj": self.energy_mj(),
            "closure_frac": dict(self.closure_frac),
            "stages": [stage.as_dict() for stage in self.stages],
            "flows": [flow.as_dict() for flow in self.flows],
        }


def _joined(one: Flow, other: Flow) -> Flow:
    def added(a: dict[str, float], b: dict[str, float]) -> dict[str, float]:
        return {
            key: a.get(key, 0.0) + b.get(key, 0.0) for key in (*a, *(k for k in b if k not in a))
        }

    return Flow(
        f"{one.source}, {other.source}",
        one.target,
        one.title,
        one.kind,
        one.mass_t + other.mass_t,
        added(one.elements_t, other.elements_t),
        added(one.substances_t, other.substances_t),
    )
