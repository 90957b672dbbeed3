"""Whether a passport's signature counts right now, by the server's own keys and status list."""

import json
from dataclasses import dataclass
from typing import Any

from batteryloop.api.house import House
from batteryloop.passport.access import Viewer, redact
from batteryloop.passport.credential import Verdict
from batteryloop.passport.document import passport_document
from batteryloop.passport.history import History
from batteryloop.passport.types import Passport
from batteryloop.record import BatteryState
from batteryloop.record.canonical import canonical
from batteryloop.usecases.verify_passport import verify_passport
from batteryloop.wiring.issuers import CREDENTIAL


@dataclass(frozen=True, slots=True)
class Signature:
    """The newest signature of a passport's public view.

    `verdict` is None where nobody has signed it; `version` is the one that was signed, and
    `is_of_latest` says whether that is the one that holds now.
    """

    verdict: Verdict | None
    version: int
    is_of_latest: bool
    credential_id: str = ""
    token: str = ""

    @property
    def is_valid(self) -> bool:
        """Whether there is one and it counts."""
        return self.verdict is not None and self.verdict.is_valid


def signature_of(house: House, battery: BatteryState, history: History) -> Signature:
    """Return what the newest signature says of the version that it was given for."""
    latest = history.latest.version
    kept = house.record.documents(battery.battery.battery_id, CREDENTIAL)
    if not kept or house.issuer is None:
        return Signature(None, latest, is_of_latest=False)
    given: dict[str, Any] = json.loads(house.record.document(kept[0][0]))
    version = int(given["passport_version"])
    verdict = verify_passport(
        canonical(public_document(history, version)),
        given["credential"],
        [house.issuer.keys()],
        [house.issuer.status_list_file.read_text(encoding="utf-8").strip()],
        now=house.now(),
    )
    return Signature(
        verdict, version, version == latest, given["credential_id"], given["credential"]
    )


def public_document(history: History, version: int) -> dict[str, Any]:
    """Return what anybody may see of a version, as plain data: what a signature binds."""
    return passport_document(redact(version_of(history, version), [Viewer.PUBLIC]))


def version_of(history: History, version: int) -> Passport:
    """Return a version by its number; the latest where there is none of that number."""
    return next((v for v in history.versions if v.version == version), history.latest)
