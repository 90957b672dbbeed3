"""Open-circuit voltage over state of charge, and what a voltage at rest says about the charge."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import isotonic_regression

from batteryloop.errors import ColumnMissing, InputWrong, ValueOutOfRange
from batteryloop.reference.ocv import ocv_curve
from batteryloop.telemetry.types import Finding

Array = NDArray[np.float64]

TYPICAL_SD_V = 0.02
MEASURED_SD_V = 0.004
# Half the gap between the branches of charge and discharge, where the curve is flat: a phase
# boundary moves, as in iron phosphate (Dreyer and others 2010, doi 10.1038/nmat2730, tell why).
HYSTERESIS_V = 0.015
_FLAT_V = 0.25
_REPAIR_MAX_V = 0.015
_SPAN_MIN_FRAC = 0.2
_TIE_V = 1e-7
_SLOW_PER_H = 0.1


@dataclass(frozen=True, slots=True)
class OcvCurve:
    """The open-circuit voltage of one cell over its state of charge.

    Parameters
    ----------
    soc_frac, voltage_v : array of float, shape (n,)
        Strictly rising, both. [1], [V]
    voltage_sd_v : float
        How far the curve may be off the cell at hand (standard deviation): ageing, hysteresis,
        temperature, another maker. [V]
    chemistry, source : str
        Whose curve it is, and where it comes from.
    findings : tuple of Finding
        What was put right when it was read.
    """

    soc_frac: Array
    voltage_v: Array
    voltage_sd_v: float = MEASURED_SD_V
    chemistry: str = ""
    source: str = ""
    findings: tuple[Finding, ...] = ()

    def voltage_at(self, soc_frac: ArrayLike) -> Array:
        """Return the voltage at `soc_frac` (any shape); beyond the ends, that of the end, in V."""
        return np.asarray(
            np.interp(np.asarray(soc_frac, dtype=float), self.soc_frac, self.voltage_v)
        )

    def soc_at(self, voltage_v: ArrayLike) -> Array:
        """Return the state of charge at `voltage_v` (any shape); beyond the ends, that of the end.

        Examples
        --------
        >>> curve = OcvCurve(np.array([0.0, 1.0]), np.array([3.0, 4.0]))
        >>> float(curve.soc_at(3.25))
        0.25
        """
        return np.asarray(
            np.interp(np.asarray(voltage_v, dtype=float), self.voltage_v, self.soc_frac)
        )

    def slope_at(self, soc_frac: ArrayLike) -> Array:
        """Return dV/dSoC at `soc_frac` (any shape), over two hundredths of the charge, in V."""
        soc = np.clip(np.asarray(soc_frac, dtype=float), self.soc_frac[0], self.soc_frac[-1])
        low = np.maximum(soc - 0.01, self.soc_frac[0])
        high = np.minimum(soc + 0.01, self.soc_frac[-1])
        return np.asarray((self.voltage_at(high) - self.voltage_at(low)) / (high - low))

    @property
    def is_flat(self) -> bool:
        """Whether the middle of the curve hardly rises: under 0.25 V for the whole charge.

        Examples
        --------
        >>> OcvCurve(np.array([0.0, 0.1, 0.9, 1.0]), np.array([2.5, 3.25, 3.33, 3.6])).is_flat
        True
        """
        return bool(self.voltage_at(0.8) - self.voltage_at(0.2) < 0.6 * _FLAT_V)

    @property
    def error_sd_v(self) -> float:
        """How far the curve may be off, hysteresis of a flat one included, in V."""
        return float(np.hypot(self.voltage_sd_v, HYSTERESIS_V if self.is_flat else 0.0))

    def soc_sd_at(self, voltage_v: ArrayLike, *, voltage_sd_v: ArrayLike) -> Array:
        """Return the standard deviation of the state of charge read at `voltage_v` (any shape).

        The voltage's own uncertainty, one for all or one for each, and the curve's are taken
        together. Half the distance to
        the charge at two standard deviations below or above, whichever is further: so a voltage
        on the steep edge of a plateau is not taken for surer than the plateau beside it.

        Examples
        --------
        >>> curve = OcvCurve(np.array([0.0, 1.0]), np.array([3.0, 4.0]), voltage_sd_v=0.003)
        >>> float(curve.soc_sd_at(3.5, voltage_sd_v=0.004).round(6))
        0.005
        """
        sd = np.hypot(voltage_sd_v, self.error_sd_v)
        v = np.asarray(voltage_v, dtype=float)
        here = self.soc_at(v)
        down = here - self.soc_at(v - 2 * sd)
        up = self.soc_at(v + 2 * sd) - here
        # A voltage that the curve cannot have tells nothing.
        is_off = (v < self.voltage_v[0] - 2 * sd) | (v > self.voltage_v[-1] + 2 * sd)
        return np.asarray(np.where(is_off, 0.5, np.minimum(np.maximum(down, up) / 2, 0.5)))


def typical_ocv(chemistry: str) -> OcvCurve:
    """Return the typical curve of `chemistry`, from `reference/ocv_curves.csv`.

    Another maker's cell of the same chemistry differs: `voltage_sd_v` is `TYPICAL_SD_V`.

    Raises
    ------
    NotKnown
        If there is no such chemistry or no curve of it.

    Examples
    --------
    >>> curve = typical_ocv("LFP")
    >>> curve.chemistry, curve.voltage_sd_v
    ('LFP', 0.02)
    """
    known = ocv_curve(chemistry)
    return OcvCurve(
        known.soc_frac, known.voltage_v, TYPICAL_SD_V, known.chemistry, f"typical: {known.source}"
    )


def ocv_from_table(
    table: pl.DataFrame,
    *,
    subject: str = "ocv table",
    chemistry: str = "",
    source: str = "",
    voltage_sd_v: float = MEASURED_SD_V,
) -> OcvCurve:
    """Return the curve in a table of `soc_frac` and `voltage_v`.

    Rows may come in any order. Where the voltage falls with the charge by no more than 15 mV it is
    made monotone (isotonic regression) and a finding says so.

    Parameters
    ----------
    table : polars.DataFrame
        At least four rows of `soc_frac` (0 to 1) and `voltage_v` (of one cell).
    subject : str
        What to call it in an error: the file's name.
    chemistry, source : str
        Kept with the curve.
    voltage_sd_v : float
        How far the curve may be off the cell at hand. [V]

    Raises
    ------
    ColumnMissing
        If a column is missing.
    ValueOutOfRange
        If a state of charge is outside 0 to 1 (percent?), a voltage outside 0.5 to 5.5 V (a
        pack's?), the charges cover less than a fifth, or the voltage falls by more than 15 mV.
    InputWrong
        If there are fewer than four rows with both numbers.

    Examples
    --------
    >>> table = pl.DataFrame({"soc_frac": [0.0, 0.5, 0.9, 1.0], "voltage_v": [3.0, 3.6, 4.0, 4.2]})
    >>> float(ocv_from_table(table).soc_at(3.8).round(3))
    0.7
    """
    soc, voltage = _columns(table, subject)
    if soc.min() < 0 or soc.max() > 1:
        raise ValueOutOfRange(
            subject,
            f"soc_frac from {soc.min():g} to {soc.max():g}",
            "0 to 1",
            "divide percent by 100" if soc.max() > 2 else "correct the table",
        )
    if voltage.min() < 0.5 or voltage.max() > 5.5:
        raise ValueOutOfRange(
            subject,
            f"voltage_v from {voltage.min():g} to {voltage.max():g} V",
            "0.5 to 5.5 V, the voltage of one cell",
            "divide a pack's voltage by its cells in series; give volts, not millivolts",
        )
    if np.ptp(soc) < _SPAN_MIN_FRAC:
        raise ValueOutOfRange(
            subject, f"soc_frac covers {np.ptp(soc):.2f}", "at least 0.2", "give more of the curve"
        )
    rising, findings = _risen(voltage, subject)
    return OcvCurve(soc, rising, voltage_sd_v, chemistry, source or subject, findings)


def _columns(table: pl.DataFrame, subject: str) -> tuple[Array, Array]:
    missing = [name for name in ("soc_frac", "voltage_v") if name not in table.columns]
    if missing:
        raise ColumnMissing(
            subject,
            f"no column {', '.join(missing)}; columns: {', '.join(table.columns[:12])}",
            "soc_frac and voltage_v",
            "name the columns so",
        )
    try:
        kept = table.select(pl.col("soc_frac", "voltage_v").cast(pl.Float64))
    except pl.exceptions.PolarsError as exc:
        raise InputWrong(
            subject, "a column is not numeric", "numbers", "correct the table"
        ) from exc
    kept = kept.filter(pl.all_horizontal(pl.all().is_finite())).sort("soc_frac")
    # One voltage for each state of charge: the mean of those given.
    kept = kept.group_by("soc_frac", maintain_order=True).agg(pl.col("voltage_v").mean())
    if kept.height < 4:
        raise InputWrong(
            subject, f"{kept.height} usable rows", "at least 4", "give more points of the curve"
        )
    return kept.get_column("soc_frac").to_numpy(), kept.get_column("voltage_v").to_numpy()


def _risen(voltage: Array, subject: str) -> tuple[Array, tuple[Finding, ...]]:
    if (np.diff(voltage) > 0).all():
        return voltage, ()
    risen = np.asarray(isotonic_regression(voltage).x, dtype=float)
    moved = float(np.abs(risen - voltage).max())
    if moved > _REPAIR_MAX_V:
        worst = int(np.argmax(np.abs(risen - voltage)))
        raise ValueOutOfRange(
            subject,
            f"the voltage falls with the charge (by {moved * 1000:.0f} mV about row {worst + 1})",
            "a voltage that rises with soc_frac",
            "give soc_frac as 1 for full, or smooth the curve",
        )
    findings = (
        (
            Finding(
                "ocv-not-monotone",
                "warning",
                "",
                f"{subject}: the voltage falls with the charge by up to {moved * 1000:.1f} mV;"
                " made monotone",
                "check the table",
            ),
        )
        if moved > 0
        else ()
    )
    return risen + _TIE_V * np.arange(risen.size), findings


@dataclass(frozen=True, slots=True)
class Sweep:
    """A slow charge or discharge of one cell from end to end.

    Arrays of shape (n,): charge since the sweep's begin, of either sign [Ah]; voltage [V]; the
    current's magnitude over the capacity [1/h].
    """

    charge_ah: Array
    voltage_v: Array
    c_rate_per_h: float


def ocv_from_sweeps(
    charge: Sweep | None, discharge: Sweep | None, *, chemistry: str = "", source: str = ""
) -> OcvCurve:
    """Return the curve between a slow charge and a slow discharge, or from one of them.

    At each state of charge the mean of both voltages; half their distance (hysteresis and
    resistance) goes into `voltage_sd_v`. From one direction alone the curve lies off by that
    much, which is then assumed: 10 mV at C/20, more in proportion.

    Raises
    ------
    InputWrong
        If neither is given.
    ValueOutOfRange
        If a sweep is faster than C/10, or its voltage goes the wrong way.

    Examples
    --------
    >>> q = np.linspace(0, 2, 5)
    >>> up, down = Sweep(q, 3.01 + q / 2, 0.05), Sweep(-q, 3.99 - q / 2, 0.05)
    >>> float(ocv_from_sweeps(up, down).voltage_at(0.5).round(3))
    3.5
    """
    given = [s for s in (charge, discharge) if s is not None]
    if not given:
        raise InputWrong("sweeps", "neither charge nor discharge", "at least one", "give one")
    for sweep in given:
        if sweep.c_rate_per_h > _SLOW_PER_H:
            raise ValueOutOfRange(
                "sweep",
                f"{sweep.c_rate_per_h:.3g} of the capacity an hour",
                f"at most {_SLOW_PER_H}",
                "use a slower charge or discharge",
            )
    soc = np.linspace(0, 1, 201)
    branches = [np.interp(soc, *_on_soc(sweep, is_charge=sweep is charge)) for sweep in given]
    if len(branches) == 2:
        half = np.abs(branches[0] - branches[1]) / 2
        sd = float(np.median(half)) / 2
    else:
        sd = 0.01 * given[0].c_rate_per_h / 0.05
    table = pl.DataFrame({"soc_frac": soc, "voltage_v": np.mean(branches, axis=0)})
    return ocv_from_table(
        table,
        subject="slow sweep",
        chemistry=chemistry,
        source=source or "slow sweep",
        voltage_sd_v=float(np.hypot(sd, 0.002)),
    )


def _on_soc(sweep: Sweep, *, is_charge: bool) -> tuple[Array, Array]:
    moved = np.abs(sweep.charge_ah - sweep.charge_ah[0])
    soc = moved / moved[-1] if is_charge else 1 - moved / moved[-1]
    order = np.argsort(soc, kind="stable")
    return soc[order], sweep.voltage_v[order]
