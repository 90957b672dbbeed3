"""What is known of a lake's batteries beforehand, kept beside the samples as a small table."""

import csv
import io
from pathlib import Path

from batteryloop.errors import BatteryloopError, FileDamaged
from batteryloop.record import BatteryIdentity
from batteryloop.storage.durable import outside, write_whole
from batteryloop.storage.lock import exclusive

# the underscore keeps it from the sweeping of other Delta tools
TABLE = "_batteries.csv"
_COLUMNS = ("battery_id", "chemistry", "rated_capacity_ah", "n_cells_series")


def read_identities(root: Path) -> dict[str, BatteryIdentity]:
    """Return the identities kept in the lake at `root`, by battery; none if none are kept.

    Raises
    ------
    FileDamaged
        If a line of the table is not an identity.
    """
    path = root / TABLE
    with outside(path.name):
        if not path.exists():
            return {}
        data = path.read_bytes()
    known = {}
    for number, row in enumerate(csv.DictReader(io.StringIO(data.decode("utf-8", "replace"))), 2):
        try:
            known[row["battery_id"]] = BatteryIdentity(
                row["battery_id"],
                row["chemistry"] or None,
                float(row["rated_capacity_ah"]) if row["rated_capacity_ah"] else None,
                int(row["n_cells_series"] or 1),
            )
        except (KeyError, TypeError, ValueError, BatteryloopError) as exc:
            raise FileDamaged(
                f"{root.name}/{TABLE}",
                f"line {number} is no battery ({exc})",
                f"columns {', '.join(_COLUMNS)}",
                "correct the line",
            ) from exc
    return known


def keep_identities(root: Path, identities: dict[str, BatteryIdentity]) -> None:
    """Add `identities` to those in the lake at `root`; what is said anew of a battery holds."""
    with outside(TABLE), exclusive(root / ".batteries", deed="writing in", waits=True):
        known = read_identities(root) | identities
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(_COLUMNS)
        for battery_id in sorted(known):
            one = known[battery_id]
            capacity = "" if one.rated_capacity_ah is None else repr(one.rated_capacity_ah)
            table.writerow((battery_id, one.chemistry or "", capacity, one.n_cells_series))
        write_whole(root / TABLE, text.getvalue().encode())
