"""A small world behind the pages: a real cell that was judged, a fleet, a second life, accounts."""

import tomllib
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import numpy as np

from batteryloop.api.app import make_app
from batteryloop.api.passport_views import history_of
from batteryloop.api.routes.passports import SignIn, sign
from batteryloop.evaluation import Statement
from batteryloop.health.lifetime.population import shipped_population
from batteryloop.record import Application, BatteryIdentity, EventKind, LifeEvent, Party, PartyRole
from batteryloop.record.accounts import Account, Caller, Role, Scope
from batteryloop.samples import sample_paths
from batteryloop.storage.records import open_record
from batteryloop.usecases.evaluate_battery import EvaluationOrder, evaluate_batteries
from batteryloop.usecases.evaluate_recorded import order_of
from batteryloop.usecases.import_telemetry import import_telemetry
from batteryloop.usecases.record_evaluation import record_evaluation
from batteryloop.usecases.record_passport import record_passport
from batteryloop.web.app import mount
from batteryloop.wiring.accounts import open_accounts
from batteryloop.wiring.chance import seeded
from batteryloop.wiring.issuers import issuer_of
from batteryloop.wiring.records import new_event_id
from batteryloop.wiring.secrets import Argon2Passwords, new_secret
from batteryloop.wiring.settings import Settings
from batteryloop.wiring.sources import new_lake, telemetry_source

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
PASSWORD = "correct horse battery"
ADDRESS = "http://loop.example.org"
LEAF = "ORNL-LEAF-2013"  # as the bundled measurements call it
LEAF_LINK = f"{ADDRESS}/01/09521234543213/21/{LEAF}"
SECOND = "storage-7"
PARENTS = ("sim-0000", "sim-0011")
N_FLEET = 64
ROLES = {
    "holder": (Role.OPERATOR, {"depot"}),
    "rival": (Role.OPERATOR, {"rival"}),
    "authority": (Role.AUTHORITY, set()),
    "interest": (Role.LEGITIMATE_INTEREST, set()),
    "admin": (Role.ADMIN, set()),
}


def passport_id(battery_id: str) -> str:
    """Return the name of a battery's passport."""
    return f"urn:passport:{battery_id}"


def event(
    battery_id: str, kind: EventKind, days_ago: float, details=None, party: str = "depot"
) -> LifeEvent:
    """Return one event of a life."""
    at = NOW - timedelta(days=days_ago)
    return LifeEvent(new_event_id(), battery_id, kind, at, party, details or {})


def make_world(folder: Path):
    """Return the app with pages, its batteries on record in `folder`."""
    record = open_record(str(folder / "record.sqlite"), now=lambda: NOW)
    accounts, passwords = open_accounts(record), Argon2Passwords()
    lake = new_lake(folder / "lake")
    app = make_app(
        Settings(
            requests_per_minute=10**6, sign_ins_per_minute=10**6, lake=folder / "lake",
            public_url=ADDRESS,
        ),
        record, accounts, passwords=passwords, session_key="k" * 43, now=lambda: NOW,
        new_secret=new_secret, issuer=issuer_of(folder / "keys", ADDRESS, now=NOW),
    )  # fmt: skip
    mount(app)
    hashed = passwords.hash(PASSWORD)
    for name, (role, organisations) in ROLES.items():
        accounts.add_account(Account(name, role, frozenset(organisations), hashed, NOW))
    for party, name, role in (
        ("depot", "Depot Leipzig", PartyRole.OPERATOR),
        ("works", "Cell Works", PartyRole.PRODUCER),
        ("rival", "Rival", PartyRole.OPERATOR),
    ):
        record.add_party(Party(party, name, "DE", (role,)))
    _leaf(record, lake)
    _fleet(record)
    for name in PARENTS:
        _passport(record, name, NOW - timedelta(hours=9))
    _second_life(record)
    _passports(app.state.house)
    return app


def _leaf(record, lake) -> None:
    battery = {
        "application": "car", "chemistry": "LMO-NCA", "model": "Leaf cell",
        "producer_id": "works", "rated_capacity_ah": 33.1, "rated_energy_wh": 124.0,
        "codes": {"gs1-digital-link": LEAF_LINK},
    }  # fmt: skip
    part = {"serial": "CELL-0001", "kind": "cell", "parent_serial": None, "position": 1}
    record.append(
        [
            event(LEAF, EventKind.MADE, 4600, {"battery": battery, "components": [part]}),
            event(LEAF, EventKind.PLACED_ON_MARKET, 4500, {"country": "DE"}),
            event(LEAF, EventKind.IN_SERVICE, 4480, {"site": "Leipzig", "country": "DE"}),
            event(LEAF, EventKind.SERVICED, 900, {"work_order": "WO-77"}),
        ],
        recorded_by="holder", recorded_at=NOW,
    )  # fmt: skip
    paths = sample_paths("leaf_cell_2013")
    identity = BatteryIdentity(LEAF, "LMO-NCA", 33.1)
    list(import_telemetry(telemetry_source(paths[:1]), lake, identity))
    order = EvaluationOrder("test", NOW, Statement(vehicle_class="M1"))
    (report,) = evaluate_batteries(
        telemetry_source(paths), identity, order_of(record, record.battery(LEAF), order),
        shipped_population(), seeded,
    )  # fmt: skip
    record_evaluation(
        record, report, party_id="depot", recorded_by="holder", now=NOW,
        new_event_id=new_event_id,
    )  # fmt: skip


def _fleet(record) -> None:
    rng = np.random.default_rng(7)
    applications = [a.value for a in Application]
    events = []
    for k in range(N_FLEET):
        name = f"sim-{k:04d}"
        party = "rival" if k % 16 == 15 else "depot"
        battery = {
            "application": applications[k % len(applications)], "is_simulated": True,
            "chemistry": ("LFP", "NMC")[k % 2], "model": f"Pack {k % 5}", "producer_id": party,
            "rated_capacity_ah": 180.0, "rated_energy_wh": 64_000.0, "n_cells_series": 96,
        }  # fmt: skip
        soh = float(rng.uniform(0.72, 0.99))
        events += [
            event(name, EventKind.MADE, 900 + k, {"battery": battery}, party),
            event(name, EventKind.IN_SERVICE, 800, {"country": "DE"}, party),
            event(name, EventKind.EVALUATED, 5, {
                "soh_frac": soh, "soh_low_frac": soh - 0.02, "soh_high_frac": soh + 0.015,
                "confidence_frac": 0.9, "method": "charge counting",
            }, party),
        ]  # fmt: skip
        if k % 9 == 0:
            events.append(event(name, EventKind.WARNED, 1, {
                "severity": 2 + k % 3, "what": "weak cell, cell 7: 31 mV low",
                "next_step": "measure cell 7 at rest",
            }, party))  # fmt: skip
        if k % 11 == 0:
            events.append(event(name, EventKind.REMOVED, 0.5, {}, party))
    record.append(events, recorded_by="holder", recorded_at=NOW)


def _second_life(record) -> None:
    battery = {"application": "stationary-storage", "chemistry": "NMC", "is_simulated": True,
               "model": "Second life 40", "rated_energy_wh": 40_000.0}  # fmt: skip
    parents = [{"battery_id": name, "serials": []} for name in PARENTS]
    record.append(
        [event(SECOND, EventKind.REPURPOSED, 0.2, {"battery": battery, "parents": parents})],
        recorded_by="holder", recorded_at=NOW,
    )  # fmt: skip


def _passports(house) -> None:
    text = files("batteryloop.samples").joinpath("leaf_cell_2013_passport.toml").read_text("utf-8")
    said = tomllib.loads(text).get("attributes", {})
    kept = {k: v for k, v in said.items() if k not in {"passport_id", "battery_id", "operator"}}
    described = {"attributes": kept | {"test_reports": [f"{ADDRESS}/tests/leaf.pdf"]}}
    # Two of the Leaf's versions: the first without, the second with what its maker states.
    for battery_id, description, at in (
        (LEAF, {}, NOW - timedelta(hours=2)), (LEAF, described, NOW - timedelta(hours=1)),
        ("sim-0003", {}, NOW), ("sim-0004", {}, NOW), (SECOND, {}, NOW), ("sim-0015", {}, NOW),
    ):  # fmt: skip
        _passport(house.record, battery_id, at, description)
    holder = Caller("holder", Role.OPERATOR, frozenset({"depot"}), frozenset(Scope), True)
    for battery_id in (LEAF, SECOND):
        state = house.record.battery(battery_id)
        history_of(house, state)
        sign(passport_id(battery_id), SignIn(), state, house, holder)


def _passport(record, battery_id: str, at: datetime, description=None) -> None:
    record_passport(
        record, battery_id, description=description, party_id="depot", recorded_by="holder",
        now=at, new_event_id=new_event_id, new_passport_id=lambda: passport_id(battery_id),
    )  # fmt: skip
