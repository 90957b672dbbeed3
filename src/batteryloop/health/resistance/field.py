"""Resistance from ordinary use, no pulse test needed, and how it grows.

Recursive least squares with forgetting on a circuit of one resistor and one resistor-capacitor
pair (Plett 2004, doi 10.1016/j.jpowsour.2004.02.033, names the circuit; the least squares are
of the voltage's changes, so that the open-circuit voltage need not be known).
"""

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from scipy import stats

from batteryloop.health.trace import Array, Ints, Trace
from batteryloop.quantities import Estimate
from batteryloop.reference.chemistries import ResistanceActivation
from batteryloop.telemetry.frame import TIME

METHOD = "recursive-1rc v1"
REFERENCE_DEGC = 25.0
REFERENCE_SOC_FRAC = 0.5
VALID_SAMPLING_S = (1.0, 60.0)

_MOST_READINGS = 512
# As the kernel lays them out; it is not imported before it is needed.
_N_STATE, _N_READING, _OF_MODELS, _N_OF_MODEL = 37, 18, 4, 7
_SPAN = 14
_TIME, _DEGC, _SOC, _ROWS = range(4)
_EMIT_LEAST_ROWS = 200
_WORST_FRAC = 0.3
_LEAST_READINGS = 6
_LEAST_FOR_TREND = 12
_LEAST_DAYS = 120.0
_CLUSTER_DAYS = 7.0
_LEAST_CLUSTERS = 8
# Of the bend (of 10 K squared), the slope and the bend over the charge: what batteries show.
_SHAPE_PRIORS = ((0.0, 0.03), (0.0, 0.2), (0.0, 0.5))
# No battery follows Arrhenius' law by better than a fifth of what it corrects.
_LAW_SD_FRAC = 0.2
# One pair stands for many: what it says after ten seconds is off by so much.
_MODEL_SD_FRAC = 0.05
# Sampled more slowly than ten seconds, what the battery does within them is not seen.
_UNSEEN_SD_FRAC = 0.1
_SEEN_S = 10.0
_GAS_J_PER_MOL_K = 8.314462618
_YEAR_S = 365.25 * 86_400
_ZERO_K = 273.15

READINGS: dict[str, pl.DataType] = {
    "time": TIME,
    "temperature_degc": pl.Float64(),
    "soc_frac": pl.Float64(),
    "n_rows": pl.Float64(),
    "series_ohm": pl.Float64(),
    "resistance_10s_ohm": pl.Float64(),
    "resistance_total_ohm": pl.Float64(),
    "series_sd_ohm": pl.Float64(),
    "resistance_10s_sd_ohm": pl.Float64(),
    "resistance_total_sd_ohm": pl.Float64(),
}


@dataclass(frozen=True, slots=True)
class ResistanceState:
    """All that is kept of a battery between two arrivals of rows: at most 512 readings.

    `recursion` has 37 numbers; `readings` one row a reading, 18 numbers each: time in seconds
    since the epoch, temperature, state of charge, rows, and what either model says.
    """

    recursion: Array = field(default_factory=lambda: np.zeros(_N_STATE))
    readings: Array = field(default_factory=lambda: np.zeros((0, _N_READING)))

    @property
    def n_bytes(self) -> int:
        """How large it is."""
        return int(self.recursion.nbytes + self.readings.nbytes)

    def of_best_model(self) -> Array:
        """Return the readings of the model that left less unexplained over all, shape (n, 10)."""
        models = self.readings[:, _OF_MODELS:].reshape(-1, 2, _N_OF_MODEL)
        best = int(np.argmin(models[:, :, -1].sum(axis=0))) if models.size else 0
        return np.hstack([self.readings[:, :_OF_MODELS], models[:, best, :-1]])

    def table(self) -> pl.DataFrame:
        """Return the readings of the better model as a table, columns `READINGS`."""
        rows = self.of_best_model()
        columns = {
            name: pl.Series(rows[:, k]).fill_nan(None) if k else (rows[:, 0] * 1e6).astype(np.int64)
            for k, name in enumerate(READINGS)
        }
        return pl.DataFrame(columns).select(pl.col(name).cast(t) for name, t in READINGS.items())


@dataclass(frozen=True, slots=True)
class FieldResistance:
    """Resistance at 25 °C and half charge now, and its growth, with the readings behind them.

    `series_ohm` is what answers at once, `resistance_10s_ohm` after ten seconds,
    `resistance_total_ohm` when the pair has settled: of the battery, between its terminals.
    `trend_per_year` is the relative growth of `resistance_10s_ohm` in a year,
    `series_trend_per_year` that of `series_ohm`.
    """

    series_ohm: Estimate
    resistance_10s_ohm: Estimate
    resistance_total_ohm: Estimate
    trend_per_year: Estimate
    series_trend_per_year: Estimate
    readings: pl.DataFrame


def take_in(
    state: ResistanceState,
    time_us: Ints,
    current_a: Array,
    voltage_v: Array,
    temperature_degc: Array,
    soc_frac: Array,
) -> ResistanceState:
    """Return the state after more rows; all at once or in parts gives the same.

    Parameters
    ----------
    state : ResistanceState
        Of this battery so far; a new one has seen nothing.
    time_us : array of int, shape (n,)
        Since the epoch, going on from what was taken in before. [µs]
    current_a, voltage_v : array of float, shape (n,)
        Of the battery; rows with NaN are passed over. [A], [V]
    temperature_degc, soc_frac : array of float, shape (n,)
        NaN where unknown. [°C], [1]

    Examples
    --------
    >>> rows = np.arange(2000)
    >>> amps = np.where(rows // 10 % 2 == 0, -20.0, 20.0)
    >>> unknown = np.full(2000, np.nan)
    >>> after = take_in(ResistanceState(), rows * 1_000_000, amps, 350 + 0.1 * amps, unknown,
    ...                 unknown)
    >>> after.recursion.size, after.n_bytes < 80_000
    (37, True)
    """
    from batteryloop.health.resistance.field_kernel import run  # numba: half a second to import

    recursion = state.recursion.copy()
    found = np.zeros((time_us.size // _EMIT_LEAST_ROWS + 1, _N_READING))
    rows = (
        np.ascontiguousarray(a, np.float64)
        for a in (current_a, voltage_v, temperature_degc, soc_frac)
    )
    amps, volts, degc, soc = rows
    n = run(
        recursion,
        np.ascontiguousarray(time_us, np.int64),
        amps,
        volts,
        degc,
        soc,
        found,
    )
    readings = state.readings
    for reading in found[:n]:
        readings = np.vstack([readings, reading])
        if readings.shape[0] > _MOST_READINGS:
            readings = _merged(readings)
    return ResistanceState(recursion, readings)


def _merged(readings: Array) -> Array:
    """Return fewer readings: each two neighbours of the older three quarters as one."""
    n_old = readings.shape[0] * 3 // 4 // 2 * 2
    old = readings[:n_old].reshape(-1, 2, readings.shape[1])
    weight = np.broadcast_to(old[:, :, _ROWS : _ROWS + 1], old.shape)
    is_known = np.isfinite(old)
    known = np.sum(np.where(is_known, weight, 0.0), axis=1)
    summed = np.sum(np.where(is_known, old * weight, 0.0), axis=1)
    both = np.where(known > 0, summed / np.where(known > 0, known, 1.0), np.nan)
    both[:, _ROWS] = old[:, :, _ROWS].sum(axis=1)
    for model in range(2):
        sds = slice(_OF_MODELS + model * _N_OF_MODEL + 3, _OF_MODELS + model * _N_OF_MODEL + 6)
        share = weight[:, :, sds] / both[:, None, _ROWS : _ROWS + 1]
        both[:, sds] = np.sqrt(np.sum((share * old[:, :, sds]) ** 2, axis=1))
    return np.vstack([both, readings[n_old:]])


def field_resistance(
    trace: Trace, reference: ResistanceActivation, *, confidence_frac: float = 0.9
) -> FieldResistance:
    """Return the resistance that ordinary use shows, and its trend.

    Parameters
    ----------
    trace : Trace
        One battery's samples.
    reference : ResistanceActivation
        Cited activation energy, where the readings' temperatures do not tell.
    confidence_frac : float, default 0.9
        In (0, 1).
    """
    state = take_in(
        ResistanceState(),
        trace.time_us,
        trace.current_a,
        trace.cell_voltage_v * trace.n_cells_series,
        trace.temperature_degc,
        trace.soc_frac,
    )
    gain = float(
        np.hypot(trace.instrument.current_gain_sd_frac, trace.instrument.voltage_gain_sd_frac)
    )
    return judge(state, reference, gain_sd_frac=gain, confidence_frac=confidence_frac)


def judge(
    state: ResistanceState,
    reference: ResistanceActivation,
    *,
    gain_sd_frac: float = 0.006,
    confidence_frac: float = 0.9,
) -> FieldResistance:
    """Return what the readings of a state say at 25 °C and half charge.

    ln R = a + b t + (E/R)(1/T - 1/298 K) + bend + c (s - 1/2) + d (s - 1/2)^2, by weighted least
    squares that counts far-off readings less (Huber). E starts from the reference row with its
    standard deviation. Readings of one week count as one cluster for the interval: their errors
    are alike, and leaving out one week at a time shows how much they matter (jackknife; Miller
    1974, doi 10.1093/biomet/61.1.1).

    Parameters
    ----------
    state : ResistanceState
        What `take_in` returned.
    reference : ResistanceActivation
        Cited activation energy.
    gain_sd_frac : float, default 0.006
        Relative standard deviation of the instruments' gain: it shifts the level, and may
        wander by as much over the record.
    confidence_frac : float, default 0.9
        In (0, 1).
    """
    table = state.table()
    rows = state.of_best_model()
    relative = rows[:, 8] / np.clip(rows[:, 5], 1e-12, None)
    rows = rows[relative < _WORST_FRAC]
    if rows.shape[0] < _LEAST_READINGS:
        why = (
            f"{rows.shape[0]} usable readings of {_EMIT_LEAST_ROWS} changes of the current each,"
            f" {_LEAST_READINGS} needed"
        )

        def unknown(name: str) -> Estimate:
            return Estimate.unknown(name, METHOD, why, confidence_frac=confidence_frac)

        ohm = "resistance_ohm"
        growth = unknown("resistance_trend_per_year")
        return FieldResistance(unknown(ohm), unknown(ohm), unknown(ohm), growth, growth, table)
    design, prior, words = _design(rows, reference)
    span_s = float(state.recursion[_SPAN])
    levels, growths = [], []
    for k in (4, 5, 6):
        fit = _fit(design, prior, rows, k)
        away = float(np.abs(np.average(design[:, 2], weights=rows[:, _ROWS]))) * abs(fit.values[2])
        unseen = _UNSEEN_SD_FRAC * float(np.log(max(span_s / _SEEN_S, 1.0)))
        doubt = float(np.sqrt(gain_sd_frac**2 + (_LAW_SD_FRAC * away) ** 2 + unseen**2))
        levels.append(_level(fit, rows, doubt, confidence_frac, words))
        growths.append(_trend(fit, rows, gain_sd_frac, confidence_frac, words))
    series, soon, total = levels
    return FieldResistance(series, soon, total, growths[1], growths[0], table)


@dataclass(frozen=True, slots=True)
class _Fit:
    values: Array
    covariance: Array
    n_clusters: int


def _design(rows: Array, reference: ResistanceActivation) -> tuple[Array, Array, str]:
    """Return regressors (time counted back from the last reading), priors (mean, sd), in words."""
    years = (rows[:, 0] - rows[-1, 0]) / _YEAR_S
    inverse = 1 / (rows[:, _DEGC] + _ZERO_K) - 1 / (REFERENCE_DEGC + _ZERO_K)
    is_known = np.isfinite(inverse)
    middle = float(np.median(inverse[is_known])) if is_known.any() else 0.0
    heat = np.where(is_known, inverse, middle) / _GAS_J_PER_MOL_K
    soc = (
        np.where(np.isfinite(rows[:, _SOC]), rows[:, _SOC], REFERENCE_SOC_FRAC) - REFERENCE_SOC_FRAC
    )
    # In units in which 10 K make about 1.
    bend = (heat * _GAS_J_PER_MOL_K / 1.1e-4) ** 2
    design = np.stack([np.ones(years.size), years, heat, bend, soc, soc**2], axis=1)
    law = (reference.activation_energy_j_per_mol, reference.activation_energy_sd_j_per_mol)
    prior = np.array([(0.0, np.inf), (0.0, np.inf), law, *_SHAPE_PRIORS])
    temperature = "temperature unknown" if not is_known.any() else "25 °C"
    charge = "half charge" if np.isfinite(rows[:, _SOC]).any() else "charge unknown"
    return design, prior, f"{temperature}, {charge}"


def _fit(design: Array, prior: Array, rows: Array, k: int) -> _Fit:
    y = np.log(np.clip(rows[:, k], 1e-12, None))
    noise = np.clip(rows[:, k + 3] / np.clip(rows[:, k], 1e-12, None), 1e-4, None)
    cluster = np.floor((rows[:, 0] - rows[0, 0]) / (_CLUSTER_DAYS * 86_400)).astype(np.int64)
    with np.errstate(divide="ignore"):
        known = np.diag(1 / prior[:, 1] ** 2)
    scatter, huber = 0.05, np.ones(y.size)
    values: Array = np.zeros(design.shape[1])
    for _ in range(12):
        weight = huber / (noise**2 + scatter**2)
        normal = design.T @ (design * weight[:, None]) + known
        values = np.asarray(
            np.linalg.solve(normal, design.T @ (weight * y) + known @ prior[:, 0]), dtype=np.float64
        )
        left = y - design @ values
        spread = 1.4826 * float(np.median(np.abs(left)))
        scatter = float(np.sqrt(max(spread**2 - np.median(noise) ** 2, 1e-4**2)))
        sd = np.sqrt(noise**2 + scatter**2)
        huber = np.minimum(1.0, 1.5 * sd / np.clip(np.abs(left), 1e-12, None))
    weight = huber / (noise**2 + scatter**2)
    names, place = np.unique(cluster, return_inverse=True)
    gram = np.zeros((names.size, design.shape[1], design.shape[1]))
    right = np.zeros((names.size, design.shape[1]))
    np.add.at(gram, place, design[:, :, None] * (design * weight[:, None])[:, None, :])
    np.add.at(right, place, design * (weight * y)[:, None])
    whole, side = gram.sum(axis=0) + known, right.sum(axis=0) + known @ prior[:, 0]
    ridge = 1e-9 * np.diag(np.diag(whole))
    without = np.stack(
        [np.linalg.solve(whole - g + ridge, side - r) for g, r in zip(gram, right, strict=True)]
    )
    apart = without - values
    n = names.size
    inverse = np.linalg.inv(whole)
    # The priors are data too, and what they leave open belongs to the result.
    covariance = (n - 1) / n * apart.T @ apart + inverse @ known @ inverse
    return _Fit(values, covariance, n)


def _level(
    fit: _Fit, rows: Array, doubt_frac: float, confidence_frac: float, words: str
) -> Estimate:
    degrees = max(fit.n_clusters - 2, 1)
    sd = float(np.sqrt(fit.covariance[0, 0] + doubt_frac**2 + _MODEL_SD_FRAC**2))
    half = float(stats.t.ppf(0.5 + confidence_frac / 2, degrees)) * sd
    value = float(np.exp(fit.values[0]))
    return Estimate(
        "resistance_ohm",
        value,
        value * float(np.exp(-half)),
        value * float(np.exp(half)),
        confidence_frac,
        f"{METHOD} ({words})",
        n_rows=int(rows[:, _ROWS].sum()),
        n_segments=rows.shape[0],
    )


def _trend(
    fit: _Fit, rows: Array, gain_sd_frac: float, confidence_frac: float, words: str
) -> Estimate:
    name = "resistance_trend_per_year"
    days = float(rows[-1, 0] - rows[0, 0]) / 86_400
    why = ""
    if days < _LEAST_DAYS:
        why = f"the readings span {days:.0f} days, {_LEAST_DAYS:.0f} needed for a trend"
    elif rows.shape[0] < _LEAST_FOR_TREND or fit.n_clusters < _LEAST_CLUSTERS:
        why = f"{rows.shape[0]} readings in {fit.n_clusters} weeks are too few for a trend"
    if why:
        return Estimate.unknown(name, METHOD, why, confidence_frac=confidence_frac)
    reach = float(stats.t.ppf(0.5 + confidence_frac / 2, max(fit.n_clusters - 4, 1)))
    # Within its gain's tolerance a sensor may drift from one end of the record to the other.
    drift = gain_sd_frac * 365.25 / days
    half = reach * float(np.sqrt(fit.covariance[1, 1] + drift**2))
    middle = float(fit.values[1])
    return Estimate(
        name,
        float(np.expm1(middle)),
        float(np.expm1(middle - half)),
        float(np.expm1(middle + half)),
        confidence_frac,
        f"{METHOD} ({words}, {days:.0f} days)",
        n_rows=int(rows[:, _ROWS].sum()),
        n_segments=rows.shape[0],
    )
