"""Passports that the tests of this room share: one that knows all, one that knows little."""

from datetime import UTC, datetime

import pytest

from batteryloop.passport.catalogue import definitions
from batteryloop.passport.issue import attributes_from, new_passport

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
PASSPORT_ID = "urn:uuid:550e8400-e29b-41d4-a716-446655440000"

PARTY = {
    "name": "Ring Batteries",
    "identifier": "ring-1",
    "country": "DE",
    "postal_code": "10719",
    "street": "Ringstr. 1",
    "email": "post@ring.example",
    "website": "https://ring.example",
    "bpnl": "BPNL0123456789ZZ",
}
FULL = {
    "battery_id": "https://id.ring.example/01/09520123456788/21/A1",
    "serial_number": "A1",
    "batch_number": "B7",
    "model_name": "Ring 50",
    "manufacturer_part_id": "R50-3",
    "gbt_34014_code": "001PB00120000000C1A0000001",
    "category": "electric-vehicle",
    "status": "original",
    "operator": PARTY,
    "manufacturer": PARTY,
    "manufacturing_place": {
        "country": "DE",
        "postal_code": "10719",
        "street": "Ringstr. 2",
        "facility_id": "hall-2",
        "bpna": "BPNA1234567890AA",
    },
    "data_carrier": {"kind": "QR", "place": "upper left"},
    "purposes": ["automotive"],
    "warranty_months": 96,
    "critical_raw_materials": ["lithium"],
    "materials": [
        {"component": "cathode", "component_id": "c1", "name": "lithium", "cas": "7439-93-2",
         "mass_kg": 2.5, "is_critical": True},
    ],
    "hazardous_substances": [
        {"class": "acute-toxicity", "name": "hydrogen fluoride", "cas": "7664-39-3",
         "concentration_frac": 0.01, "component": "electrolyte", "component_id": "e1",
         "impacts": ["toxic if inhaled"]},
    ],
    "part_numbers": [{"part_name": "module", "part_number": "M-12"}],
    "spare_part_sources": [
        {"name": "Ring Parts", "country": "DE", "postal_code": "10719", "street": "Ringstr. 3",
         "email": "parts@ring.example", "website": "https://parts.ring.example",
         "parts": [{"part_name": "module", "part_number": "M-12"}]},
    ],
    "dismantling_documents": [
        {"url": "https://ring.example/d.pdf", "kind": "dismantling-manual",
         "media_type": "application/pdf"},
    ],
    "accidents": [{"event": "flooded", "happened_on": "2025-01-02"}],
    "chemistry": "NMC622",
    "chemistry_name": "lithium nickel manganese cobalt oxide",
    "footprint_class": "A",
    "label_meanings": "crossed-out bin: collect separately",
    "extinguishing_agents": ["water"],
}  # fmt: skip


def full_entries():
    """Return an entry for every attribute of the catalogue."""
    entries = dict(FULL)
    for i, (name, known) in enumerate(definitions().items()):
        if name in entries or name == "passport_id":
            continue
        if known.kind in ("number", "integer"):
            value = round(0.02 + i / 200, 4) if known.unit == "1" else 10 + i
            if known.kind == "integer":
                value = 10 + i
            if name == "idle_temperature_min_degc":
                value = -20
            entries[name] = {"value": value}
            if known.kind == "number" and known.is_dynamic:
                entries[name] |= {
                    "low": value - 0.01,
                    "high": value + 0.01,
                    "confidence_frac": 0.9,
                    "determined_at": "2026-11-20T10:00:00+00:00",
                    "originator": "Ring Service",
                    "method": "full discharge v1",
                }
        elif known.kind == "date":
            entries[name] = f"2020-01-{1 + i % 28:02d}"
        elif known.kind == "link":
            entries[name] = f"https://ring.example/{name}.pdf"
        elif known.kind == "links":
            entries[name] = [f"https://ring.example/{name}.pdf"]
        else:
            raise AssertionError(f"{name} of kind {known.kind} needs a value here")
    return entries


@pytest.fixture
def full():
    """Return a passport in which every attribute of the catalogue is known."""
    attributes = attributes_from(full_entries(), provenance="made up for a test")
    return new_passport(PASSPORT_ID, attributes, now=NOW)


@pytest.fixture
def minimal():
    """Return a passport of which little more than the identity is known."""
    entries = {"battery_id": "urn:ring:b2", "category": "industrial", "chemistry": "LFP"}
    return new_passport(PASSPORT_ID, attributes_from(entries, provenance="test"), now=NOW)
