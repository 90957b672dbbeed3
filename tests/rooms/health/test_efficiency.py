import pytest

from batteryloop.health import evaluate
from batteryloop.record import BatteryIdentity

CELL = BatteryIdentity("CELL", "NMC", rated_capacity_ah=10.0)


def test_energy_efficiency_is_the_loss_in_the_resistance(cycled):
    report = evaluate(cycled, CELL)
    # 5 A over 10 mohm is 50 mV each way at about 3.72 V: (3.72 - 0.05) / (3.72 + 0.05) = 0.973
    assert report.energy_efficiency_frac.value == pytest.approx(0.973, abs=0.004)
    assert report.coulombic_efficiency_frac.value == pytest.approx(1.0, abs=0.002)
    assert report.coulombic_efficiency_frac.low < 1.0 < report.coulombic_efficiency_frac.high


def test_leaking_cell_gives_back_less_than_it_took(cell):
    made = cell()
    for _ in range(4):
        made.charge(5.0).rest(0.2)
        made.soc -= 0.05
        made.discharge(5.0).rest(0.2)
    assert evaluate(made.frame(), CELL).coulombic_efficiency_frac.value == pytest.approx(
        0.95, abs=0.005
    )


def test_discharges_alone_have_no_efficiency(cell):
    made = cell()
    made.soc = 1.0
    report = evaluate(made.rest(0.2).discharge(5.0).frame(), CELL)
    assert "full charge is followed" in report.coulombic_efficiency_frac.reason
