"""Fifty thousand tonnes of packs against the figures worked out by hand from EverBatt's tables."""

from datetime import date

import pytest

from batteryloop.circular.recycle import balance_plant, check_targets, plant_value

NMC_T = {
    "lithium_carbonate": 4525, "copper_scrap": 3269, "aluminium_scrap": 5376,
    "steel_scrap": 8741, "graphite_product": 7191,
}  # fmt: skip
METALS_T = {"Ni": 4697, "Co": 1572, "Mn": 1466}


@pytest.fixture(scope="module")
def nmc():
    return balance_plant({"NMC622": 50_000})


@pytest.fixture(scope="module")
def lfp():
    return balance_plant({"LFP": 50_000})


def test_black_mass_is_as_computed(nmc):
    assert nmc.black_mass.mass_t == pytest.approx(21_960, rel=0.01)


@pytest.mark.parametrize(("product", "mass_t"), NMC_T.items())
def test_products_of_nickel_rich_packs_are_as_computed(nmc, product, mass_t):
    assert nmc.leaving("product")[product].mass_t == pytest.approx(mass_t, rel=0.01)


@pytest.mark.parametrize(("element", "mass_t"), METALS_T.items())
def test_metals_in_the_salts_are_as_computed(nmc, element, mass_t):
    assert nmc.recovered_t(element) == pytest.approx(mass_t, rel=0.01)


@pytest.mark.parametrize(("reagent", "mass_t"), [("H2SO4", 33_300), ("NaOH", 21_800)])
def test_reagents_by_balanced_reactions_are_as_computed(nmc, reagent, mass_t):
    assert nmc.reagents_t()[reagent] == pytest.approx(mass_t, rel=0.01)


def test_value_of_nickel_rich_packs_is_as_computed(nmc):
    assert plant_value(nmc).gross_usd_per_kg == pytest.approx(4.71, rel=0.01)


def test_iron_phosphate_packs_are_as_computed(lfp):
    assert lfp.leaving("product")["lithium_carbonate"].mass_t == pytest.approx(2_986, rel=0.01)
    assert plant_value(lfp).gross_usd_per_kg == pytest.approx(1.24, rel=0.01)


@pytest.mark.parametrize(
    ("chemistry", "counting", "efficiency"),
    [("NMC622", "whole", 0.66), ("NMC622", "without_graphite", 0.52), ("LFP", "whole", 0.48)],
)
def test_recycling_efficiency_is_as_computed(chemistry, counting, efficiency):
    plant = balance_plant({chemistry: 50_000})
    (result, *_) = check_targets(plant, date(2027, 12, 31), counting=counting)
    assert result.reached_frac == pytest.approx(efficiency, abs=0.005)


def test_recoveries_of_the_whole_chain_are_as_computed(nmc, lfp):
    rates = {e: nmc.recovered_t(e) / nmc.feed_elements_t[e] for e in ("Li", "Co", "Ni", "Cu")}
    assert rates == pytest.approx({"Li": 0.835, "Co": 0.931, "Ni": 0.931, "Cu": 0.90}, abs=0.001)
    assert lfp.recovered_t("Li") / lfp.feed_elements_t["Li"] == pytest.approx(0.82, abs=0.001)


@pytest.mark.shared_data
def test_compositions_are_those_of_the_workbook(shared_data):
    import polars as pl

    from batteryloop.reference.compositions import compositions

    table = pl.read_csv(shared_data / "circular" / "elements_per_kwh.csv")
    for name, made_of in compositions("cell").items():
        row = table.filter(
            (pl.col("level") == "cell")
            & (pl.col("chemistry") == name)
            & (pl.col("element_or_material") == "graphite")
        )
        stated = row["kg_per_kwh"].item()
        ours = made_of.kg_per_kwh()
        assert ours["graphite"] == pytest.approx(stated, rel=0.002), name


@pytest.mark.shared_data
def test_elements_of_packs_are_those_worked_out_by_stoichiometry(shared_data):
    import polars as pl

    table = pl.read_csv(shared_data / "circular" / "elements_per_kwh.csv").filter(
        pl.col("level") == "pack"
    )
    for chemistry in ("NMC111", "NMC532", "NMC622", "NMC811", "LFP", "NCA"):
        ours = balance_plant({chemistry: 1.0}).feed_elements_t
        stated = {
            row["element_or_material"]: row["mass_fraction"]
            for row in table.filter(pl.col("chemistry") == chemistry).iter_rows(named=True)
        }
        for element in ("Li", "Ni", "Co", "Mn", "F", "Cu"):
            if element in stated and stated[element] > 0:
                assert ours[element] == pytest.approx(stated[element], rel=0.003), (
                    chemistry,
                    element,
                )
