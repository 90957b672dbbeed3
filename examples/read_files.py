"""Read whatever lies in a folder: what can be read, what was noticed, what is refused and why."""

from pathlib import Path
from tempfile import TemporaryDirectory

from batteryloop.errors import BatteryloopError
from batteryloop.readers import Mapping, read, read_many

PULSES = "Test Time / s,Voltage / V,Current / A\n0,3.70,0.0\n1,3.66,-1.0\n2,3.6x,-1.0\n3,3.70,0.0\n"
LOG = "minutes,volts,load\n0,3.70,0\n1,3.66,1000\n2,3.70,0\n"

with TemporaryDirectory() as folder:
    exports = Path(folder)
    (exports / "pulses.txt").write_text(PULSES)
    (exports / "notes.csv").write_text("Cell 7 was put aside.\nIt smelled of solvent.\n")
    for result in read_many([exports]):
        if isinstance(result, BatteryloopError):
            print("refused:", result)
            continue
        print(f"{result.source.name} is {result.source.format}, {result.frame.height} rows")
        for finding in result.findings:
            print(f"  {finding.severity}: {finding.found}, row {finding.row_first}")

    mapping = Mapping.of(
        {
            "positive_is": "discharge",
            "columns": {
                "elapsed_s": {"column": "minutes", "unit": "min"},
                "voltage_v": "volts",
                "current_a": {"column": "load", "unit": "mA"},
            },
        }
    )
    (exports / "log.csv").write_text(LOG)
    log = read(exports / "log.csv", mapping=mapping, battery_id="CELL-7")
    print(log.frame.select("battery_id", "current_a", "voltage_v").row(1))
