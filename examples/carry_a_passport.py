"""Issue a made-up pack's passport, carry it into three public models, and say what that costs."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path

from batteryloop.passport.access import Viewer, redact
from batteryloop.usecases.export_passport import export_passport, import_passport
from batteryloop.usecases.issue_passport import issue_passport

PACK = Path(__file__).parent / "passports" / "ring_pack.toml"


def main() -> None:
    description = tomllib.loads(PACK.read_text(encoding="utf-8"))
    history = issue_passport(
        description,
        passport_id="urn:uuid:550e8400-e29b-41d4-a716-446655440000",
        now=datetime(2026, 11, 25, tzinfo=UTC),
    )
    passport = history.latest
    print(f"{len(passport.attributes)} attributes, simulated: {passport.is_simulated}")
    for viewer in Viewer:
        print(f"{viewer.value}: sees {len(redact(passport, [viewer]).attributes)}")
    for model in ("batterypass", "catenax", "untp"):
        exported = export_passport(passport, model, is_filled=True)
        back = import_passport(exported.document, model)
        print(f"{exported.report.model}: {dict(exported.report.counts)}, "
              f"{len(back.attributes)} attributes read back")  # fmt: skip


if __name__ == "__main__":
    main()
