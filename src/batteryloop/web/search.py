"""Where a search leads: a code or serial straight to its battery, words to a list."""

from urllib.parse import quote, urlencode

from batteryloop.api.access import HOLDERS, OVERSEERS, is_own
from batteryloop.errors import NotKnown
from batteryloop.record import BatteryState
from batteryloop.record.accounts import Caller
from batteryloop.usecases.record_port import Record


def place_of(record: Record, caller: Caller, asked: str) -> str | None:
    """Return the page that a search leads to; None where there is nothing to be shown.

    Who may see the battery comes to its page, everybody else to its passport: that a code leads
    to a passport is public. The serial of a part leads only to one's own batteries.
    """
    exact = _named(record, asked)
    if exact is not None and _may_open(caller, exact):
        return f"/fleet/{quote(exact.battery.battery_id, safe='')}"
    if exact is not None and exact.passport_id:
        return f"/passport/{quote(exact.passport_id, safe=':')}"
    for battery_id in record.batteries_with_part(asked):
        state = record.battery(battery_id)
        if _may_open(caller, state):
            return f"/fleet/{quote(battery_id, safe='')}"
    if caller.role in HOLDERS | OVERSEERS:
        return f"/fleet?{urlencode({'words': asked})}"
    return None


def _named(record: Record, asked: str) -> BatteryState | None:
    try:
        return record.battery(record.battery_with_code(asked))
    except NotKnown:
        return None


def _may_open(caller: Caller, state: BatteryState) -> bool:
    return caller.role in OVERSEERS or (caller.role in HOLDERS and is_own(caller, state))
