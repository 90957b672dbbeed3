from datetime import UTC, datetime

import pytest

from batteryloop.evaluation import passport_values
from batteryloop.evaluation.passport_values import _rows
from batteryloop.passport.catalogue import definition
from batteryloop.passport.types import Attribute


def test_every_attribute_is_one_of_the_passport_in_its_unit():
    for row in _rows():
        known = definition(row["attribute"])
        assert (known.unit, known.kind) == (row["unit"], row["kind"]), row["attribute"]


def test_the_passport_takes_every_value_as_it_is(leaf):
    for name, told in passport_values(leaf).items():
        attribute = Attribute(
            name, told.value, told.low, told.high, told.confidence_frac, told.determined_at,
            told.originator, told.method, told.provenance, told.reason,
        )  # fmt: skip
        assert attribute.is_known == (told.value is not None)


def test_a_value_says_when_by_whom_and_how_surely(leaf):
    soce = passport_values(leaf)["soce_frac"]
    assert soce.value == leaf.figure("soh_energy_frac").estimate.value
    assert soce.low < soce.value < soce.high
    assert soce.determined_at == datetime(2026, 11, 25, tzinfo=UTC)
    assert soce.originator == "batteryloop test"
    assert "full-discharge-count" in soce.method
    flowed = leaf.figure("throughput_wh").estimate.value
    assert passport_values(leaf)["energy_throughput_kwh"].value == pytest.approx(flowed / 1000)


def test_what_is_not_known_is_there_with_its_reason(leaf):
    told = passport_values(leaf)["self_discharge_frac_per_month"]
    assert told.value is None
    assert "36 h are needed" in told.reason


def test_a_cell_has_the_resistance_of_a_cell(leaf):
    told = passport_values(leaf)
    assert "resistance_cell_ohm" in told
    assert "resistance_pack_ohm" not in told
