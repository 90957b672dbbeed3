"""Cell parameters: the general row, and a chemistry's own over it."""

import csv
from importlib.resources import files

import pytest

from batteryloop.errors import NotKnown
from batteryloop.reference.cells import cell_parameters


def test_a_chemistry_s_own_value_comes_before_the_general_one():
    assert cell_parameters("LFP").hysteresis_v == 0.008
    assert cell_parameters("NMC622").hysteresis_v == 0.0
    assert cell_parameters("LFP").tau1_s == cell_parameters("NMC622").tau1_s


def test_an_alias_finds_its_cell_and_an_unknown_name_is_refused():
    assert cell_parameters("lifepo4").chemistry == "LFP"
    with pytest.raises(NotKnown):
        cell_parameters("LPF4")


@pytest.mark.parametrize("table", ["cell_parameters.csv", "ageing_parameters.csv"])
def test_every_row_has_a_source_and_a_date(table):
    text = files("batteryloop.reference").joinpath(table).read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert rows
    for row in rows:
        assert len(row["source"]) > 4, row
        assert row["dated"], row
        published = "doi" in row["source"] or "NREL" in row["source"]
        assert published or any(
            word in row["source"] for word in ("assumed", "Wildfeuer", "IEST", "BPX")
        ), row
