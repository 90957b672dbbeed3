"""A decision is carried out in the record: parts move, passports follow, masses stay."""

from datetime import date, timedelta

import polars as pl
import pytest

from batteryloop.circular.recycle import ReturnedPack, make_batteries, new_battery, trace_returns
from batteryloop.errors import RecordSaysNo
from batteryloop.record import EventKind, LifeStatus, Stage
from batteryloop.usecases.balance_loop import balance_loop, worst_gap_frac
from batteryloop.usecases.enter_returns import (
    PackLayout,
    ReturnParties,
    enter_returns,
    pack_description,
    parts_of,
)
from batteryloop.usecases.place_new_battery import place_new_batteries
from batteryloop.usecases.record_passport import recorded_history
from batteryloop.usecases.record_recycling import record_recycling
from batteryloop.usecases.record_second_life import (
    NewLife,
    record_remanufacture,
    record_reuse,
    serials_of,
)

LAYOUT = PackLayout(n_modules=2, n_cells=4)
WHO = ReturnParties("maker", "fleet", "depot")


def returned(*names, chemistry="NMC622", mass_kg=300.0):
    return pl.DataFrame(
        [
            {
                "battery_id": name,
                "chemistry": chemistry,
                "rated_energy_kwh": 60.0,
                "mass_kg": mass_kg,
                "site": "Lyon",
                "country": "FR",
                "is_simulated": True,
            }
            for name in names
        ]
    )


def facts(soh_frac, spread_frac=0.0):
    def known(value, half):
        return {"value": value, "low": value - half, "high": value + half}

    cells = [known(soh_frac + spread_frac * k / 7, 0.001) for k in range(8)]
    return {
        "original_rated_capacity_ah": 100.0,
        "capacity_ah": known(100.0 * soh_frac, 0.1),
        "cells_soh_frac": cells,
        "is_same_purpose": True,
        "n_cells": 8,
        "n_cells_evaluated": 8,
        "n_modules": 2,
        "n_modules_evaluated": 2,
    }


def half_of_each(facts_given):
    """Return a pack of one module of A and one of B, in the housing of A."""
    masses = {
        **parts_of("A", "NMC622", 300.0, LAYOUT),
        **parts_of("B", "NMC622", 300.0, LAYOUT),
    }
    taken = {"A": ("A-M1", "A-H"), "B": ("B-M1",)}
    parts = {serial: masses[serial] for serials in taken.values() for serial in serials}
    row = {"chemistry": "NMC622", "rated_energy_kwh": 60.0, "mass_kg": sum(parts.values())}
    described = pack_description({**row, "is_simulated": True}, LAYOUT)
    return NewLife("N", described, taken, parts, facts_given, "Lyon", "FR")


def test_a_returned_pack_is_on_record_with_its_parts_its_life_and_a_passport(scribe, record):
    assert enter_returns(scribe, returned("A"), WHO, LAYOUT) == ()
    state = record.battery("A")
    assert (state.stage, state.holder_id, state.site) == (Stage.DECIDE, "depot", "Lyon")
    assert serials_of(record.components("A")) == ("A-M1", "A-M2", "A-H")
    assert recorded_history(record, "A").latest.value("status") == "original"


def test_a_pack_that_the_record_refuses_leaves_the_others_in(scribe, record):
    enter_returns(scribe, returned("A"), WHO, LAYOUT)
    scribe.enter([scribe.event("A", EventKind.RECYCLED, "recycler")])
    later = scribe.at(scribe.now + timedelta(hours=1))
    refused = enter_returns(later, returned("A", "B"), WHO, LAYOUT)
    assert [refusal.subject for refusal in refused] == ["A"]
    assert record.battery("B").stage is Stage.DECIDE


def test_modules_of_two_packs_become_one_that_the_law_calls_remanufactured(scribe, record, party):
    enter_returns(scribe, returned("A", "B"), WHO, LAYOUT)
    entered = record_remanufacture(scribe, half_of_each(facts(0.95)), party=party("renewer"))
    assert entered.status == "remanufactured"
    assert record.battery("N").status is LifeStatus.REMANUFACTURED
    assert record.battery("N").responsible_id == "renewer"
    assert set(record.lineage("N").parent_ids) == {"A", "B"}
    assert serials_of(record.components("A")) == ("A-M2",)
    links = recorded_history(record, "N").latest.originals
    assert {serial for link in links for serial in link.serials} == {"A-M1", "A-H", "B-M1"}
    (onward,) = recorded_history(record, "A").latest.successors
    assert onward.passport_id == recorded_history(record, "N").latest.passport_id


@pytest.mark.parametrize("short", [facts(0.85), facts(0.95, 0.08)], ids=["weak", "uneven"])
def test_what_fails_the_gate_becomes_a_store_and_says_why(scribe, record, party, short):
    enter_returns(scribe, returned("A", "B"), WHO, LAYOUT)
    entered = record_remanufacture(scribe, half_of_each(short), party=party("renewer"))
    assert entered.status == "repurposed"
    assert record.battery("N").battery.application.value == "stationary-storage"
    event = record.last_entry("N", EventKind.REPURPOSED).event
    assert event.details["words"].startswith("not remanufactured: ")


def test_a_part_goes_into_one_battery_only(scribe, party):
    enter_returns(scribe, returned("A", "B"), WHO, LAYOUT)
    record_remanufacture(scribe, half_of_each(facts(0.95)), party=party("renewer"))
    with pytest.raises(RecordSaysNo, match="went into"):
        record_remanufacture(scribe, half_of_each(facts(0.95)), party=party("renewer"))


def test_a_pack_used_again_has_a_new_passport_linked_to_the_old(scribe, record, party):
    enter_returns(scribe, returned("A"), WHO, LAYOUT)
    before = recorded_history(record, "A").latest.passport_id
    record_reuse(scribe, "A", party=party("dealer"), site="Oslo", country="NO")
    now = recorded_history(record, "A").latest
    assert now.passport_id != before
    assert [link.passport_id for link in now.originals] == [before]
    state = record.battery("A")
    assert (state.status, state.responsible_id) == (LifeStatus.REUSED, "dealer")


def test_a_recycled_packs_passport_ceases_and_its_metal_is_found_in_the_new_battery(
    scribe, record, party
):
    enter_returns(scribe, returned("A", "B"), WHO, LAYOUT)
    enter_returns(scribe, returned("C", chemistry="LFP"), WHO, LAYOUT)
    events = [scribe.event(n, EventKind.TRIAGED, "depot", route="recycle") for n in "ABC"]
    scribe.enter(events)
    packs = [ReturnedPack(n, c, 300.0) for n, c in (("A", "NMC622"), ("B", "NMC622"), ("C", "LFP"))]
    traced = trace_returns(packs)
    shares = record_recycling(scribe, traced, party=party("plant"), site="Lyon", country="FR")
    state = record.battery("A")
    assert (state.is_ended, state.status) == (True, LifeStatus.WASTE)
    assert recorded_history(record, "A").latest.ceased_at is not None
    made = make_batteries(traced.lots, [new_battery("N", "NMC622", 60.0)], date(2031, 8, 18))
    described = pack_description(
        {"chemistry": "NMC622", "rated_energy_kwh": 60.0, "mass_kg": 309.0}, LAYOUT
    )
    (placed,) = place_new_batteries(
        scribe, made, shares, {"N": described}, party=party("cells"), country="DE"
    )
    cobalt = sum(parts.get("Co", 0.0) for parts in placed.from_packs_kg.values())
    share = next(s for s in placed.content.shares if s.element == "Co")
    assert cobalt == pytest.approx(share.recycled_kg, rel=1e-9)
    assert not placed.from_packs_kg["C"].get("Co")
    passport = recorded_history(record, "N").latest
    told = passport.attributes["recycled_post_cobalt_frac"]
    assert told.value == share.share_frac
    assert "R-C001/" in told.provenance
    assert "no lead" in passport.attributes["recycled_post_lead_frac"].reason
    assert worst_gap_frac(balance_loop(record.entries())) < 1e-9


def test_a_kilogram_that_is_missing_shows_in_the_balance(scribe, record, party):
    enter_returns(scribe, returned("A", "B"), WHO, LAYOUT)
    life = half_of_each(facts(0.95))
    light = NewLife(
        life.battery_id,
        {**life.description, "mass_kg": life.description["mass_kg"] - 1.0},
        life.parents,
        life.parts_mass_kg,
        life.facts,
    )
    record_remanufacture(scribe, light, party=party("renewer"))
    assert worst_gap_frac(balance_loop(record.entries())) > 1e-3
