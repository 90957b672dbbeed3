"""Mass, rates, fees, duties and proof, from plain entries."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.circular.responsibility import (
    FeeRow,
    LedgerEntry,
    checked_entry,
    collection_rates,
    duty_states,
    fee_accounts,
    fee_due_eur,
    fee_rows,
    ledger_findings,
    year_accounts,
)
from batteryloop.errors import InputWrong, NotKnown, ValueOutOfRange


def entry(kind, day, mass_kg=0.0, name=None, category="portable", **more):
    day = date.fromisoformat(day)
    name = name or f"{kind}-{day}-{mass_kg}-{more.get('order_id', '')}"
    return LedgerEntry(name, kind, "P", "FR", category, day, mass_kg, **more)


def rate_of(*entries, until="2032-01-01", year=2028):
    rates = collection_rates(year_accounts(entries), date.fromisoformat(until))
    return next(rate for rate in rates if rate.year == year)


PLACED = [entry("placed", f"{year}-06-01", 100.0) for year in (2026, 2027, 2028)]


@pytest.mark.parametrize(
    ("category", "year", "target"),
    [
        ("portable", 2026, None),
        ("portable", 2027, 0.63),
        ("portable", 2030, 0.73),
        ("light-transport", 2027, None),
        ("light-transport", 2028, 0.51),
        ("light-transport", 2031, 0.61),
    ],
)
def test_the_target_is_the_one_in_force_at_the_end_of_the_year(category, year, target):
    placed = [
        entry("placed", f"{y}-06-01", 100.0, category=category) for y in range(year - 2, year + 1)
    ]
    assert rate_of(*placed, year=year).target_frac == target


def test_the_rate_is_over_the_mean_of_three_years():
    placed = [
        entry("placed", f"{year}-06-01", kg)
        for year, kg in ((2026, 50.0), (2027, 100.0), (2028, 150.0))
    ]
    rate = rate_of(*placed, entry("collected", "2028-03-01", 60.0))
    assert rate.rate_frac == pytest.approx(0.60)
    assert rate.passes is False
    assert rate.missing_kg == pytest.approx(3.0)


def test_exactly_the_target_passes():
    assert rate_of(*PLACED, entry("collected", "2028-03-01", 63.0)).passes is True


def test_without_the_years_before_there_is_no_rate_and_the_reason_says_so():
    rate = rate_of(PLACED[2])
    assert rate.rate_frac is None
    assert "2026, 2027" in rate.reason


def test_a_year_that_is_not_over_has_no_rate():
    assert "not over" in rate_of(*PLACED, until="2028-11-01").reason


def test_vehicle_batteries_have_no_collection_target():
    placed = [entry("placed", "2028-01-01", 5.0, category="electric-vehicle")]
    assert collection_rates(year_accounts(placed), date(2030, 1, 1)) == ()


masses = st.lists(
    st.tuples(
        st.sampled_from(["placed", "collected", "treated", "exported"]),
        st.floats(0.1, 1e6),
        st.integers(2025, 2030),
    ),
    max_size=30,
)


@given(masses)
def test_no_kilogram_is_lost_between_entries_and_accounts(made):
    entries = [entry(k, f"{y}-01-01", m, name=str(i)) for i, (k, m, y) in enumerate(made)]
    accounts = year_accounts(entries)
    for kind in ("placed", "collected", "treated", "exported"):
        total = sum(m for k, m, _ in made if k == kind)
        assert sum(a.mass_kg[kind] for a in accounts) == pytest.approx(total)
    placed = sum(sum(a.placed_by_chemistry_kg.values()) for a in accounts)
    assert placed == pytest.approx(sum(m for k, m, _ in made if k == "placed"))


def states(*entries, until="2027-03-01"):
    return {
        (duty.name, duty.subject): duty for duty in duty_states(entries, date.fromisoformat(until))
    }


def test_who_places_without_registering_is_late_at_once():
    assert states(PLACED[0], until="2026-06-02")["register", "first placing"].state == "late"


def test_registered_before_placing_is_met_with_its_proof():
    registered = entry("registered", "2026-01-01", evidence="FR-123")
    duty = states(PLACED[0], registered)["register", "first placing"]
    assert (duty.state, duty.evidence) == ("met", "FR-123")


@pytest.mark.parametrize(
    ("filed", "until", "state"),
    [
        (None, "2027-06-30", "open"),
        (None, "2027-07-01", "late"),
        ("2027-05-01", "2027-07-01", "met"),
        ("2027-08-01", "2027-09-01", "met late"),
    ],
)
def test_a_report_is_due_half_a_year_after_its_year(filed, until, state):
    entries = [PLACED[0]] + ([entry("report_filed", filed)] if filed else [])
    assert states(*entries, until=until)["report", "year 2026"].state == state


def test_a_take_back_order_is_met_by_the_one_that_names_it():
    order = entry("take_back_ordered", "2026-03-01", 12.0, order_id="O-1")
    other = entry("take_back_done", "2026-03-05", 12.0, order_id="O-2", evidence="x")
    own = entry("take_back_done", "2026-03-20", 12.0, order_id="O-1", evidence="note 7")
    assert states(order, other)["take-back", "order O-1"].state == "late"
    assert states(order, own)["take-back", "order O-1"].evidence == "note 7"


def test_what_was_placed_before_the_law_brings_no_duty():
    assert states(entry("placed", "2024-01-01", 5.0)) == {}


def test_the_late_come_first():
    found = duty_states([PLACED[0]], date(2027, 3, 1))
    assert [duty.state for duty in found] == ["late", "open", "open"]


FEES = [
    FeeRow("FR", "portable", "*", 0.50, date(2025, 1, 1)),
    FeeRow("FR", "portable", "LFP", 0.30, date(2025, 1, 1)),
    FeeRow("FR", "portable", "LFP", 0.40, date(2027, 1, 1)),
]


def test_the_fee_is_that_of_the_chemistry_in_force_on_the_day():
    placed = [
        entry("placed", day, 10.0, chemistry=chemistry)
        for day, chemistry in (("2026-05-01", "LFP"), ("2027-05-01", "LFP"), ("2027-05-01", "LCO"))
    ]
    assert [fee_due_eur(e, FEES) for e in placed] == pytest.approx([3.0, 4.0, 5.0])


def test_fees_are_modulated_by_every_criterion():
    placed = entry("placed", "2026-05-01", 10.0, criteria=("reusable", "hazardous"))
    assert fee_due_eur(placed, FEES) == pytest.approx(5.0 * 0.9 * 1.25)
    with pytest.raises(NotKnown, match="reusable"):
        fee_due_eur(entry("placed", "2026-05-01", 10.0, criteria=("re-usable",)), FEES)


def test_without_a_fee_row_what_is_due_is_not_known():
    (account,) = fee_accounts([entry("placed", "2024-05-01", 10.0)], FEES)
    assert account.due_eur is None
    assert account.open_eur is None
    assert "no fee" in account.reason


def test_what_was_paid_is_taken_off():
    paid = entry("fee_paid", "2027-02-01", amount_eur=2.0)
    (account,) = fee_accounts([entry("placed", "2026-05-01", 10.0), paid], FEES)
    assert account.open_eur == pytest.approx(3.0)


def test_an_auditor_asks_for_proof_and_for_mass_that_came_from_nowhere():
    entries = [
        entry("collected", "2026-01-01", 5.0),
        entry("treated", "2026-02-01", 7.0, evidence="sheet 4"),
        entry("exported", "2026-02-01", 1.0),
        entry("collected", "2030-01-01", 1.0, name="to come"),
    ]
    found = " | ".join(f.found for f in ledger_findings(entries, date(2027, 1, 1)))
    assert "exported without evidence" in found
    assert "2 kg more treated and exported than collected" in found
    assert "happens on 2030-01-01" in found
    assert "treated without evidence" not in found


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (entry("place", "2026-01-01", 1.0), NotKnown),
        (entry("placed", "2026-01-01", 1.0, category="portabel"), NotKnown),
        (entry("placed", "2026-01-01"), ValueOutOfRange),
        (entry("placed", "2026-01-01", -1.0), ValueOutOfRange),
        (entry("fee_paid", "2026-01-01"), ValueOutOfRange),
        (entry("take_back_done", "2026-01-01"), InputWrong),
    ],
)
def test_an_entry_that_cannot_be_is_refused(wrong, error):
    with pytest.raises(error):
        checked_entry(wrong)


def test_a_fee_table_that_cannot_be_read_says_the_row():
    with pytest.raises(InputWrong, match="row 2"):
        fee_rows([{"country": "FR"}])
