"""`python -m benchmarks.accuracy [SECTION …]`: measure every claim anew and write the page of them.

Each section is what its command printed, unedited, with the day it did. With sections named, only
these are measured and the others stay as they stand on the page. The commands want the shared
measurements; what they print says on which batteries, by which split, and with how many of them.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "methods" / "accuracy.md"
HEAD = """# How far to trust the numbers

Made by `make accuracy`; every block is what its command printed. Validation is by battery, never \
by row: no battery is both learned from and tested on. What the methods are, and what the figures \
mean, is said on their own pages.
"""


class Claim(NamedTuple):
    """A section of the page: its name here, its title, what is measured, and what prints it."""

    name: str
    title: str
    words: str
    module: str
    options: tuple[str, ...] = ()


CLAIMS = (
    Claim(
        "partial",
        "Capacity from partial charges",
        "Charges of two cells, cut to windows of 20 to 50 %, against the whole discharge.",
        "benchmarks.partial_charge_accuracy",
    ),
    Claim(
        "lifetime",
        "Lifetime",
        "End of life forecast from the first part of it, by cell, against a straight line and a "
        "published baseline.",
        "benchmarks.lifetime_accuracy",
    ),
    Claim(
        "features",
        "Charge features",
        "Capacity from the end of a charge, told by models of other cells.",
        "benchmarks.charge_feature_accuracy",
    ),
    Claim(
        "pulses",
        "Pulse grading of retired cells",
        "Health from a five-second pulse, the state of charge not given; cells disjoint.",
        "benchmarks.pulse_grading_accuracy",
    ),
    Claim(
        "warning",
        "Early warning",
        "Faults put into simulated packs and into the cell voltages of a real car.",
        "benchmarks.warning_accuracy",
    ),
    Claim(
        "speed",
        "Throughput of the full evaluation",
        "Packs of 96 cells, beside decoding the same columns in the same run.",
        "benchmarks.evaluation_speed",
    ),
)


def main() -> int:
    """Measure what was asked for, section by section, the page written after each."""
    names = [claim.name for claim in CLAIMS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="SECTION", help=f"of {', '.join(names)}")
    asked = parser.parse_args().names or names
    unknown = set(asked) - set(names)
    if unknown:
        parser.error(f"not known: {', '.join(sorted(unknown))}")
    for claim in (claim for claim in CLAIMS if claim.name in asked):
        print(f"{claim.name}: {_command(claim)}", flush=True)
        began = time.monotonic()
        section = _measured(claim)
        kept = {**_sections(), claim.title: section}
        parts = [kept[c.title].strip() for c in CLAIMS if c.title in kept]
        PAGE.write_text("\n\n".join([HEAD.strip(), *parts]) + "\n", encoding="utf-8")
        print(f"{claim.name}: {(time.monotonic() - began) / 60:.1f} minutes", flush=True)
    return 0


def _sections() -> dict[str, str]:
    """Return the sections of the page as it stands, by title."""
    if not PAGE.exists():
        return {}
    _, *parts = re.split(r"^(?=## )", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {part.splitlines()[0].removeprefix("## "): part for part in parts}


def _command(claim: Claim) -> str:
    return " ".join(["python -m", claim.module, *claim.options])


def _measured(claim: Claim) -> str:
    done = subprocess.run(
        [sys.executable, "-m", claim.module, *claim.options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "110", "NO_COLOR": "1"},
    )
    if done.returncode:
        sys.stderr.write(done.stderr)
        raise SystemExit(f"{claim.module} failed")
    printed = done.stdout.strip().replace(str(ROOT.parent), "..")
    day = datetime.now(UTC).date()
    return (
        f"## {claim.title}\n\n{claim.words} Measured on {day}.\n\n"
        f"```console\n$ {_command(claim)}\n{printed}\n```\n"
    )


if __name__ == "__main__":
    sys.exit(main())
