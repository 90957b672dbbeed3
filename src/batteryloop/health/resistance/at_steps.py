"""Resistance from current steps, at one temperature and in the middle of the charge."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import stats

from batteryloop.health.interval import Array, median_interval, normal_quantile
from batteryloop.health.trace import Trace
from batteryloop.quantities import Estimate
from batteryloop.reference.chemistries import ResistanceActivation

METHOD = "current-step v1"
RATIO_METHOD = "current-step-ratio v1"
REFERENCE_DEGC = 25.0
VALID_RANGE_DEGC = (0.0, 45.0)

_GAS_J_PER_MOL_K = 8.314462618
_ZERO_K = 273.15
# Bands and spans in order of preference: the middle of the charge, about a second.
_BANDS_FRAC = ((0.2, 0.8), (0.8, 1.0), (0.0, 0.2))
_SPANS_S = ((0.3, 2.5), (0.0, 0.3), (2.5, 12.0), (12.0, 61.0))
_ENOUGH = 8
_NEAR_K = 5.0
_ENOUGH_NEAR = 4
_RECENT_FRAC = 0.2
_RECENT_LEAST = 30
_PRIOR_FRAC = 0.05
_FIT_SPAN_K = 10.0
_FIT_MOST = 400
_EARLY_FRAC = 0.1
_APART_CYCLES = 20.0
_APART_DAYS = 60.0


@dataclass(frozen=True, slots=True)
class Activation:
    """How strongly resistance follows temperature, with standard deviation, and where from."""

    energy_j_per_mol: float
    energy_sd_j_per_mol: float
    source: str


def normalised(resistance_ohm: Array, temperature_degc: Array, energy_j_per_mol: float) -> Array:
    """Return the resistances as they would be at 25 °C, by Arrhenius' law.

    R(25 °C) = R(T) exp(-E/R (1/T - 1/298.15 K)). Where the temperature is unknown (NaN) the
    resistance is left as it is.

    Parameters
    ----------
    resistance_ohm, temperature_degc : array of float, shape (n,)
        [ohm], [°C]
    energy_j_per_mol : float
        Activation energy. [J/mol]

    Examples
    --------
    >>> cold = normalised(np.array([2.0]), np.array([10.0]), 20_000.0)
    >>> float(cold.round(2)[0])
    1.3
    """
    inverse = 1 / (temperature_degc + _ZERO_K) - 1 / (REFERENCE_DEGC + _ZERO_K)
    factor = np.exp(-energy_j_per_mol / _GAS_J_PER_MOL_K * inverse)
    return np.asarray(resistance_ohm * np.where(np.isfinite(factor), factor, 1.0))


def activation_of(pulses: pl.DataFrame, reference: ResistanceActivation) -> Activation:
    """Return the activation energy: from the battery's own pulses where they span 10 K, else cited.

    The fit is the median slope (Theil-Sen) of ln R over 1/T; its interval goes into the result.
    """
    known = pulses.drop_nulls(["temperature_degc", "resistance_ohm"])
    if known.height >= 2 * _ENOUGH:
        if known.height > _FIT_MOST:
            known = known.gather_every(known.height // _FIT_MOST)
        temperature = known.get_column("temperature_degc").to_numpy()
        low, high = np.percentile(temperature, [10, 90])
        if high - low >= _FIT_SPAN_K:
            y = np.log(known.get_column("resistance_ohm").to_numpy())
            slope, _, slope_low, slope_high = stats.theilslopes(y, 1 / (temperature + _ZERO_K), 0.9)
            sd = (slope_high - slope_low) / (2 * normal_quantile(0.9))
            energy = float(np.clip(slope * _GAS_J_PER_MOL_K, 0.0, 80_000.0))
            # The law itself is off: no battery follows it by better than a fifth.
            sd = float(np.hypot(sd * _GAS_J_PER_MOL_K, 0.2 * energy))
            return Activation(energy, sd, f"own fit over {high - low:.0f} K")
    return Activation(
        reference.activation_energy_j_per_mol,
        reference.activation_energy_sd_j_per_mol,
        "reference table",
    )


def eligible(pulses: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """Return the pulses that may be compared, and in words what they have in common.

    Of one class of span (about a second, if there are enough) and, where the state of charge is
    known, of one band: the middle of the charge (20 to 80 %), else near full, else near empty.
    """
    if pulses.is_empty():
        return pulses, ""
    span = pl.col("span_s")
    classes = [pulses.filter((span > low) & (span <= high)) for low, high in _SPANS_S]
    filled = [c for c in classes if not c.is_empty()]
    chosen = next((c for c in filled if c.height >= _ENOUGH), max(filled, key=lambda c: c.height))
    words = f"after {_median(chosen, 'span_s'):.2g} s"
    if chosen.get_column("soc_frac").null_count() == chosen.height:
        return chosen, f"{words}, at any charge"
    bands = [
        (chosen.filter(pl.col("soc_frac").is_between(low, high)), f"{low:.0%}-{high:.0%} charged")
        for low, high in _BANDS_FRAC
    ]
    enough = [band for band in bands if band[0].height >= min(_ENOUGH, chosen.height // 3)]
    same, where = enough[0] if enough else (chosen, "at any charge")
    return same, f"{words}, {where.replace('%-', '-').replace('%', ' %')}"


def resistance(
    pulses: pl.DataFrame,
    trace: Trace,
    reference: ResistanceActivation,
    *,
    confidence_frac: float,
) -> tuple[Estimate, pl.DataFrame]:
    """Return the battery's resistance at 25 °C now, and the pulses with their value at 25 °C.

    Parameters
    ----------
    pulses : polars.DataFrame
        As `steps.step_pulses` returns them.
    trace : Trace
        One battery's samples.
    reference : ResistanceActivation
        Cited activation energy.
    confidence_frac : float
        In (0, 1).

    Notes
    -----
    Median of the last fifth of the comparable pulses (at least 30), those within 5 K of the
    temperature nearest to 25 °C that has enough; what is left to 25 °C is corrected by Arrhenius'
    law, and the uncertainty of the activation energy widens the interval. Valid from 0 to 45 °C;
    no battery follows the law closely, so keep to pulses near 25 °C where there are some.
    """
    activation = activation_of(pulses, reference)
    table = _with_normal(pulses, activation)
    usable, words = eligible(table)
    if usable.is_empty():
        why = _no_pulse_reason(trace)
        return (
            Estimate.unknown("resistance_ohm", METHOD, why, confidence_frac=confidence_frac),
            table,
        )
    recent = usable.tail(max(_RECENT_LEAST, int(_RECENT_FRAC * usable.height)))
    near, temperature = _near_reference(recent)
    value, low, high = _median_interval(near, trace, activation, confidence_frac)
    estimate = Estimate(
        "resistance_ohm",
        value,
        max(low, 0.0),
        high,
        confidence_frac,
        f"{METHOD} ({words}, {_temperature_words(temperature, activation)})",
        n_rows=near.height,
        n_segments=near.height,
    )
    return estimate, table


def resistance_ratio(
    pulses: pl.DataFrame, trace: Trace, *, capacity_ah: float | None, confidence_frac: float
) -> Estimate:
    """Return the resistance now over that at the beginning of the record.

    First against last tenth of the comparable pulses near one temperature; between them must lie
    20 equivalent cycles or 60 days. What the resistance was before the record cannot be known.

    Parameters
    ----------
    pulses : polars.DataFrame
        With their value at 25 °C, as `resistance` returns them.
    trace : Trace
        One battery's samples.
    capacity_ah : float, optional
        For the equivalent cycles in the record. [Ah]
    confidence_frac : float
        In (0, 1).
    """
    usable, words = eligible(pulses)
    usable, _ = _near_reference(usable)
    n_group = max(_ENOUGH, int(_EARLY_FRAC * usable.height))

    def unknown(why: str) -> Estimate:
        return Estimate.unknown(
            "resistance_ratio_frac", RATIO_METHOD, why, confidence_frac=confidence_frac
        )

    if usable.height < 2 * n_group:
        return unknown(f"{usable.height} comparable current steps are too few to compare")
    began, ended = (usable.item(row, "time") for row in (n_group - 1, -n_group))
    days = (ended - began).total_seconds() / 86_400
    share = days * 8.64e10 / max(float(trace.time_us[-1] - trace.time_us[0]), 1.0)
    n_cycles = share * trace.throughput_ah / (2 * capacity_ah) if capacity_ah else 0.0
    if n_cycles < _APART_CYCLES and days < _APART_DAYS:
        return unknown("the record spans too little to compare with its beginning")
    bounds = []
    for group in (usable.head(n_group), usable.tail(n_group)):
        values = group.get_column("resistance_normal_ohm").to_numpy()
        bounds.append(
            median_interval(
                values,
                prior_sd_frac=_PRIOR_FRAC,
                shared_sd_frac=0.0,
                confidence_frac=confidence_frac,
            )
        )
    (then, then_low, then_high), (now, now_low, now_high) = bounds
    ratio = now / then
    below = float(np.hypot((now - now_low) / now, (then_high - then) / then))
    above = float(np.hypot((now_high - now) / now, (then - then_low) / then))
    return Estimate(
        "resistance_ratio_frac",
        ratio,
        max(ratio * (1 - below), 0.0),
        ratio * (1 + above),
        confidence_frac,
        f"{RATIO_METHOD} ({words}, over the beginning of the record)",
        n_rows=2 * n_group,
        n_segments=2 * n_group,
    )


def _with_normal(pulses: pl.DataFrame, activation: Activation) -> pl.DataFrame:
    if pulses.is_empty():
        return pulses
    columns = pulses.select(
        pl.col("resistance_ohm", "temperature_degc").cast(pl.Float64).fill_null(np.nan)
    )
    values = normalised(
        columns.get_column("resistance_ohm").to_numpy(),
        columns.get_column("temperature_degc").to_numpy(),
        activation.energy_j_per_mol,
    )
    return pulses.with_columns(pl.Series("resistance_normal_ohm", values))


def _near_reference(recent: pl.DataFrame) -> tuple[pl.DataFrame, float | None]:
    """Return the pulses within 5 K of the temperature nearest to 25 °C that has enough of them."""
    known = recent.drop_nulls("temperature_degc")
    if known.is_empty():
        return recent, None
    temperature = known.get_column("temperature_degc").to_numpy()
    for middle in temperature[np.argsort(np.abs(temperature - REFERENCE_DEGC))]:
        is_near = np.abs(temperature - middle) <= _NEAR_K
        if is_near.sum() >= min(_ENOUGH_NEAR, temperature.size):
            near = known.filter(pl.Series(is_near))
            return near, _median(near, "temperature_degc")
    return known, _median(known, "temperature_degc")


def _median_interval(
    near: pl.DataFrame, trace: Trace, activation: Activation, confidence_frac: float
) -> tuple[float, float, float]:
    values = near.get_column("resistance_normal_ohm").to_numpy()
    instrument = trace.instrument
    gain = float(np.hypot(instrument.current_gain_sd_frac, instrument.voltage_gain_sd_frac))
    kelvin = near.get_column("temperature_degc").drop_nulls().to_numpy() + _ZERO_K
    away = (
        float(np.median(np.abs(1 / kelvin - 1 / (REFERENCE_DEGC + _ZERO_K)))) if kelvin.size else 0
    )
    law = activation.energy_sd_j_per_mol / _GAS_J_PER_MOL_K * away
    return median_interval(
        values,
        prior_sd_frac=_PRIOR_FRAC,
        shared_sd_frac=float(np.hypot(gain, law)),
        confidence_frac=confidence_frac,
    )


def _median(table: pl.DataFrame, column: str) -> float:
    return float(np.median(table.get_column(column).drop_nulls().to_numpy()))


def _temperature_words(temperature: float | None, activation: Activation) -> str:
    if temperature is None:
        return "temperature unknown"
    if abs(temperature - REFERENCE_DEGC) < 1.0:
        return "25 °C"
    return f"{temperature:.0f} °C taken to 25 °C by the {activation.source}"


def _no_pulse_reason(trace: Trace) -> str:
    if not trace.current_scale_a > 0:
        return "no current flows"
    return f"no steady current step of {0.2 * trace.current_scale_a:.3g} A or more within a minute"
