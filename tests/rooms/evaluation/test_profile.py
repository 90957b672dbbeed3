from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from batteryloop.errors import InputWrong, NotKnown
from batteryloop.evaluation.figures import figure_kinds
from batteryloop.evaluation.inputs import Statement
from batteryloop.evaluation.profile import (
    profile_from_toml,
    profiles_for,
    shipped_profile,
    shipped_profiles,
)
from batteryloop.record.categories import Application, Category
from batteryloop.samples import sample

PROFILES = list(shipped_profiles().values())


@pytest.mark.parametrize("profile", PROFILES, ids=[p.name for p in PROFILES])
def test_every_profile_names_figures_that_are_there_and_says_its_source(profile):
    rows = (*profile.parameters, *profile.requirements, *profile.grades)
    assert {row.figure for row in rows} - set(figure_kinds()) <= {""}
    assert {p.statement for p in profile.parameters} <= {"", *Statement.__dataclass_fields__}
    assert profile.source
    assert profile.trust
    assert date.fromisoformat(profile.dated)
    assert all(r.source and r.trust and date.fromisoformat(r.dated) for r in profile.requirements)
    assert all(rule.source for rule in profile.grades)


def test_annex_vii_asks_a_vehicle_for_its_energy_and_a_storage_for_part_b():
    asked = shipped_profile("eu-annex-vii").parameters
    mandatory = {
        category: {p.figure for p in asked if p.obligation(category) == "mandatory"}
        for category in (Category.ELECTRIC_VEHICLE, Category.STATIONARY_STORAGE)
    }
    assert "soh_energy_frac" in mandatory[Category.ELECTRIC_VEHICLE]
    assert "throughput_wh" not in mandatory[Category.ELECTRIC_VEHICLE]
    assert {"throughput_wh", "throughput_ah", "n_deep_discharges", "time_hot_h"} <= mandatory[
        Category.STATIONARY_STORAGE
    ]
    assert not any(p.obligation(Category.STARTER) for p in asked)


def test_a_new_rule_is_data_and_nothing_else(evaluated, leaf_cell):
    rule = profile_from_toml(
        """
        name = "depot"
        version = "1"
        title = "What our depot asks"
        source = "depot handbook, page 3"
        dated = "2026-11-01"
        trust = "read"
        [[requirements]]
        name = "enough left for the storage"
        figure = "soh_frac"
        at_least = 0.75
        source = "depot handbook, page 3"
        dated = "2026-11-01"
        trust = "read"
        """,
        "depot.toml",
    )
    report = evaluated(sample("leaf_cell_2013_discharge_1c"), leaf_cell, profiles=(rule,))
    (verdict,) = report.verdicts
    assert (verdict.profile, verdict.decision) == ("depot", "met")
    assert "at least 75 %" in verdict.reason


def test_the_place_that_does_not_fit_is_named():
    with pytest.raises(InputWrong, match=r"Expected `float \| null`.*at_least"):
        profile_from_toml(
            'name="p"\nversion="1"\ntitle="t"\nsource="s"\ndated="d"\ntrust="x"\n'
            '[[grades]]\ngrade="A"\nfigure="soh_frac"\nat_least="much"',
            "p.toml",
        )
    with pytest.raises(NotKnown, match="euro-7"):
        shipped_profile("euro7")


def test_profiles_are_those_of_the_category():
    assert [p.name for p in profiles_for(None)] == ["batteryloop-grade"]
    named = {p.name for p in profiles_for(Category.ELECTRIC_VEHICLE)}
    assert {"eu-annex-vii", "euro-7", "un-gtr-22", "gbt-34015"} <= named


def test_durability_is_judged_within_its_period_and_class(evaluated, leaf_cell):
    frame = sample("leaf_cell_2013_discharge_1c")
    euro = (shipped_profile("euro-7"),)

    def decisions(**stated: object) -> dict[str, str]:
        statement = Statement(application=Application.CAR, **stated)
        report = evaluated(frame, leaf_cell, profiles=euro, statement=statement)
        return {v.name: v.decision for v in report.verdicts}

    five, eight = "M1 up to 5 years or 100,000 km", "M1 up to 8 years or 160,000 km"
    assert decisions(vehicle_class="M1")[five] == "met"
    far = decisions(vehicle_class="M1", odometer_km=120_000.0)
    assert (far[five], far[eight]) == ("over", "met")
    assert decisions(vehicle_class="N1")[five] == "not applicable"
    assert decisions()[five] == "not applicable"
    poor = decisions(vehicle_class="M1", certified_energy_wh=180.0)
    assert (poor[five], poor[eight]) == ("missed", "missed")


def test_an_old_vehicle_is_past_its_period(evaluated, leaf_cell):
    frame = sample("leaf_cell_2013_discharge_1c")
    dated = frame.with_columns(pl.col("time") + timedelta(days=365 * 54))
    statement = Statement(
        application=Application.CAR, vehicle_class="M1",
        in_service_at=datetime(2017, 6, 1, tzinfo=UTC),
    )  # fmt: skip
    report = evaluated(dated, leaf_cell, profiles=(shipped_profile("euro-7"),), statement=statement)
    decisions = [v.decision for v in report.verdicts if v.name.startswith("M1")]
    assert decisions == ["over", "met"]
