import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteryloop.readers.headers import meaning, understand, vocabulary


@pytest.mark.parametrize(
    ("label", "dialect", "name", "unit"),
    [
        ("Current(A)", "", "current_a", "A"),
        ("Current / mA", "", "current_a", "mA"),
        ("I/mA", "", "current_a", "mA"),
        ("<I>/mA", "", "current_a", "mA"),
        ("U[V]", "", "voltage_v", "V"),
        ("Voltage_V", "", "voltage_v", "V"),
        ("voltage_volt", "", "voltage_v", "V"),
        ("Test_Time(s)", "", "elapsed_s", "s"),
        ("Total Time (Seconds)", "", "elapsed_s", "Seconds"),
        ("Time", "", "elapsed_s", "s"),
        ("Time", "neware", "step_time_s", "s"),
        ("Relative Time(h:min:s.ms)", "neware", "step_time_s", "h:min:s.ms"),
        ("Test (Min)", "maccor", "elapsed_s", "min"),
        ("Step (Min)", "maccor", "step_time_s", "min"),
        ("Step", "maccor", "step_index", "1"),
        ("DPt Time", "maccor", "time", ""),
        ("mAmp-hr", "maccor", "half_cycle_capacity_ah", "mAh"),
        ("Charge Capacity (mAh)", "pec", "charge_capacity_ah", "mAh"),
        ("Charge Capacity (mWh)", "pec", "charge_energy_wh", "mWh"),
        ("~Time[h]", "basytec", "elapsed_s", "h"),
        ("Temperature/\ufffdC", "biologic", "temperature_degc", "\ufffdC"),
        ("Chg. Cap.(mAh)", "neware", "charge_capacity_ah", "mAh"),
        ("unix_time_second", "", "time", "s"),
        ("Datenum_d", "", "time", "datenum"),
    ],
)
def test_headers_of_all_testers_are_understood(label, dialect, name, unit):
    word = meaning(label, vocabulary(dialect))
    assert word is not None
    assert (word.name, word.unit) == (name, unit)


@pytest.mark.parametrize(
    "label",
    ["dV/dt(V/s)", "dQ/dV(mAh/V)", "Current Range", "V_min", "Step (Min)", "", "(", "/", "_"],
)
def test_headers_of_other_things_are_not(label):
    assert meaning(label, vocabulary()) is None


def test_of_two_headers_of_one_name_the_first_counts():
    first, *others = understand(["Voltage(V)", "Voltage(mV)"])
    assert (first.index, first.unit, others) == (0, "V", [])


@given(st.lists(st.text(max_size=30), max_size=8))
def test_no_header_is_too_odd(labels):
    names = [c.name for c in understand(labels)]
    assert len(names) == len(set(names))
