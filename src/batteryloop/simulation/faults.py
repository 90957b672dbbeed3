"""Faults as data: each kind says what it changes in the pack, how strongly, and how it grows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from batteryloop.errors import NotKnown, OptionWrong
from batteryloop.simulation.types import Fault

Array = NDArray[np.float64]
DAY_S = 86_400.0


@dataclass(slots=True)
class Effects:
    """What the faults of a pack do at one moment; arrays have one value a cell."""

    leak_s: Array
    contact_ohm: Array
    capacity_factor: Array
    resistance_factor: Array
    cooling_factor: Array
    voltage_offset_v: Array
    current_offset_a: float = 0.0
    lost_rows_frac: float = 0.0
    insulation_kohm: float | None = None
    is_wobbling: bool = False

    @classmethod
    def none(cls, n_cells: int) -> "Effects":
        """Return the effects of no fault at all."""
        return cls(
            leak_s=np.zeros(n_cells),
            contact_ohm=np.zeros(n_cells),
            capacity_factor=np.ones(n_cells),
            resistance_factor=np.ones(n_cells),
            cooling_factor=np.ones(n_cells),
            voltage_offset_v=np.zeros(n_cells),
        )


Act = Callable[[Effects, int, float, float], None]


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A kind of fault: unit and usual bounds of its strength, and what it does.

    `act` changes the effects in place, given the cell, the strength and the days since onset.
    """

    name: str
    unit: str
    strength_low: float
    strength_high: float
    is_of_cell: bool
    meaning: str
    act: Act


def _internal_short(effects: Effects, cell: int, strength: float, days: float) -> None:
    effects.leak_s[cell] += 1.0 / strength


def _weak_cell(effects: Effects, cell: int, strength: float, days: float) -> None:
    lost = min(strength * days / 100.0, 0.7)
    effects.capacity_factor[cell] *= 1.0 - lost
    effects.resistance_factor[cell] *= 1.0 + 2.0 * lost


def _loose_connection(effects: Effects, cell: int, strength: float, days: float) -> None:
    effects.contact_ohm[cell] += strength * min(0.1 + 0.9 * days / 30.0, 2.0)
    effects.is_wobbling = True


def _voltage_sensor_drift(effects: Effects, cell: int, strength: float, days: float) -> None:
    effects.voltage_offset_v[cell] += strength * min(days / 30.0, 2.0)


def _current_sensor_offset(effects: Effects, cell: int, strength: float, days: float) -> None:
    effects.current_offset_a += strength


def _data_gaps(effects: Effects, cell: int, strength: float, days: float) -> None:
    effects.lost_rows_frac = min(effects.lost_rows_frac + strength, 0.95)


def _insulation_loss(effects: Effects, cell: int, strength: float, days: float) -> None:
    left = strength + 3000.0 * float(np.exp(-days / 5.0))
    effects.insulation_kohm = min(effects.insulation_kohm or np.inf, left)


def _cooling_loss(effects: Effects, cell: int, strength: float, days: float) -> None:
    # a blocked plate: the cell and its neighbours up to three places away
    near = np.abs(np.arange(effects.cooling_factor.shape[0]) - cell)
    effects.cooling_factor *= 1.0 - strength * np.clip(1.0 - near / 4.0, 0.0, 1.0)


FAULT_KINDS: dict[str, FaultKind] = {
    kind.name: kind
    for kind in (
        FaultKind(
            "internal-short",
            "ohm",
            20.0,
            500.0,
            True,
            "a leak across one cell from the onset on, of that resistance",
            _internal_short,
        ),
        FaultKind(
            "weak-cell",
            "frac",
            0.05,
            0.3,
            True,
            "one cell loses that share of its capacity in every 100 days, on top of its ageing",
            _weak_cell,
        ),
        FaultKind(
            "loose-connection",
            "ohm",
            3e-4,
            3e-3,
            True,
            "a contact at one cell: a tenth of that resistance at onset, all of it after 30 days, "
            "coming and going",
            _loose_connection,
        ),
        FaultKind(
            "voltage-sensor-drift",
            "v",
            0.01,
            0.08,
            True,
            "one cell's voltage is read wrong, by that much after 30 days, growing",
            _voltage_sensor_drift,
        ),
        FaultKind(
            "current-sensor-offset",
            "a",
            0.3,
            3.0,
            False,
            "the current is read too high by that much",
            _current_sensor_offset,
        ),
        FaultKind(
            "data-gaps",
            "frac",
            0.02,
            0.3,
            False,
            "that share of the rows is lost, minutes to a day at a time",
            _data_gaps,
        ),
        FaultKind(
            "insulation-loss",
            "kohm",
            20.0,
            200.0,
            False,
            "the insulation falls to that resistance within weeks",
            _insulation_loss,
        ),
        FaultKind(
            "cooling-loss",
            "frac",
            0.5,
            0.95,
            True,
            "that share of the cooling is lost at one cell, less at its neighbours",
            _cooling_loss,
        ),
    )
}


def fault_kind(name: str) -> FaultKind:
    """Return the kind of fault called `name`.

    Raises
    ------
    NotKnown
        If there is none; the nearest three are offered.

    Examples
    --------
    >>> fault_kind("internal-short").unit
    'ohm'
    """
    if name not in FAULT_KINDS:
        raise NotKnown.among("fault", name, FAULT_KINDS)
    return FAULT_KINDS[name]


def effects_at(faults: Sequence[Fault], at: datetime, n_cells: int) -> Effects:
    """Return what `faults` do to a pack of `n_cells` cells at the time `at`.

    Raises
    ------
    NotKnown
        If a kind is not known.
    OptionWrong
        If a fault of a cell names no cell of the pack.
    """
    effects = Effects.none(n_cells)
    for fault in faults:
        kind = fault_kind(fault.kind)
        if kind.is_of_cell and (fault.cell is None or not 0 <= fault.cell < n_cells):
            raise OptionWrong(f"fault {fault.kind}", f"cell {fault.cell}", f"0 to {n_cells - 1}")
        days = (at - fault.onset_at).total_seconds() / DAY_S
        if days >= 0.0:
            kind.act(effects, fault.cell or 0, fault.strength, days)
    return effects


@dataclass(frozen=True, slots=True)
class FaultRequest:
    """How many packs of a fleet get a fault: a number, or a share; strength None means drawn."""

    kind: str
    n_packs: int | None = None
    share_frac: float | None = None
    strength: float | None = None

    def n_of(self, n_packs: int) -> int:
        """Return how many of `n_packs` packs get it, at least one if any were asked for."""
        if self.n_packs is not None:
            return min(self.n_packs, n_packs)
        share = self.share_frac or 0.0
        return min(max(round(share * n_packs), 1 if share > 0 else 0), n_packs)


def parse_fault(text: str) -> FaultRequest:
    """Read `kind`, `kind:share`, `kind:number` or either with `:strength`.

    A number with a point is a share of the packs, one without is a count; nothing means one
    pack.

    Raises
    ------
    NotKnown
        If there is no such kind.
    OptionWrong
        If the share, the number or the strength is no such thing.

    Examples
    --------
    >>> parse_fault("internal-short:0.1")
    FaultRequest(kind='internal-short', n_packs=None, share_frac=0.1, strength=None)
    >>> parse_fault("weak-cell:2:0.2")
    FaultRequest(kind='weak-cell', n_packs=2, share_frac=None, strength=0.2)
    """
    name, *rest = [part.strip() for part in text.split(":")]
    kind = fault_kind(name)
    allowed = f"{name}, {name}:0.1 (share), {name}:3 (packs), {name}:3:{kind.strength_low}"
    try:
        if len(rest) > 2:
            raise ValueError
        how_many = rest[0] if rest else "1"
        strength = float(rest[1]) if len(rest) == 2 else None
        is_share = "." in how_many or "e" in how_many.lower()
        share = float(how_many) if is_share else None
        count = None if is_share else int(how_many)
    except ValueError as exc:
        raise OptionWrong("--fault", repr(text), allowed) from exc
    if share is not None and not 0.0 <= share <= 1.0:
        raise OptionWrong("--fault", f"a share of {share}", "0.0 to 1.0", f"write {allowed}")
    if count is not None and count < 0:
        raise OptionWrong("--fault", f"{count} packs", "0 or more", f"write {allowed}")
    if strength is not None and not strength > 0.0:
        raise OptionWrong("--fault", f"strength {strength} {kind.unit}", "above 0")
    return FaultRequest(name, count, share, strength)


def draw_fault(
    request: FaultRequest,
    n_cells: int,
    onset_from: datetime,
    onset_to: datetime,
    rng: np.random.Generator,
) -> Fault:
    """Return one fault as requested: its cell, onset and (where not given) strength drawn.

    The strength is drawn evenly over the logarithm between the kind's usual bounds.
    """
    kind = fault_kind(request.kind)
    cell = int(rng.integers(n_cells))
    onset = onset_from + (onset_to - onset_from) * float(rng.uniform())
    drawn = float(np.exp(rng.uniform(np.log(kind.strength_low), np.log(kind.strength_high))))
    strength = drawn if request.strength is None else request.strength
    return Fault(kind.name, strength, onset, cell if kind.is_of_cell else None)
