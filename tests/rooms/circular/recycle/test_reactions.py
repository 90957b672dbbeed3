"""A reaction keeps every element, or it is refused."""

import pytest

from batteryloop.circular.recycle.reactions import reaction, share
from batteryloop.circular.recycle.substances import substance_table
from batteryloop.errors import InputWrong, NotKnown
from batteryloop.reference.elements import atoms, molar_mass_g_per_mol
from batteryloop.reference.rows import rows

TABLE = substance_table()


@pytest.mark.parametrize(
    "row", rows("batteryloop.circular.recycle", "reactions.csv"), ids=lambda r: r["equation"]
)
def test_every_reaction_of_the_table_is_balanced(row):
    key, change = reaction(row["equation"], TABLE)
    assert change[key] == pytest.approx(-1.0)


def test_a_reaction_that_loses_oxygen_is_refused():
    with pytest.raises(InputWrong, match="O changes by"):
        reaction("CaCO3 -> CaO + graphite", TABLE)


def test_a_reaction_of_an_unknown_substance_is_refused():
    with pytest.raises(NotKnown, match="H2SO5"):
        reaction("CaO + H2SO5 -> H2O", TABLE)


@pytest.mark.parametrize("text", ["1.2", "-0.1", "half", "1/0"])
def test_a_share_out_of_range_is_refused(text):
    with pytest.raises(InputWrong):
        share(text)


def test_formulas_are_read_with_brackets_and_fractions():
    assert atoms("LiNi0.6Mn0.2Co0.2O2")["Ni"] == 0.6
    assert molar_mass_g_per_mol("Ca3(PO4)2") == pytest.approx(310.17, abs=0.02)


@pytest.mark.parametrize("text", ["", "li2", "Ca(OH", "Xx2", "Na)2"])
def test_what_is_no_formula_is_refused(text):
    with pytest.raises((InputWrong, NotKnown)):
        atoms(text)
