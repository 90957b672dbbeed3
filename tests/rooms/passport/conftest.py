"""Passports that the tests of this room share: one that knows all, one that knows little."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from batteryloop.usecases.issue_passport import issue_passport

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
PASSPORT_ID = "urn:uuid:550e8400-e29b-41d4-a716-446655440000"
EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "passports"


@pytest.fixture(scope="session")
def full():
    """Return a passport in which every attribute of the catalogue is known."""
    description = tomllib.loads((EXAMPLES / "ring_pack.toml").read_text(encoding="utf-8"))
    return issue_passport(description, passport_id=PASSPORT_ID, now=NOW).latest


@pytest.fixture(scope="session")
def minimal():
    """Return a passport of which little more than the identity is known."""
    entries = {"battery_id": "urn:ring:b2", "category": "industrial", "chemistry": "LFP"}
    return issue_passport({"attributes": entries}, passport_id=PASSPORT_ID, now=NOW).latest
