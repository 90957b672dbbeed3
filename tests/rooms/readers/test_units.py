import pytest

from batteryloop.errors import UnitUnknown
from batteryloop.quantities import QUANTITIES
from batteryloop.readers.headers import ROLES, vocabulary
from batteryloop.readers.units import _table, conversion, find_conversion


@pytest.mark.parametrize(
    ("spelling", "unit", "theirs", "ours"),
    [
        ("mA", "A", 1500.0, 1.5),
        ("mAmps", "A", 1500.0, 1.5),
        ("µA", "A", 1e6, 1.0),
        ("mV", "V", 3700.0, 3.7),
        ("mA.h", "Ah", 250.0, 0.25),
        ("Amp-hr", "Ah", 0.25, 0.25),
        ("C", "Ah", 3600.0, 1.0),
        ("J", "Wh", 3600.0, 1.0),
        ("kWh", "Wh", 1.5, 1500.0),
        ("Min", "s", 2.0, 120.0),
        ("Seconds", "s", 2.0, 2.0),
        ("ms", "s", 2500.0, 2.5),
        ("h", "s", 0.5, 1800.0),
        ("Â°C", "degC", 24.5, 24.5),
        ("�C", "degC", 24.5, 24.5),
        ("K", "degC", 298.15, 25.0),
        ("°F", "degC", 77.0, 25.0),
        ("mOhm", "ohm", 20.0, 0.02),
        ("mΩ", "ohm", 20.0, 0.02),
        ("MΩ", "kohm", 2.0, 2000.0),
        ("%", "1", 55.0, 0.55),
        ("mph", "km/h", 10.0, 16.09344),
    ],
)
def test_a_unit_as_testers_write_it_becomes_ours(spelling, unit, theirs, ours):
    found = conversion(spelling, unit, subject="column")
    assert theirs * found.factor + found.offset == pytest.approx(ours)


def test_a_unit_of_another_quantity_is_refused_with_those_that_fit():
    with pytest.raises(UnitUnknown, match="mA"):
        conversion("mV", "A", subject="column I")
    assert find_conversion("V/s", "V") is None


def test_every_unit_of_the_table_belongs_to_a_quantity_or_a_role():
    known = {q.unit for q in QUANTITIES.values()} | set(ROLES.values())
    assert {unit for unit, _ in _table()} <= known


@pytest.mark.parametrize(
    "dialect", ["", "arbin", "maccor", "neware", "biologic", "novonix", "pec", "basytec", "vehicle"]
)
def test_every_word_stands_for_a_quantity_or_a_role_in_a_unit_that_fits(dialect):
    for word in vocabulary(dialect).values():
        assert word.name in QUANTITIES or word.name in ROLES
        if word.name in QUANTITIES and word.unit and word.name != "time":
            assert find_conversion(word.unit, QUANTITIES[word.name].unit) is not None, word
