"""From returned packs to new batteries: every deed carried out in one record, in its order."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl

from batteryloop.circular.recycle.genealogy import ReturnedPack, SaltLot, TracedReturns
from batteryloop.circular.recycle.pack_shares import PackShare
from batteryloop.circular.recycle.recycled_content import (
    COUNTED,
    NewBattery,
    make_batteries,
    new_battery,
)
from batteryloop.circular.recycle.traceability import trace_returns
from batteryloop.circular.triage import TriagePlan
from batteryloop.circular.triage.tables import TEST_FIRST
from batteryloop.errors import OptionWrong
from batteryloop.evaluation.profile import shipped_profile
from batteryloop.record import Party
from batteryloop.reference.compositions import composition
from batteryloop.simulation.modules import facility_countries
from batteryloop.usecases.balance_loop import balance_loop
from batteryloop.usecases.carry_out_triage import Decision, carry_out_triage
from batteryloop.usecases.closed_loop import ClosedLoop, LoopOrder, LoopParties
from batteryloop.usecases.collect_returns import collect_returns
from batteryloop.usecases.enter_returns import ReturnParties, enter_returns, pack_description
from batteryloop.usecases.make_second_lives import make_second_lives
from batteryloop.usecases.place_new_battery import PlacedBattery, place_new_batteries
from batteryloop.usecases.ports import Refusal
from batteryloop.usecases.record_recycling import record_recycling
from batteryloop.usecases.record_scribe import Scribe
from batteryloop.usecases.record_second_life import record_repair, record_reuse
from batteryloop.usecases.simulate_depots import at_depots, of_one_model_each
from batteryloop.usecases.simulate_returns import ReturnsBatch, simulate_returns
from batteryloop.usecases.simulate_tests import simulate_tests
from batteryloop.usecases.triage_returns import TriageOptions, triage_returns

_GRADES = "batteryloop-grade"


def close_loop(
    scribe: Scribe, parties: LoopParties, order: LoopOrder, *, rng: np.random.Generator
) -> ClosedLoop:
    """Carry a SIMULATED batch through the whole loop, from collection to new batteries.

    Parameters
    ----------
    scribe : Scribe
        Writes it; its moment is that of the last deed, the others lie up to three weeks before.
    parties : LoopParties
        Who does what.
    order : LoopOrder
        How large it is.
    rng : numpy.random.Generator
        The same state makes the same batch.

    Raises
    ------
    OptionWrong
        If there is no pack, or nothing is made.
    """
    if order.n_packs < 1 or order.n_new < 1:
        raise OptionWrong("loop", f"{order.n_packs} packs, {order.n_new} new", "1 or more of each")
    for party in parties.all():
        scribe.record.add_party(party)
    batch = of_one_model_each(simulate_returns(order.n_packs, rng=rng))
    fetched = collect_returns(
        at_depots(batch), batch.facilities, (scribe.now - timedelta(days=21)).date()
    )
    returns = fetched.returns
    collected = scribe.at(scribe.now - timedelta(days=21))
    who = ReturnParties(
        parties.producer.party_id, parties.operator.party_id, parties.depot.party_id
    )
    refused = enter_returns(collected, returns, who, order.layout)
    plan, after, decisions, more = _decided(scribe, batch, returns, parties, rng)
    renewed = scribe.at(scribe.now - timedelta(days=7))
    _in_use_again(renewed, parties, decisions.values())
    lives = make_second_lives(
        renewed,
        returns,
        batch.truth,
        tuple(decisions.values()),
        remanufacturer=parties.remanufacturer,
        integrator=parties.integrator,
        layout=order.layout,
        rng=rng,
    )
    recycled = scribe.at(scribe.now - timedelta(days=3))
    traces, shares = _recycled(recycled, returns, decisions.values(), parties.recycler)
    placed = _placed(scribe, traces, shares, order, parties.cell_maker)
    steps = balance_loop(scribe.record.entries())
    return ClosedLoop(
        fetched, plan, after, decisions, lives, traces, placed, steps, (*refused, *more)
    )


def _decided(
    scribe: Scribe,
    batch: ReturnsBatch,
    returns: pl.DataFrame,
    parties: LoopParties,
    rng: np.random.Generator,
) -> tuple[TriagePlan, TriagePlan | None, dict[str, Decision], tuple[Refusal, ...]]:
    """Triage, make the tests that it asks for, and decide on the tested packs again."""
    options = TriageOptions(scribe.now.date())
    grades = shipped_profile(_GRADES)
    first = triage_returns(returns, batch.facilities, options)
    begun = scribe.at(scribe.now - timedelta(days=20))
    who = parties.depot.party_id
    told = carry_out_triage(begun, first.plan, party_id=who, grades=grades, is_simulated=True)
    decisions = {decision.battery_id: decision for decision in told}
    tested = simulate_tests(returns, batch.truth, first.plan, rng=rng)
    if tested.is_empty():
        return first.plan, None, decisions, first.refusals
    room = _room_left(batch.facilities, first.plan)
    second = triage_returns(tested, room, replace(options, has_tests=False))
    later = scribe.at(scribe.now - timedelta(days=14))
    told = carry_out_triage(later, second.plan, party_id=who, grades=grades, is_simulated=True)
    decisions |= {decision.battery_id: decision for decision in told}
    return first.plan, second.plan, decisions, (*first.refusals, *second.refusals)


def _room_left(facilities: pl.DataFrame, plan: TriagePlan) -> pl.DataFrame:
    """Return the network with the room that the packs already decided have left."""
    taken: dict[str, float] = defaultdict(float)
    for i in range(plan.problem.n_packs):
        if plan.fate(i) != TEST_FIRST:
            taken[plan.facility(i)] += float(plan.problem.mass_kg[i])
    left = [
        max(float(row["capacity_kg"]) - taken[row["facility"]], 0.0)
        for row in facilities.iter_rows(named=True)
    ]
    return facilities.with_columns(capacity_kg=pl.Series(left, dtype=pl.Float64))


def _in_use_again(scribe: Scribe, parties: LoopParties, decisions: Collection[Decision]) -> None:
    countries = facility_countries()
    for decision in decisions:
        place = {"site": decision.facility, "country": countries.get(decision.facility, "")}
        if decision.fate == "reuse":
            record_reuse(scribe, decision.battery_id, party=parties.integrator, **place)
        elif decision.fate == "repair":
            record_repair(scribe, decision.battery_id, party=parties.remanufacturer, **place)


def _recycled(
    scribe: Scribe, returns: pl.DataFrame, decisions: Collection[Decision], recycler: Party
) -> tuple[dict[str, TracedReturns], list[PackShare]]:
    """Recycle each plant's packs by themselves: no credit moves between plants."""
    countries = facility_countries()
    rows = {row["battery_id"]: row for row in returns.iter_rows(named=True)}
    packs: dict[str, list[ReturnedPack]] = {}
    for decision in decisions:
        if decision.fate != "recycle":
            continue
        row = rows[decision.battery_id]
        packs.setdefault(decision.facility, []).append(
            ReturnedPack(
                decision.battery_id, row["chemistry"], row["mass_kg"], row["rated_energy_kwh"]
            )
        )
    traces: dict[str, TracedReturns] = {}
    shares: list[PackShare] = []
    for plant, inside in sorted(packs.items()):
        traces[plant] = trace_returns(inside, opening="electrified", name=plant)
        shares += record_recycling(
            scribe, traces[plant], party=recycler, site=plant, country=countries.get(plant, "")
        )
    return traces, shares


def _placed(
    scribe: Scribe,
    traces: dict[str, TracedReturns],
    shares: list[PackShare],
    order: LoopOrder,
    maker: Party,
) -> tuple[PlacedBattery, ...]:
    """Make a run of new batteries that share the recovered metal evenly."""
    lots = [lot for trace in traces.values() for lot in trace.lots]
    run = [
        new_battery(f"SIM-NEW-{k + 1:04d}", order.chemistry, order.rated_energy_kwh)
        for k in range(order.n_new)
    ]
    pack = composition(order.chemistry)
    made = make_batteries(lots, run, scribe.now.date(), wanted_frac=_even(lots, run))
    row = {
        "chemistry": order.chemistry,
        "rated_energy_kwh": order.rated_energy_kwh,
        "mass_kg": 1000.0 * order.rated_energy_kwh / pack.specific_energy_wh_per_kg,
        "is_simulated": True,
    }
    described = pack_description(row, order.layout, model="SIMULATED pack with recycled metal")
    return place_new_batteries(
        scribe,
        made,
        shares,
        {battery.battery_id: described for battery in run},
        party=maker,
        country=maker.country,
    )


def _even(lots: Sequence[SaltLot], run: Sequence[NewBattery]) -> dict[str, float]:
    """Return the recycled share of each element that every battery of a run can have [1].

    A share below what the lots hold keeps rounding from leaving the last battery short.
    """
    shares = {}
    for element in COUNTED:
        held = sum(lot.recovered_kg.get(element, 0.0) for lot in lots)
        need = sum(battery.need_kg.get(element, 0.0) for battery in run)
        if held > 0 and need > 0:
            shares[element] = min(held / need, 1.0) * (1.0 - 1e-12)
    return shares
