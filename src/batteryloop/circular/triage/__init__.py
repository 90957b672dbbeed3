"""Which fate is best for each returned pack, how surely? And what would change it."""

from batteryloop.circular.triage.explain import Explanation, Flip, Option, explain
from batteryloop.circular.triage.judge import Judged, judge, updated
from batteryloop.circular.triage.network import Facility, Origins
from batteryloop.circular.triage.packs import ReturnedPack, ReturnedPacks, returned_packs
from batteryloop.circular.triage.plan import TriagePlan, plan_triage
from batteryloop.circular.triage.problem import Lane, Limit
from batteryloop.circular.triage.tables import FATES, FateTable, StateTest, fate_table, state_tests

__all__ = [
    "FATES",
    "Explanation",
    "Facility",
    "FateTable",
    "Flip",
    "Judged",
    "Lane",
    "Limit",
    "Option",
    "Origins",
    "ReturnedPack",
    "ReturnedPacks",
    "StateTest",
    "TriagePlan",
    "explain",
    "fate_table",
    "judge",
    "plan_triage",
    "returned_packs",
    "state_tests",
    "updated",
]
