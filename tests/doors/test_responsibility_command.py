"""The ledger of producer responsibility, as a person calls it."""

import pytest

COLUMNS = (
    "entry_id,kind,party_id,country,category,happened_on,mass_kg,chemistry,amount_eur,evidence"
)
LEDGER = """
E1,registered,ACME,FR,portable,2026-01-10,,,,FR-77
E2,placed,ACME,FR,portable,2026-05-01,1000,LFP,,
E3,placed,ACME,FR,portable,2027-05-01,1000,LFP,,
E4,placed,ACME,FR,portable,2028-05-01,1000,LFP,,
E5,collected,ACME,FR,portable,2028-06-01,600,,,
E6,treated,ACME,FR,portable,2028-07-01,500,,,sheet 9
E7,fee_paid,ACME,FR,portable,2027-03-01,,,400,
E8,placed,OTHER,DE,electric-vehicle,2028-05-01,5000,NMC622,,
"""


@pytest.fixture
def ledger_csv(tmp_path):
    path = tmp_path / "ledger.csv"
    path.write_text(COLUMNS + LEDGER)
    return path


def test_the_ledger_says_rates_fees_duties_and_proof(batteryloop, ledger_csv, tmp_path):
    fees = tmp_path / "fees.csv"
    fees.write_text(
        "country,category,chemistry,fee_eur_per_kg,from_on\nFR,portable,*,0.5,2025-01-01\n"
    )
    document = batteryloop(
        "circular", "responsibility", ledger_csv, "--fees", fees, "--on", "2029-03-01", "--json"
    ).document
    rate = next(rate for rate in document["rates"] if rate["year"] == 2028)
    assert rate["rate_frac"] == pytest.approx(0.6)
    assert rate["passes"] is False
    assert rate["missing_kg"] == pytest.approx(30.0)
    fee = next(fee for fee in document["fees"] if fee["year"] == 2026)
    assert fee["open_eur"] == pytest.approx(100.0)
    states = {(d["party_id"], d["name"], d["subject"]): d["state"] for d in document["duties"]}
    assert states["ACME", "register", "first placing"] == "met"
    assert states["OTHER", "register", "first placing"] == "late"
    assert states["ACME", "finance", "year 2026"] == "met"
    assert states["ACME", "report", "year 2026"] == "late"


def test_one_partys_ledger_can_be_read_alone(batteryloop, ledger_csv):
    ended = batteryloop(
        "circular", "responsibility", ledger_csv, "--party", "ACME", "--on", "2029-03-01"
    )
    assert ended.code == 0
    assert "ACME" in ended.out
    assert "OTHER" not in ended.out
    assert "✗ fails" in ended.out


def test_a_bad_entry_is_refused_and_the_rest_goes_on(batteryloop, ledger_csv):
    with ledger_csv.open("a") as table:
        table.write(
            "E2,placed,ACME,FR,portable,2026-05-01,5,,,\nE9,placed,ACME,FX,portable,2026-05-01,5,,,\n"
        )
    ended = batteryloop("circular", "responsibility", ledger_csv, "--on", "2029-03-01")
    assert ended.code == 0
    assert "entry E2: comes twice" in ended.err
    assert "entry E9" in ended.err


def test_a_missing_column_is_one_line_and_exit_2(batteryloop, tmp_path):
    path = tmp_path / "ledger.csv"
    path.write_text("entry_id,kind\nE1,placed\n")
    ended = batteryloop("circular", "responsibility", path)
    assert ended.code == 2
    assert "no column party_id" in ended.err
