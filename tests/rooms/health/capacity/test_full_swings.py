import polars as pl
import pytest

from batteryloop.health.anchors.swings import SCHEMA
from batteryloop.health.capacity.full_swings import (
    capacity_from_swings,
    capacity_history,
    conditions,
    reference_swings,
    same_conditions,
)


def swing(number, capacity_ah=10.0, current_a=5.0, degc=25.0, kind="discharge", sd_ah=0.0):
    return {
        "kind": kind,
        "number": number,
        "start_at": None,
        "end_at": None,
        "cycle_count": number,
        "capacity_ah": capacity_ah,
        "capacity_sd_ah": sd_ah,
        "offset_sd_ah": 0.0,
        "slack_sd_ah": 0.0,
        "energy_wh": capacity_ah * 3.7,
        "current_a": current_a,
        "c_rate_per_h": current_a / 10,
        "temperature_degc": degc,
        "throughput_ah": 20.0 * number,
        "evidence": "",
        "index_first": number * 100,
        "index_last": number * 100 + 50,
        "row_first": number * 100,
        "row_last": number * 100 + 50,
    }


def table(*swings):
    return pl.DataFrame(list(swings), schema=SCHEMA, orient="row")


def numbers(found):
    return found.get_column("number").to_list()


def test_last_five_of_alike_swings_are_chosen():
    assert numbers(reference_swings(table(*(swing(n) for n in range(1, 21))))) == [
        16,
        17,
        18,
        19,
        20,
    ]


def test_first_five_are_chosen_for_the_beginning():
    assert numbers(reference_swings(table(*(swing(n) for n in range(1, 21))), is_first=True)) == [
        1, 2, 3, 4, 5,
    ]  # fmt: skip


def test_slow_swings_go_before_fast_ones_of_the_same_time():
    mixed = table(*(swing(n, current_a=1.0 if n in (3, 4) else 10.0) for n in range(1, 9)))
    assert numbers(reference_swings(mixed)) == [3, 4]


def test_slow_swing_of_long_ago_does_not_speak_for_now():
    old = table(swing(1, current_a=0.5), *(swing(n) for n in range(2, 200)))
    assert 1 not in numbers(reference_swings(old))


def test_swings_near_25_degrees_go_before_cold_and_hot_ones():
    mixed = table(*(swing(n, degc=t) for n, t in enumerate((-10, 5, 22, 24, 45, 40), 1)))
    assert numbers(reference_swings(mixed)) == [3, 4]


def test_unknown_temperatures_do_not_hinder():
    assert len(reference_swings(table(*(swing(n, degc=None) for n in range(1, 4))))) == 3


def test_same_conditions_are_about_the_same_current_and_temperature():
    like = table(swing(9))
    others = table(swing(1), swing(2, current_a=7.0), swing(3, current_a=9.0), swing(4, degc=12.0))
    assert numbers(same_conditions(others, like)) == [1, 2]


def test_capacity_is_the_median_and_its_interval_holds_the_shared_error():
    rows = [swing(n, q, sd_ah=0.1) for n, q in enumerate((9.9, 10.0, 10.1), 1)]
    estimate, chosen = capacity_from_swings(table(*rows), confidence_frac=0.9)
    assert estimate.value == 10.0
    assert estimate.n_segments == chosen.height == 3
    assert estimate.n_rows == 3 * 51
    assert estimate.high - 10.0 > 1.645 * 0.1


def test_no_swing_gives_the_reason_handed_in():
    estimate, chosen = capacity_from_swings(table(), confidence_frac=0.9, reason="never full")
    assert (estimate.value, estimate.reason) == (None, "never full")
    assert chosen.is_empty()


def test_charges_are_counted_only_when_asked_for():
    rows = table(swing(1, 9.0, kind="charge"), swing(2, 10.0))
    assert capacity_from_swings(rows, confidence_frac=0.9)[0].value == 10.0
    charges, _ = capacity_from_swings(rows, kind="charge", confidence_frac=0.9)
    assert charges.value == 9.0
    assert charges.method.startswith("full-charge-count v1")


def test_conditions_are_said_in_words():
    assert conditions(table(swing(1))) == "0.50 C, 25 °C"
    assert conditions(table(swing(1, degc=None))) == "0.50 C, temperature unknown"


def test_history_has_each_swing_with_its_own_interval():
    rows = table(*(swing(n, sd_ah=0.05) for n in range(1, 11)))
    _, chosen = capacity_from_swings(rows, confidence_frac=0.9)
    history = capacity_history(rows, chosen, kind="discharge", confidence_frac=0.9)
    assert history.height == 10
    assert history.get_column("is_reference").sum() == 5
    half = (history["capacity_high_ah"] - history["capacity_low_ah"]).to_numpy() / 2
    assert half == pytest.approx(1.6449 * (0.05**2 + 0.05**2) ** 0.5, rel=1e-3)
