import csv
from importlib.resources import files

import pytest

from batteryloop.errors import NotKnown
from batteryloop.reference import chemistries, chemistry, resistance_activation
from batteryloop.reference.ocv import ocv_chemistries, ocv_curve


@pytest.mark.parametrize("row", chemistries().values(), ids=lambda c: c.name)
def test_nominal_voltage_lies_between_the_limits(row):
    assert row.cell_voltage_min_v < row.cell_voltage_nominal_v < row.cell_voltage_max_v


@pytest.mark.parametrize("row", chemistries().values(), ids=lambda c: c.name)
def test_ranges_have_their_low_end_first(row):
    assert row.charge_temperature_min_degc < row.charge_temperature_max_degc
    assert row.discharge_temperature_min_degc < row.discharge_temperature_max_degc
    assert row.discharge_temperature_min_degc <= row.charge_temperature_min_degc
    assert row.specific_energy_low_wh_per_kg < row.specific_energy_high_wh_per_kg


@pytest.mark.parametrize("row", chemistries().values(), ids=lambda c: c.name)
def test_every_row_has_a_source_an_address_and_a_date(row):
    assert len(row.source) > 20
    assert row.url.startswith("https://")
    assert row.dated[:4].isdigit()


def test_no_name_or_alias_stands_for_two_chemistries():
    names = [name.casefold() for c in chemistries().values() for name in (c.name, *c.aliases)]
    assert len(names) == len(set(names))


def test_only_iron_phosphate_is_flat():
    assert [c.name for c in chemistries().values() if c.is_flat] == ["LFP"]


@pytest.mark.parametrize(
    ("alias", "name"),
    [("LiFePO4", "LFP"), ("ncm811", "NMC811"), (" Leaf 24 kWh ", "LMO-NCA"), ("SIB", "Na-ion")],
)
def test_an_alias_finds_its_chemistry_whatever_its_case(alias, name):
    assert chemistry(alias).name == name


def test_wrong_name_gets_the_nearest():
    with pytest.raises(NotKnown, match="did you mean LFP"):
        chemistry("LPF")


def test_every_open_circuit_curve_is_of_a_known_chemistry_and_within_its_limits():
    for name in ocv_chemistries():
        row, curve = chemistry(name), ocv_curve(name)
        assert curve.voltage_v[0] >= row.cell_voltage_min_v - 0.01, name
        assert curve.voltage_v[-1] <= row.cell_voltage_max_v + 0.11, name


def test_chemistry_without_its_own_activation_energy_takes_the_general_one():
    assert resistance_activation("NMC622") == resistance_activation(None)
    assert resistance_activation("LMO/NCA").chemistry == "LMO-NCA"


def test_the_table_has_no_column_the_loader_leaves_out():
    text = files("batteryloop.reference").joinpath("chemistries.csv").read_text("utf-8")
    columns = next(csv.reader(text.splitlines()))
    assert columns == list(type(chemistry("LFP")).__dataclass_fields__)
