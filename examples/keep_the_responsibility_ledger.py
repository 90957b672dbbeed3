"""Ask a small ledger of producer responsibility what is owed, late and lacks proof."""

from datetime import date

from batteryloop.circular.responsibility import (
    LedgerEntry,
    collection_rates,
    duty_states,
    ledger_findings,
    year_accounts,
)


def main() -> None:
    entries = [
        LedgerEntry(f"P{year}", "placed", "ACME", "FR", "portable", date(year, 5, 1), 1000.0)
        for year in (2026, 2027, 2028)
    ]
    entries.append(
        LedgerEntry("C1", "collected", "ACME", "FR", "portable", date(2028, 6, 1), 600.0)
    )
    entries.append(LedgerEntry("T1", "treated", "ACME", "FR", "portable", date(2028, 7, 1), 500.0))
    today = date(2029, 3, 1)
    rate = collection_rates(year_accounts(entries), today)[-1]
    print(f"2028: {100 * rate.rate_frac:.0f} % collected, {rate.missing_kg:.0f} kg missing")
    for duty in duty_states(entries, today)[:3]:
        print(duty.state, "-", duty.name, duty.subject, "due", duty.due_on)
    for finding in ledger_findings(entries, today):
        print("asked:", finding.subject, finding.found)


if __name__ == "__main__":
    main()
