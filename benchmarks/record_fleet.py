"""SIMULATED lives for the record: many batteries, plausible events, the same for the same seed.

Nothing in it was measured. Every battery is named `SIM-…` and says that it is simulated.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np

from batteryloop.record import EventKind, LifeEvent, Party, PartyRole

NOW = datetime(2026, 11, 1, tzinfo=UTC)
_COUNTRIES = ("DE", "FR", "NL", "NO", "SE", "PL", "ES", "IT", "CN", "SG", "AE", "US")
# application, chemistry, capacity [Ah], cells in series, share of the fleet
_KINDS = (
    ("car", "NMC622", 156.0, 96, 0.36),
    ("car", "LFP", 173.0, 104, 0.22),
    ("bus", "LFP", 314.0, 180, 0.10),
    ("heavy-truck", "LFP", 350.0, 192, 0.08),
    ("logistics-vehicle", "LFP", 120.0, 96, 0.10),
    ("light-transport", "NMC622", 20.0, 13, 0.08),
    ("stationary-storage", "LFP", 280.0, 240, 0.05),
    ("ship", "NMC622", 150.0, 200, 0.01),
)
N_OPERATORS = 60
N_PRODUCERS = 12
N_RENEWERS = 6
_PACKS_PER_STORE = 3


def parties() -> list[Party]:
    """Return everyone who has to do with the fleet."""
    found = [
        Party(
            f"SIM-PRODUCER-{n:02d}", f"Simulated producer {n}", _country(n), (PartyRole.PRODUCER,)
        )
        for n in range(N_PRODUCERS)
    ]
    found += [
        Party(
            f"SIM-OPERATOR-{n:02d}", f"Simulated operator {n}", _country(n), (PartyRole.OPERATOR,)
        )
        for n in range(N_OPERATORS)
    ]
    return found + [
        Party(
            f"SIM-RENEWER-{n}",
            f"Simulated renewer {n}",
            _country(n),
            (PartyRole.SERVICE, PartyRole.RECYCLER),
        )
        for n in range(N_RENEWERS)
    ]


def lives(n_batteries: int, n_events: int, *, seed: int = 1) -> Iterator[list[LifeEvent]]:
    """Yield the events of one battery after another; in all exactly `n_events`.

    About one pack in seven is retired; three such become a store, or each is recycled.
    """
    rng = np.random.default_rng(seed)
    retired: list[str] = []
    left = n_events
    for number in range(n_batteries):
        share = left / (n_batteries - number)
        n_own = round(share * rng.uniform(0.6, 1.4)) if number < n_batteries - 1 else left
        n_own = max(min(n_own, left - 4 * (n_batteries - number - 1)), 1)
        if len(retired) == _PACKS_PER_STORE and n_own >= 3:
            yield _store(number, retired, min(n_own, 12), rng)
            left -= min(n_own, 12)
            retired = []
            continue
        events = _life(number, n_own, rng)
        left -= len(events)
        if events[-1].kind is EventKind.TRIAGED and len(retired) < _PACKS_PER_STORE:
            retired.append(events[-1].battery_id)
        yield events


def batches(
    n_batteries: int, n_events: int, *, size: int = 10_000, seed: int = 1
) -> Iterator[list[LifeEvent]]:
    """Yield the lives in batches of about `size` events."""
    batch: list[LifeEvent] = []
    for events in lives(n_batteries, n_events, seed=seed):
        batch += events
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch


def _country(number: int) -> str:
    return _COUNTRIES[number % len(_COUNTRIES)]


def _name(number: int) -> str:
    return f"SIM-{number:07d}"


class _Teller:
    """Tells events of one battery, each later than the one before."""

    def __init__(self, battery_id: str, begin_at: datetime, step: timedelta) -> None:
        self.battery_id = battery_id
        self.at = begin_at
        self.step = step
        self.events: list[LifeEvent] = []

    def tell(self, kind: EventKind, party_id: str, **details: object) -> None:
        name = f"{self.battery_id}-{len(self.events)}"
        self.events.append(LifeEvent(name, self.battery_id, kind, self.at, party_id, details))
        self.at += self.step


def _life(number: int, n_own: int, rng: np.random.Generator) -> list[LifeEvent]:
    chosen = rng.choice(len(_KINDS), p=[k[4] for k in _KINDS])
    application, chemistry, capacity_ah, n_series, _ = _KINDS[chosen]
    producer = f"SIM-PRODUCER-{rng.integers(N_PRODUCERS):02d}"
    # Few operators have many batteries.
    at = min(int(rng.exponential(12.0)), N_OPERATORS - 1)
    operator, country = f"SIM-OPERATOR-{at:02d}", _country(at)
    begin_at = NOW - timedelta(days=float(rng.uniform(400, 3000)))
    teller = _Teller(_name(number), begin_at, (NOW - begin_at) / (n_own + 1))
    battery = {
        "application": application,
        "chemistry": chemistry,
        "model": f"{application} {n_series}s",
        "producer_id": producer,
        "rated_capacity_ah": capacity_ah,
        "rated_voltage_v": 3.6 * n_series,
        "n_cells_series": n_series,
        "manufactured_at": f"{begin_at:%Y-%m-%dT00:00:00.000000Z}",
        "codes": {"iso-15459": f"UNSIM{number:09d}"},
        "is_simulated": True,
    }
    parts = [{"serial": f"{_name(number)}-M{m}", "kind": "module", "position": m} for m in range(8)]
    parts.append({"serial": f"{_name(number)}-BMU", "kind": "management-unit"})
    teller.tell(EventKind.MADE, producer, battery=battery, components=parts)
    if n_own > 1:
        teller.tell(EventKind.PLACED_ON_MARKET, producer, country=country)
    if n_own > 2:
        site = f"{country} depot {rng.integers(40)}"
        teller.tell(EventKind.IN_SERVICE, operator, holder_id=operator, country=country, site=site)
    ends = n_own > 8 and rng.random() < 0.14
    _use(teller, operator, n_own - (3 if ends else 0), rng)
    if ends:
        renewer = f"SIM-RENEWER-{rng.integers(N_RENEWERS)}"
        teller.tell(EventKind.REMOVED, operator, reason="end of first use")
        teller.tell(EventKind.COLLECTED, renewer, holder_id=renewer, country=country)
        if rng.random() < 0.6:
            teller.tell(EventKind.TRIAGED, renewer, route="repurpose")
        else:
            teller.tell(EventKind.RECYCLED, renewer)
    return teller.events


def _use(teller: _Teller, operator: str, n_until: int, rng: np.random.Generator) -> None:
    """Tell of years in use: evaluations that fall, a warning now and then, service after it."""
    fade_per_event_frac = float(rng.gamma(2.0, 0.004))
    soh_frac = float(rng.uniform(0.96, 1.01))
    is_warned = False
    draws = rng.random(max(n_until, 1)).tolist()
    while len(teller.events) < n_until:
        draw = draws[len(teller.events)]
        if is_warned and draw < 0.7:
            teller.tell(EventKind.SERVICED, operator, work_order=f"SIM-WO-{len(teller.events)}")
            is_warned = False
        elif draw < 0.05:
            severity = int(draw * 100) % 5
            teller.tell(EventKind.WARNED, operator, severity=severity)
            is_warned = severity >= 2
        elif draw < 0.09:
            version = f"2.{len(teller.events)}"
            teller.tell(EventKind.FIRMWARE_CHANGED, operator, version=version, unit="BMU")
        else:
            soh_frac -= fade_per_event_frac * (0.5 + draw)
            soh = round(max(float(soh_frac), 0.31), 4)
            teller.tell(
                EventKind.EVALUATED,
                operator,
                soh_frac=soh,
                soh_low_frac=round(soh - 0.012, 4),
                soh_high_frac=round(soh + 0.012, 4),
                confidence_frac=0.9,
                grade="A" if soh >= 0.8 else "B" if soh >= 0.65 else "C",
            )


def _store(number: int, packs: list[str], n_own: int, rng: np.random.Generator) -> list[LifeEvent]:
    renewer = f"SIM-RENEWER-{rng.integers(N_RENEWERS)}"
    teller = _Teller(_name(number), NOW, timedelta(hours=1))
    battery = {
        "application": "stationary-storage",
        "chemistry": "LFP",
        "model": "second-life store",
        "producer_id": renewer,
        "n_cells_series": 240,
        "is_simulated": True,
    }
    parents = [
        {"battery_id": pack, "serials": [f"{pack}-M{m}" for m in range(4)]} for pack in packs
    ]
    teller.tell(EventKind.REPURPOSED, renewer, battery=battery, parents=parents)
    teller.tell(EventKind.INSTALLED, renewer, site="second-life park", country="DE")
    _use(teller, renewer, n_own, rng)
    return teller.events
