"""Name every public float parameter whose name does not end in a unit of `quantities.csv`."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from batteryloop.quantities import unit_suffixes

SOURCE = Path(__file__).resolve().parents[1] / "src" / "batteryloop"
COUNTS = ("n_", "min_samples", "max_samples")
# A factor has no unit of its own.
BARE = frozenset({"factor"})


def unnamed_units(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """Yield line, function and parameter of each float parameter without a unit suffix.

    Examples
    --------
    >>> list(unnamed_units(ast.parse("def charge(current: float): ...")))
    [(1, 'charge', 'current')]
    >>> list(unnamed_units(ast.parse("def charge(current_a: float): ...")))
    []
    """
    endings = tuple(f"_{suffix}" for suffix in unit_suffixes())
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        for arg in (*node.args.args, *node.args.kwonlyargs):
            note = ast.unparse(arg.annotation) if arg.annotation else ""
            is_float = "float" in note and "Callable" not in note and "dict" not in note
            named = arg.arg.endswith(endings) or arg.arg.startswith(COUNTS) or arg.arg in BARE
            if is_float and not named:
                yield arg.lineno, node.name, arg.arg


def main() -> int:
    """Print each offender; return 1 if there is any."""
    offenders = [
        f"{path.relative_to(SOURCE.parent)}:{line}: `{name}` of `{function}` has no unit suffix"
        for path in sorted(SOURCE.rglob("*.py"))
        for line, function, name in unnamed_units(ast.parse(path.read_text(encoding="utf-8")))
    ]
    sys.stdout.write("\n".join(offenders or ["units ok"]) + "\n")
    return int(bool(offenders))


if __name__ == "__main__":
    sys.exit(main())
