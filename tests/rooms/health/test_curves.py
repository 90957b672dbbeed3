from batteryloop.health import evaluate
from batteryloop.record import BatteryIdentity


def test_curves_begin_high_with_nothing_taken_and_end_low_with_the_capacity(cycled):
    report = evaluate(cycled, BatteryIdentity("CELL", "NMC"))
    curves = report.voltage_curves
    assert curves.get_column("cycle_count").n_unique() == 3
    first = curves.filter(curves["cycle_count"] == curves["cycle_count"].min())
    assert first.item(0, "discharged_ah") < 0.1 < 9.5 < first.item(-1, "discharged_ah")
    assert first.item(0, "voltage_v") > 4.0 > 3.2 > first.item(-1, "voltage_v")
    assert (first["discharged_ah"].diff().drop_nulls() > 0).all()


def test_many_cycles_leave_a_dozen_curves_of_a_hundred_and_fifty_points(cell):
    made = cell()
    for _ in range(30):
        made.charge(10.0).discharge(10.0)
    curves = evaluate(made.frame(), BatteryIdentity("CELL", "NMC")).voltage_curves
    assert curves.get_column("cycle_count").n_unique() == 12
    assert curves.group_by("cycle_count").len().get_column("len").max() <= 300
