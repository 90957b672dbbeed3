"""The demo's second half: the cell and the fleet on record, evaluated, with signed passports."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from batteryloop.cli import screen
from batteryloop.errors import BatteryloopError
from batteryloop.evaluation import EvaluationReport
from batteryloop.health.lifetime.population import shipped_population
from batteryloop.health.open_circuit.curve import OcvCurve
from batteryloop.passport.credential import Verdict
from batteryloop.passport.document import passport_document
from batteryloop.record import BatteryIdentity, EventKind, LifeEvent, Party, PartyRole
from batteryloop.storage.records import SqlRecord
from batteryloop.usecases.evaluate_battery import EvaluationOrder, evaluate_batteries
from batteryloop.usecases.evaluate_recorded import order_of
from batteryloop.usecases.ports import Refusal, TelemetrySource
from batteryloop.usecases.record_evaluation import record_evaluation
from batteryloop.usecases.record_passport import record_passport, recorded_history
from batteryloop.usecases.sign_passport import SignedPassport
from batteryloop.usecases.verify_passport import verify_passport
from batteryloop.wiring.chance import seeded
from batteryloop.wiring.clock import now
from batteryloop.wiring.evaluations import SOFTWARE
from batteryloop.wiring.issuers import issuer_of, sign_in_folder, sign_on_record
from batteryloop.wiring.passports import new_passport_id, write_json
from batteryloop.wiring.records import new_event_id, open_record
from batteryloop.wiring.settings import Settings

LABORATORY = Party("oak-ridge", "Oak Ridge National Laboratory", "US", (PartyRole.OPERATOR,))
OPERATOR = Party("demo-fleet", "Demo fleet, SIMULATED", "DE", (PartyRole.OPERATOR,))
WHO = "demo"
# The server's own address where no setting names another, so that it goes on as the same issuer.
_ADDRESS = Settings.read({}).address
_YEAR_ONLY = "only the model year, 2013, is known"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the demo put on record, and where."""

    record: Path
    keys: Path
    passport: Path
    credential: Path
    report: EvaluationReport
    verdict: Verdict
    n_entries: int

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON."""
        return {
            "record": str(self.record),
            "keys": str(self.keys),
            "passport": str(self.passport),
            "credential": str(self.credential),
            "grade": self.report.grade.short if self.report.grade else None,
            "verdict": self.verdict.as_dict(),
            "n_entries": self.n_entries,
        }


def put_on_record(
    out: Path,
    leaf: TelemetrySource,
    identity: BatteryIdentity,
    ocv: OcvCurve,
    fleet: TelemetrySource,
) -> Shown:
    """Put the Leaf cell and the simulated fleet on record; sign and verify the cell's passport.

    Parameters
    ----------
    out : Path
        The demo's folder.
    leaf : TelemetrySource
        The real cell.
    identity : BatteryIdentity
        What is known of it.
    ocv : OcvCurve
        Its open-circuit voltage.
    fleet : TelemetrySource
        The simulated packs.
    """
    path = out / "record.sqlite"
    for old in (path, *out.glob("record.sqlite-*")):
        old.unlink(missing_ok=True)
    with open_record(str(path)) as record:
        report = _leaf(record, leaf, identity, ocv)
        _fleet(record, fleet)
        signed, passport = _signed(record, report.battery_id, out)
        verdict = _verified(signed, passport, out)
        n_entries = sum(1 for _ in record.entries())
    return Shown(
        path,
        out / "keys",
        out / "passport.json",
        out / "passport.vc.jwt",
        report,
        verdict,
        n_entries,
    )


def _event(
    battery_id: str, kind: EventKind, at: datetime, party: Party, **details: object
) -> LifeEvent:
    return LifeEvent(new_event_id(), battery_id, kind, at, party.party_id, details)


def _leaf(
    record: SqlRecord, source: TelemetrySource, identity: BatteryIdentity, ocv: OcvCurve
) -> EvaluationReport:
    record.add_party(LABORATORY)
    (recording,) = (part for part in source.recordings() if not isinstance(part, Refusal))
    battery_id = str(recording.frame["battery_id"][0])
    made_at = now().replace(year=2013, month=1, day=1)
    described = {
        "application": "car",
        "chemistry": identity.chemistry,
        "rated_capacity_ah": identity.rated_capacity_ah,
        "model": "cell of a 2013 Nissan Leaf",
    }
    record.append(
        [
            _event(battery_id, EventKind.MADE, made_at, LABORATORY, battery=described),
            _event(battery_id, EventKind.NOTED, made_at, LABORATORY, text=_YEAR_ONLY),
        ],
        recorded_by=WHO,
        recorded_at=now(),
    )
    state = record.battery(battery_id)
    order = EvaluationOrder(software=SOFTWARE, evaluated_at=now(), ocv=ocv)
    (report,) = _reports(source, state.battery.identity, order_of(record, state, order))
    _keep(record, report, LABORATORY)
    record_passport(
        record,
        battery_id,
        description={"attributes": {"manufactured_on": {"reason": _YEAR_ONLY}}},
        party_id=LABORATORY.party_id,
        recorded_by=WHO,
        now=now(),
        new_passport_id=new_passport_id,
        new_event_id=new_event_id,
    )
    return report


def _fleet(record: SqlRecord, source: TelemetrySource) -> None:
    """Put simulated packs on record, each with its evaluation and its passport."""
    record.add_party(OPERATOR)
    for battery_id, who in sorted(source.identities().items()):
        begun = now() - timedelta(days=700)
        described = {
            "application": "heavy-truck",
            "chemistry": who.chemistry,
            "rated_capacity_ah": who.rated_capacity_ah,
            "n_cells_series": who.n_cells_series,
            "model": "SIMULATED pack",
            "is_simulated": True,
        }
        placed = begun + timedelta(days=20)
        record.append(
            [
                _event(battery_id, EventKind.MADE, begun, OPERATOR, battery=described),
                _event(
                    battery_id, EventKind.PLACED_ON_MARKET, placed, OPERATOR,
                    country=OPERATOR.country,
                ),
                _event(
                    battery_id, EventKind.IN_SERVICE, placed + timedelta(days=9), OPERATOR,
                    site="SIMULATED depot",
                ),
            ],
            recorded_by=WHO,
            recorded_at=now(),
        )  # fmt: skip
    order = EvaluationOrder(software=SOFTWARE, evaluated_at=now())
    nameless = BatteryIdentity("simulated fleet")
    parts = _reports(source, nameless, order)
    for report in screen.with_progress(parts, n_parts=source.n_parts, words="evaluating"):
        _keep(record, report, OPERATOR)
        record_passport(
            record,
            report.battery_id,
            party_id=OPERATOR.party_id,
            recorded_by=WHO,
            now=now(),
            new_passport_id=new_passport_id,
            new_event_id=new_event_id,
        )


def _reports(
    source: TelemetrySource, identity: BatteryIdentity, order: EvaluationOrder
) -> Iterator[EvaluationReport]:
    for part in evaluate_batteries(source, identity, order, shipped_population(), seeded):
        if isinstance(part, Refusal):
            screen.print_refusals([part])
        else:
            yield part


def _keep(record: SqlRecord, report: EvaluationReport, party: Party) -> None:
    record_evaluation(
        record,
        report,
        party_id=party.party_id,
        recorded_by=WHO,
        now=now(),
        new_event_id=new_event_id,
    )


def _signed(record: SqlRecord, battery_id: str, out: Path) -> tuple[SignedPassport, bytes]:
    history = recorded_history(record, battery_id)
    if history is None:
        raise BatteryloopError(f"battery {battery_id}", "has no passport")
    document = passport_document(history.latest)
    write_json(document, out / "passport.json")
    place = issuer_of(out / "keys", _ADDRESS, now=now())
    signed = sign_in_folder(place, document, now=now())
    # The server shows the public view with a signature of its own.
    sign_on_record(place, record, battery_id, history.latest, now=now())
    (out / "passport.vc.jwt").write_text(signed.token + "\n", encoding="utf-8")
    return signed, (out / "passport.json").read_bytes()


def _verified(signed: SignedPassport, passport: bytes, out: Path) -> Verdict:
    place = issuer_of(out / "keys", _ADDRESS, now=now())
    return verify_passport(
        passport, signed.token, [place.keys()], [place.status_list_file.read_text()], now=now()
    )


def print_shown(shown: Shown, lake: Path) -> None:
    """Print what is on record, and how to look at it."""
    report, soce = shown.report, shown.report.figure("soh_energy_frac").estimate
    grade = report.grade.words if report.grade else "–"
    screen.out.print("\n[bold]On record[/]")
    energy = screen.interval(soce, decimals=1, is_percent=True)
    screen.out.print(f"{report.battery_id}: grade {grade}, energy left {energy} %")
    said = "valid" if shown.verdict.is_valid else f"NOT valid: {shown.verdict.reason}"
    screen.out.print(
        f"passport {shown.passport}, signed {shown.credential}, verified offline: {said}",
        soft_wrap=True,
    )
    screen.out.print(
        f"{shown.n_entries} entries in {shown.record}, the chain verified by "
        f"`batteryloop record verify --record {shown.record}`",
        soft_wrap=True,
    )
    screen.out.print("\nLook at it all in a browser:", soft_wrap=True)
    screen.out.print(
        f"batteryloop serve --record {shown.record} --lake {lake} --keys {shown.keys}",
        soft_wrap=True,
        style="bold",
    )
