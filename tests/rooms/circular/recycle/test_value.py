"""What a balance is worth, item by item, and how sure that is."""

import numpy as np
import pytest

from batteryloop.circular.recycle import balance_plant, plant_value
from batteryloop.circular.recycle.value_interval import pack_value, value_estimate
from batteryloop.errors import InputWrong, NotKnown, ValueOutOfRange
from batteryloop.reference.material_prices import material_prices, prices_of


def test_every_product_reagent_and_carrier_of_every_plant_has_a_price():
    for opening in ("thermal", "electrified"):
        for route in ("hydro", "direct", "pyro"):
            plant = balance_plant({"NMC622": 1.0, "LFP": 1.0}, opening=opening, route=route)
            value = plant_value(plant)
            assert set(value.products_usd) == set(plant.leaving("product"))
            assert set(value.reagents_usd) == set(plant.reagents_t())


def test_twice_the_price_is_twice_the_value_of_that_product():
    plant = balance_plant({"NMC622": 10.0})
    table = {kind: dict(items) for kind, items in material_prices().prices.items()}
    table["product"]["cobalt_in_salt"] *= 2
    dear = plant_value(plant, type(material_prices())(table, "test"))
    plain = plant_value(plant)
    gained = plain.products_usd["cobalt_hydroxide"]
    assert dear.net_usd - plain.net_usd == pytest.approx(gained)


def test_added_steps_cost_what_their_row_says():
    plant = balance_plant({"LFP": 100.0}, steps=("iron_phosphate",))
    assert plant_value(plant).steps_usd == {"iron_phosphate": pytest.approx(8000.0)}


def test_lithium_iron_phosphate_hangs_more_on_the_lithium_price():
    widths = []
    for chemistry in ("LFP", "NMC622"):
        value = plant_value(balance_plant({chemistry: 1.0}))
        worth = value_estimate(value, np.random.default_rng(1))
        gross = sum(value.products_usd.values())
        widths.append((worth.high - worth.low) / gross)
    assert widths[0] > widths[1]


def test_the_interval_widens_with_the_confidence():
    value = plant_value(balance_plant({"NMC622": 1.0}))
    narrow, wide = (
        value_estimate(value, np.random.default_rng(1), confidence_frac=c) for c in (0.5, 0.95)
    )
    assert wide.low < narrow.low < narrow.high < wide.high


def test_a_pack_twice_as_heavy_is_worth_twice_as_much():
    one, two = (pack_value("NMC622", m, np.random.default_rng(1)) for m in (200.0, 400.0))
    assert two.value == pytest.approx(2 * one.value)


def test_a_pack_without_mass_or_known_make_up_has_no_value():
    with pytest.raises(ValueOutOfRange):
        pack_value("NMC622", 0.0, np.random.default_rng(1))
    with pytest.raises(NotKnown):
        pack_value("NMC6", 1.0, np.random.default_rng(1))


def test_a_price_that_is_no_number_is_refused():
    with pytest.raises(InputWrong, match="a number in USD/kg"):
        prices_of([{"item": "steel", "kind": "product", "price_usd_per_kg": "dear"}])
