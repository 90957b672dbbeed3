"""`python -m benchmarks.accuracy`: measure every claim anew and write the page that states them.

Each section is what its command printed, unedited. The commands want the shared measurements;
what they print says on which batteries, by which split, and with how many of them.
"""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "methods" / "accuracy.md"


class Claim(NamedTuple):
    """A section of the page: its title, what is measured, and the module that prints it."""

    title: str
    words: str
    module: str


CLAIMS = (
    Claim(
        "Capacity from partial charges",
        "Charges of two cells, cut to windows of 20 to 50 %, against the whole discharge.",
        "benchmarks.partial_charge_accuracy",
    ),
    Claim(
        "Lifetime",
        "End of life forecast from the first part of it, by cell, against a straight line and a "
        "published baseline.",
        "benchmarks.lifetime_accuracy",
    ),
    Claim(
        "Early warning",
        "Faults put into simulated packs and into the cell voltages of a real car.",
        "benchmarks.warning_accuracy",
    ),
    Claim(
        "Charge features",
        "Capacity from the end of a charge; trained on half of the cells, tested on the others.",
        "benchmarks.charge_feature_accuracy",
    ),
    Claim(
        "Pulse grading of retired cells",
        "Health from a five-second pulse, the state of charge not given; cells disjoint.",
        "benchmarks.pulse_grading_accuracy",
    ),
)


def main() -> int:
    """Run the commands of the claims there are, in turn, and write the page."""
    there = [c for c in CLAIMS if (ROOT / f"{c.module.replace('.', '/')}.py").exists()]
    sections = [_section(claim) for claim in there]
    day = datetime.now(UTC).date()
    head = (
        "# How far to trust the numbers\n\n"
        f"Made by `make accuracy` on {day}; every block is what its command printed. "
        "Validation is by battery, never by row: no battery is both learned from and tested on.\n"
    )
    PAGE.write_text("\n".join([head, *sections]), encoding="utf-8")
    return 0


def _section(claim: Claim) -> str:
    done = subprocess.run(
        [sys.executable, "-m", claim.module],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "110", "NO_COLOR": "1"},
    )
    if done.returncode:
        sys.stderr.write(done.stderr)
        raise SystemExit(f"{claim.module} failed")
    printed = done.stdout.rstrip().replace(str(ROOT.parent), "..")
    return (
        f"## {claim.title}\n\n{claim.words}\n\n```console\n"
        f"$ python -m {claim.module}\n{printed}\n```\n"
    )


if __name__ == "__main__":
    sys.exit(main())
