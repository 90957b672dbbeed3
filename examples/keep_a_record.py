"""Keep three packs in a record, make a store of their modules, and find an altered event.

The batteries are made up for this example.
"""

import sqlite3
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from batteryloop.record import EventKind, FleetQuery, LifeEvent
from batteryloop.record.verification import verify
from batteryloop.storage.records import open_record

NOW = datetime(2026, 11, 1, tzinfo=UTC)
BORN = datetime(2019, 5, 1, tzinfo=UTC)


def life(name: str) -> list[LifeEvent]:
    battery = {"application": "car", "chemistry": "NMC622", "rated_capacity_ah": 66}
    modules = [{"serial": f"{name}-M{n}", "kind": "module"} for n in range(1, 7)]
    steps: list[tuple[EventKind, dict[str, object]]] = [
        (EventKind.MADE, {"battery": battery, "components": modules}),
        (EventKind.IN_SERVICE, {"country": "DE"}),
        (EventKind.EVALUATED, {"soh_frac": 0.78, "soh_low_frac": 0.76, "soh_high_frac": 0.8}),
        (EventKind.REMOVED, {}),
    ]
    return [
        LifeEvent(f"{name}-{n}", name, kind, BORN + n * timedelta(days=700), "maker", details)
        for n, (kind, details) in enumerate(steps)
    ]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "record.sqlite")
        with open_record(str(path), now=lambda: NOW) as record:
            for name in ("P1", "P2", "P3"):
                record.append(life(name), recorded_by="example", recorded_at=NOW)
            parents = [
                {"battery_id": p, "serials": [f"{p}-M{n}" for n in range(1, 5)]}
                for p in ("P1", "P2", "P3")
            ]
            store = LifeEvent(
                "store-1", "STORE-1", EventKind.REPURPOSED, NOW, "renewer",
                {"battery": {"application": "stationary-storage"}, "parents": parents},
            )  # fmt: skip
            record.append([store], recorded_by="example", recorded_at=NOW)
            print(f"STORE-1 has {len(record.components('STORE-1'))} modules from three packs")
            print(f"P1 has {len(record.components('P1'))} left")
            print(f"{record.batteries(FleetQuery(n_most=2)).n_total} batteries in the record")
            print(f"whole: {verify(record.lines(), head=record.head()).is_whole}")

            forger = sqlite3.connect(path)
            forger.execute("DROP TRIGGER ledger_is_not_changed")
            forger.execute("UPDATE ledger SET details = '{\"soh_frac\":0.99}' WHERE sequence = 3")
            forger.commit()
            forger.close()
            for breach in verify(record.lines(), head=record.head()).breaches:
                print(f"entry {breach.sequence}, {breach.battery_id} {breach.kind}: {breach.rule}")


if __name__ == "__main__":
    main()
