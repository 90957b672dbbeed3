"""Name every module that has grown too long to be read in one sitting."""

import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 400
MEDIAN = 150


def too_long(root: Path) -> list[str]:
    """Return a sentence for each module over the limit, and one if the median is."""
    lengths = {
        path.relative_to(root).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in sorted(root.joinpath("src").rglob("*.py"))
    }
    found = [
        f"{name}: {n} lines; split it at {LONGEST}" for name, n in lengths.items() if n > LONGEST
    ]
    median = statistics.median(lengths.values())
    if median > MEDIAN:
        found.append(f"the median module has {median:.0f} lines; keep it under {MEDIAN}")
    return found


def main() -> int:
    """Print each offender; return 1 if there is any."""
    offenders = too_long(ROOT)
    sys.stdout.write("\n".join(offenders or ["sizes ok"]) + "\n")
    return int(bool(offenders))


if __name__ == "__main__":
    sys.exit(main())
