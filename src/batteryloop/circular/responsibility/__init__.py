"""Who answers for which batteries, was what is owed done, and where is the proof? A ledger."""

from batteryloop.circular.responsibility.duties import duty_states
from batteryloop.circular.responsibility.fees import FeeRow, fee_accounts, fee_due_eur, fee_rows
from batteryloop.circular.responsibility.ledger import (
    checked_entry,
    collection_rates,
    ledger_findings,
    year_accounts,
)
from batteryloop.circular.responsibility.types import (
    CollectionRate,
    DutyState,
    FeeAccount,
    LedgerEntry,
    LedgerFinding,
    YearAccount,
)

__all__ = [
    "CollectionRate",
    "DutyState",
    "FeeAccount",
    "FeeRow",
    "LedgerEntry",
    "LedgerFinding",
    "YearAccount",
    "checked_entry",
    "collection_rates",
    "duty_states",
    "fee_accounts",
    "fee_due_eur",
    "fee_rows",
    "ledger_findings",
    "year_accounts",
]
