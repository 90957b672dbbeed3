"""How cells grow old: published calendar and cycle laws, carried forward under changing stress."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batteryloop.reference.ageing import AgeingLaw, AgeingTerm
from batteryloop.simulation.ageing_rates import RATES, Stress
from batteryloop.telemetry.types import Finding

Array = NDArray[np.float64]
DAY_S = 86_400.0
# a rate so low that it does nothing, in the unit of any law
SLOWEST = 1e-14


@dataclass(frozen=True, slots=True)
class Ageing:
    """What each cell has lost so far, by cause; every array has one value a cell.

    Losses of capacity are shares of the capacity when new, gains of resistance shares of the
    resistance when new.
    """

    capacity_calendar_frac: Array
    capacity_cycle_frac: Array
    resistance_calendar_frac: Array
    resistance_cycle_frac: Array
    age_days: float = 0.0
    efc: float = 0.0

    @classmethod
    def new(cls, n_cells: int) -> "Ageing":
        """Return the state of `n_cells` new cells."""
        zero = np.zeros(n_cells)
        return cls(zero, zero, zero, zero)

    @property
    def capacity_frac(self) -> Array:
        """Remaining capacity over capacity when new, at least 0.02."""
        loss = self.capacity_calendar_frac + self.capacity_cycle_frac
        return np.maximum(1.0 - loss, 0.02)

    @property
    def resistance_ratio_frac(self) -> Array:
        """Resistance over resistance when new."""
        return 1.0 + self.resistance_calendar_frac + self.resistance_cycle_frac

    def scaled(self, factor: float) -> "Ageing":
        """Return the state had every rate been `factor` times as high all along.

        Exact for these laws: each loss is its rate times a power of the span.
        """
        return Ageing(
            self.capacity_calendar_frac * factor,
            self.capacity_cycle_frac * factor,
            self.resistance_calendar_frac * factor,
            self.resistance_cycle_frac * factor,
            self.age_days,
            self.efc,
        )


def carried_on(loss_frac: Array, rate: Array, span: Array, exponent: Array) -> Array:
    """Return the loss after a further `span` at `rate`, from where `loss_frac` stands.

    The span that would have led to the present loss at the present rate is taken as gone by,
    so that a law rate x span^exponent can be followed while the rate changes.

    Examples
    --------
    >>> one, half = np.ones(1), np.array(0.5)
    >>> float(carried_on(carried_on(np.zeros(1), one, 2 * one, half), one, 7 * one, half)[0])
    3.0
    """
    safe = np.maximum(rate, SLOWEST)
    gone = (loss_frac / safe) ** (1.0 / exponent)
    further = safe * (gone + span) ** exponent
    return np.where(rate > SLOWEST, np.maximum(further, loss_frac), loss_frac)


def advance(
    law: AgeingLaw,
    state: Ageing,
    stress: Stress,
    *,
    duration_days: float,
    factor: Array,
) -> Ageing:
    """Return the state after `duration_days` under `stress`.

    Parameters
    ----------
    law : AgeingLaw
        Which laws; `law.factor` speeds them all up or slows them down.
    state : Ageing
        Where each cell stands.
    stress : Stress
        Mean stress over the span, one value a cell.
    duration_days : float
        How long. [days]
    factor : array, shape (n_cells,)
        How much faster than the law each cell ages. [1]

    Returns
    -------
    Ageing
        Never less lost than before.
    """
    quick = np.asarray(factor) * law.factor
    efc = stress.efc_per_day * duration_days

    def after(term: AgeingTerm, loss_frac: Array) -> Array:
        rate = RATES[term.form](term.parameters, stress) * quick
        if term.cause == "calendar":
            span = np.array(duration_days * DAY_S / term.parameters.get("unit_s", DAY_S))
        else:
            span = efc * term.parameters.get("ah_per_efc", 1.0)
        return carried_on(loss_frac, rate, span, np.array(term.exponent))

    capacity_calendar = after(law.capacity_calendar, state.capacity_calendar_frac)
    capacity_cycle = after(law.capacity_cycle, state.capacity_cycle_frac)

    def resistance_after(term: AgeingTerm, gain: Array, lost: Array) -> Array:
        if term.form == "of-capacity":
            return np.asarray(gain + term.parameters["factor"] * lost)
        return after(term, gain)

    return Ageing(
        capacity_calendar,
        capacity_cycle,
        resistance_after(
            law.resistance_calendar,
            state.resistance_calendar_frac,
            capacity_calendar - state.capacity_calendar_frac,
        ),
        resistance_after(
            law.resistance_cycle,
            state.resistance_cycle_frac,
            capacity_cycle - state.capacity_cycle_frac,
        ),
        state.age_days + duration_days,
        state.efc + float(np.mean(efc)),
    )


def past_valid_range(
    law: AgeingLaw, state: Ageing, stress: Stress, battery_id: str
) -> list[Finding]:
    """Return a finding for each side on which a law is used past its measurements."""
    limits, temperature = law.valid, float(np.mean(stress.temperature_degc))
    told = []
    if not limits.temperature_low_degc <= temperature <= limits.temperature_high_degc:
        told.append(
            f"mean temperature {temperature:.0f} °C, calendar law measured at "
            f"{limits.temperature_low_degc:.0f} to {limits.temperature_high_degc:.0f} °C"
        )
    if not limits.cycle_temperature_low_degc <= temperature <= limits.cycle_temperature_high_degc:
        told.append(
            f"mean temperature {temperature:.0f} °C, cycle law measured at "
            f"{limits.cycle_temperature_low_degc:.0f} to "
            f"{limits.cycle_temperature_high_degc:.0f} °C"
        )
    c_rate = float(np.max(stress.c_rate_per_h))
    if c_rate > limits.c_rate_high_per_h:
        told.append(f"mean rate {c_rate:.1f} C, measured up to {limits.c_rate_high_per_h:.1f} C")
    loss = float(1.0 - np.min(state.capacity_frac))
    if loss > limits.loss_high_frac:
        told.append(f"{loss:.0%} lost, measured up to {limits.loss_high_frac:.0%}")
    if law.stands_in_for:
        told.append(f"the law of {law.chemistry} stands in for {law.stands_in_for}")
    return [
        Finding(
            rule="ageing-law-valid-range",
            severity="note",
            battery_id=battery_id,
            found=f"simulated ageing: {text}",
            next_step="take the simulated age as plausible, not as predicted",
        )
        for text in told
    ]
