"""Second lives: ageing, warranty, worth, and the size that is chosen."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from batteryloop.circular.repurpose import (
    GradedModule,
    Promise,
    Site,
    design_sheet,
    draw_left,
    forecast_second_life,
    run_storage,
    size_storage,
    storage_worth,
)
from batteryloop.errors import ColumnMissing, InputWrong
from batteryloop.usecases.size_second_life import graded_modules, hourly, size_second_life

PRICE = np.tile(np.repeat([0.1, 0.4], 12), 365)
SITE = Site(PRICE, np.full(8760, 20.0), np.zeros(8760), reserve_eur_per_kw_h=0.01)
MODULES = tuple(
    GradedModule(f"M{k:02d}", "LFP", 2.0, 0.8 + 0.002 * k, 0.77, 0.87, 50.0) for k in range(20)
)
USED = run_storage(Site(PRICE[:168], np.full(168, 20.0), np.zeros(168)), 40.0, 10.0)


def _left(seed=1, modules=MODULES, used=USED, **more):
    return draw_left(modules, used, np.random.default_rng(seed), term_years=8, **more)


def _broken(left, promise_frac):
    return forecast_second_life(
        left, promise_frac=promise_frac, chemistry_name="LFP", temperature_degc=25.0
    ).break_frac


def test_what_is_left_only_falls_and_the_band_widens():
    left = _left()
    assert (np.diff(left, axis=1) <= 1e-12).all()
    widths = np.ptp(np.quantile(left, [0.05, 0.95], axis=0), axis=0)
    assert widths[0] == 0
    assert (np.diff(widths) > 0).all()


def test_heat_and_use_take_more():
    assert np.median(_left(temperature_degc=45.0)[:, -1]) < np.median(_left()[:, -1])
    harder = replace(USED, throughput_kwh=3 * USED.throughput_kwh)
    assert np.median(_left(used=harder)[:, -1]) < np.median(_left()[:, -1])


def test_the_risk_rises_with_the_promise():
    left = _left()
    risks = [_broken(left, promise) for promise in (0.3, 0.7, 0.9, 1.0)]
    assert risks == sorted(risks)
    assert risks[0] < 0.05
    assert risks[-1] == 1.0


def test_stand_ins_and_heat_beyond_the_law_are_said():
    told = forecast_second_life(
        _left(), promise_frac=0.7, chemistry_name="NMC532", temperature_degc=70.0
    ).notes
    assert any("standing in" in note for note in told)
    assert any("70 degC is outside" in note for note in told)


def test_worth_is_what_is_worked_out_by_hand_at_the_middle():
    worth = storage_worth(
        np.ones((4000, 9)), np.array([0.0, 3000.0]), np.array([0.0, 1.0]),
        np.random.default_rng(2), energy_kwh=40.0, power_kw=10.0, modules_eur=1000.0,
        promise_frac=0.7,
    )  # fmt: skip
    paid = 1000 + 35 * 40 + 120 * 10 + 5000
    counts = sum(1.07**-year for year in range(1, 9))
    assert worth.paid_eur == pytest.approx(paid)
    assert worth.payback_years == pytest.approx(paid / (3000 - 0.02 * paid))
    mean = 1000 + 118 / 3 * 40 + 380 / 3 * 10 + 19000 / 3  # means of the triangles drawn from
    assert worth.npv_eur.value == pytest.approx((3000 - 0.02 * mean) * counts - mean, abs=500)
    assert worth.npv_eur.low < worth.npv_eur.value < worth.npv_eur.high


def test_a_broken_promise_costs():
    how = {"energy_kwh": 40.0, "power_kw": 10.0, "modules_eur": 1000.0}
    saved = (np.array([0.0, 3000.0]), np.array([0.0, 1.0]))
    left = np.tile(np.linspace(1, 0.5, 9), (500, 1))
    kept, broken = (
        storage_worth(left, *saved, np.random.default_rng(3), promise_frac=p, **how)
        for p in (0.4, 0.9)
    )
    assert broken.npv_eur.value < kept.npv_eur.value


def test_nothing_saved_is_never_paid_back():
    worth = storage_worth(
        np.ones((100, 9)), np.zeros(2), np.array([0.0, 1.0]), np.random.default_rng(4),
        energy_kwh=40.0, power_kw=10.0, modules_eur=0.0, promise_frac=0.7,
    )  # fmt: skip
    assert worth.payback_years is None
    assert worth.loss_frac == 1.0


def test_the_best_modules_go_in_first_and_the_same_seed_gives_the_same_sizes():
    designs = size_storage("grid-service", MODULES, SITE, np.random.default_rng(5), n_weeks=2)
    again = size_storage("grid-service", MODULES, SITE, np.random.default_rng(5), n_weeks=2)
    assert [d.as_dict() for d in designs] == [d.as_dict() for d in again]
    assert len(designs) == 8
    few = min(designs, key=lambda d: len(d.module_ids))
    assert set(few.module_ids) == {f"M{k:02d}" for k in range(15, 20)}
    values = [d.worth.npv_eur.value for d in designs]
    assert values == sorted(values, reverse=True)


def test_chemistries_are_not_mixed_and_bad_modules_are_refused():
    modules = (
        *MODULES[:4],
        replace(MODULES[4], module_id="N1", chemistry="NMC622"),
        replace(MODULES[5], module_id="X1", energy_kwh=-1.0),
        replace(MODULES[6], module_id="X2", chemistry="unobtainium"),
    )
    plan = size_second_life(
        "grid-service", modules, SITE, np.random.default_rng(6), promise=Promise(3, 0.8)
    )
    assert {d.chemistry for d in plan.designs} == {"LFP", "NMC622"}
    assert {r.subject for r in plan.refused} == {"X1", "X2"}
    with pytest.raises(InputWrong, match="one chemistry"):
        draw_left(modules[:5], USED, np.random.default_rng(1), term_years=3)


def test_the_sheet_says_worth_warranty_and_what_it_leaves_out():
    designs = size_storage("grid-service", MODULES[:4], SITE, np.random.default_rng(5), n_weeks=1)
    sheet = design_sheet(designs)
    for words in ("**Worth**", "**Warranty**", "known ahead", "knee", "M03"):
        assert words in sheet


def test_tables_are_read_and_faults_named():
    table = pl.DataFrame(
        {"module_id": ["A", "A", "B"], "chemistry": ["LFP"] * 3, "energy_kwh": ["2", "2", "x"],
         "soh_frac": [0.8, 0.8, 0.8]}
    )  # fmt: skip
    modules, refused = graded_modules(table)
    assert [m.module_id for m in modules] == ["A"]
    assert [r.subject for r in refused] == ["A", "B"]
    with pytest.raises(ColumnMissing, match="soh_frac"):
        graded_modules(table.drop("soh_frac"))
    with pytest.raises(ColumnMissing, match="kw"):
        hourly(pl.DataFrame({"kw": [1.0]}), "mw")
