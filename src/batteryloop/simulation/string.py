"""One pack's string of cells: each drawn around the type, and carried from day to day."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batteryloop.reference.cells import CellParameters, cell_parameters
from batteryloop.reference.chemistries import Chemistry, chemistry, resistance_activation
from batteryloop.reference.ocv import OcvCurve, ocv_curve
from batteryloop.simulation import layout
from batteryloop.simulation.ageing import Ageing
from batteryloop.simulation.ageing_rates import Stress, arrhenius
from batteryloop.simulation.duties import Duty
from batteryloop.simulation.faults import Effects
from batteryloop.simulation.layout import Rules, Steps, Tables

Array = NDArray[np.float64]
DAY_S = 86_400.0
N_TABLE = 2001


@dataclass(frozen=True, slots=True)
class Made:
    """What a pack was made of: drawn once; arrays have one value a cell."""

    rated_capacity_ah: float
    chemistry: Chemistry
    parameters: CellParameters
    curve: OcvCurve
    capacity_ah: Array
    r0_ohm: Array
    r1_ohm: Array
    r2_ohm: Array
    self_discharge_a: Array
    ageing_factor: Array
    cooling: Array
    heat_j_per_k: Array
    soc_first_frac: Array

    @property
    def n_cells(self) -> int:
        """How many cells in series."""
        return int(self.capacity_ah.shape[0])


@dataclass(slots=True)
class Run:
    """The state that runs through the days; changed in place."""

    state: Array
    memory: Array


@dataclass(frozen=True, slots=True)
class DayRun:
    """What a day gave: voltages and temperatures at each step's end, and each cell's stress."""

    cell_v: NDArray[np.float32]
    temperature_degc: NDArray[np.float32]
    current_a: Array
    soc_frac: Array
    n_balancing: NDArray[np.int64]
    stress: Stress
    sums: Array


def make_string(
    chemistry_name: str, rated_capacity_ah: float, n_cells: int, rng: np.random.Generator
) -> Made:
    """Draw `n_cells` new cells of a type, with the spread of `cell_parameters.csv`.

    Cells in the middle of the pack are cooled a tenth less than those at its ends.

    Examples
    --------
    >>> made = make_string("LFP", 100.0, 16, np.random.Generator(np.random.PCG64(1)))
    >>> bool(abs(made.capacity_ah.mean() - 102.0) < 0.5)
    True
    """
    kind, parameters = chemistry(chemistry_name), cell_parameters(chemistry_name)
    n = n_cells
    capacity = rated_capacity_ah * (1.0 + parameters.capacity_over_rated_frac)
    capacity_ah = capacity * (1.0 + parameters.capacity_sd_frac * rng.standard_normal(n))
    ohm = (1.0 + parameters.resistance_sd_frac * rng.standard_normal(n)) / rated_capacity_ah
    spread = np.exp(parameters.self_discharge_sd_frac * rng.standard_normal(n))
    ageing = np.exp(parameters.ageing_sd_frac * rng.standard_normal(n))
    place = np.abs(np.linspace(-1.0, 1.0, n)) if n > 1 else np.ones(1)
    mass_kg = kind.cell_voltage_nominal_v * rated_capacity_ah / kind.specific_energy_high_wh_per_kg
    return Made(
        rated_capacity_ah=rated_capacity_ah,
        chemistry=kind,
        parameters=parameters,
        curve=ocv_curve(kind.name),
        capacity_ah=capacity_ah,
        r0_ohm=parameters.r0_ohm_ah * ohm,
        r1_ohm=parameters.r1_ohm_ah * ohm,
        r2_ohm=parameters.r2_ohm_ah * ohm,
        self_discharge_a=parameters.self_discharge_per_day * capacity_ah / 24.0 * spread,
        ageing_factor=ageing,
        cooling=0.95 + 0.1 * place,
        heat_j_per_k=np.full(n, mass_kg * parameters.specific_heat_j_per_kg_k),
        soc_first_frac=parameters.initial_soc_sd_frac * rng.standard_normal(n),
    )


def tables_of(made: Made) -> Tables:
    """Return the curves of a type as evenly spaced tables."""
    soc = np.linspace(0.0, 1.0, N_TABLE)
    low = made.parameters
    degc = np.arange(0.0, 1801.0) / layout.TABLE_PER_DEGC + layout.TABLE_LOW_DEGC
    energy = resistance_activation(made.chemistry.name).activation_energy_j_per_mol
    return Tables(
        ocv_v=made.curve.voltage_at(soc),
        rise=1.0 + low.low_soc_rise_frac * np.exp(-soc / low.low_soc_scale_frac),
        resistance=arrhenius(-energy, degc + 273.15),
        self_discharge=arrhenius(low.self_discharge_energy_j_per_mol, degc + 273.15),
    )


def rules_of(made: Made, duty: Duty) -> Rules:
    """Return what the management unit of a pack on that duty allows. Thresholds are assumed."""
    kind, cell, rated = made.chemistry, made.parameters, made.rated_capacity_ah
    return Rules(
        v_min=kind.cell_voltage_min_v,
        v_max=kind.cell_voltage_max_v,
        tau1_s=cell.tau1_s,
        tau2_s=cell.tau2_s,
        hysteresis_v=cell.hysteresis_v,
        hysteresis_as=cell.hysteresis_soc_frac * rated * 3600.0,
        passive_cooling_s=cell.passive_cooling_s,
        active_cooling_s=cell.active_cooling_s,
        coolant_degc=22.0,
        cool_above_degc=33.0,
        heat_below_degc=5.0,
        cutoff_a=0.04 * rated,
        current_max_a=4.0 * rated,
        taper_from_frac=duty.fast_taper_from_frac,
        balance_a=0.0012 * rated,
        balance_above_frac=0.93 if kind.is_flat else 0.85,
        balance_over_v=0.004,
    )


def cells_now(made: Made, ageing: Ageing, effects: Effects) -> Array:
    """Return the parameters of the cells at their age and with their faults, shape (9, n_cells)."""
    grown = ageing.resistance_ratio_frac * effects.resistance_factor
    return np.vstack(
        [
            capacity_now_ah(made, ageing, effects) * 3600.0,
            made.r0_ohm * grown,
            made.r1_ohm * grown,
            made.r2_ohm * grown,
            effects.leak_s,
            effects.contact_ohm,
            made.self_discharge_a,
            made.cooling * np.maximum(effects.cooling_factor, 0.01),
            made.heat_j_per_k,
        ]
    )


def capacity_now_ah(made: Made, ageing: Ageing, effects: Effects) -> Array:
    """Return each cell's capacity at its age and with its faults, shape (n_cells,). [Ah]."""
    return np.asarray(made.capacity_ah * ageing.capacity_frac * effects.capacity_factor)


def first_run(made: Made, soc_frac: float, temperature_degc: float) -> Run:
    """Return the state of a rested pack."""
    state = np.zeros((4, made.n_cells))
    state[layout.SOC] = np.clip(soc_frac + made.soc_first_frac, 0.02, 0.99)
    state[layout.TEMPERATURE] = temperature_degc
    return Run(state, np.zeros(2))


def run_steps(
    made: Made,
    run: Run,
    cells: Array,
    steps: Steps,
    rules: Rules,
    tables: Tables,
    sensors: NDArray[np.int64],
) -> DayRun:
    """Carry the string through `steps` and return what it gave; `run` is changed in place."""
    from batteryloop.simulation.circuit import run_string  # numba: slow to import

    n_steps, n = steps.dt_s.shape[0], made.n_cells
    out_cells = np.empty((n_steps, n), np.float32)
    out_temperatures = np.empty((n_steps, sensors.shape[0]), np.float32)
    out_pack = np.empty((n_steps, 3))
    sums = np.zeros((8, n))
    sums[layout.SOC_MIN], sums[layout.SOC_MAX] = 9.0, -9.0
    run_string(
        steps,
        rules,
        tables,
        cells,
        run.state,
        run.memory,
        sums,
        sensors,
        out_cells,
        out_temperatures,
        out_pack,
    )
    current = out_pack[:, layout.OUT_CURRENT].copy()
    return DayRun(
        out_cells,
        out_temperatures,
        current,
        out_pack[:, layout.OUT_SOC].copy(),
        out_pack[:, layout.OUT_BALANCING].astype(np.int64),
        _stress(made, steps.dt_s, current, sums),
        sums,
    )


def _stress(made: Made, dt_s: Array, current_a: Array, sums: Array) -> Stress:
    span_s = float(dt_s.sum())
    rated, n = made.rated_capacity_ah, made.n_cells
    flows = np.abs(current_a) > 0.02 * rated
    fills = current_a > 0.02 * rated
    moved_ah = float(np.sum(np.abs(current_a) * dt_s)) / 3600.0
    rate = _mean_rate(np.abs(current_a), dt_s, flows) / rated
    charge_rate = _mean_rate(current_a, dt_s, fills) / rated
    soc = sums[layout.SUM_SOC_S] / span_s
    return Stress(
        temperature_degc=sums[layout.SUM_TEMPERATURE_S] / span_s,
        soc_frac=np.clip(soc, 0.0, 1.0),
        voltage_v=made.curve.voltage_at(soc),
        dod_frac=np.clip(sums[layout.SOC_MAX] - sums[layout.SOC_MIN], 0.0, 1.0),
        c_rate_per_h=np.full(n, rate),
        charge_rate_per_h=np.full(n, charge_rate),
        efc_per_day=np.full(n, moved_ah / 2.0 / rated * DAY_S / span_s),
    )


def _mean_rate(current_a: Array, dt_s: Array, where: NDArray[np.bool_]) -> float:
    return float(np.average(current_a[where], weights=dt_s[where])) if where.any() else 0.0


def rested_over(
    made: Made, run: Run, cells: Array, rules: Rules, duration_days: float, temperature_degc: float
) -> Run:
    """Return the state after days that were lived but not followed, rested at their end.

    The mean charge stays; between the cells, self-discharge and leaks drive the charges apart,
    and balancing, three hours a day, draws them together.
    """
    soc = run.state[layout.SOC].copy()
    capacity_ah = cells[layout.CAPACITY_AS] / 3600.0
    drain_a = cells[layout.SELF_A] + cells[layout.LEAK_S] * made.curve.voltage_at(soc)
    apart = soc - drain_a * 24.0 * duration_days / capacity_ah
    bled = rules.balance_a * 3.0 * duration_days / capacity_ah
    apart -= np.clip(apart - apart.min() - 0.003, 0.0, bled)
    state = np.zeros_like(run.state)
    state[layout.SOC] = np.clip(apart + float(soc.mean() - apart.mean()), 0.02, 1.0)
    state[layout.TEMPERATURE] = temperature_degc
    return Run(state, np.zeros(2))


def usable_capacity_ah(soc_frac: Array, capacity_ah: Array) -> float:
    """Return the charge between the pack's empty (its emptiest cell) and its full (its fullest).

    One current passes all cells in series, so the first to be empty ends the discharge and the
    first to be full ends the charge. [Ah]

    Examples
    --------
    >>> usable_capacity_ah(np.array([0.5, 0.4]), np.array([100.0, 100.0]))
    90.0
    """
    left = np.min(soc_frac * capacity_ah)
    room = np.min((1.0 - soc_frac) * capacity_ah)
    return max(float(left + room), 0.0)
