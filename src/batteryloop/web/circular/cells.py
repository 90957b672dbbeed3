"""Graded cells as a page shows them: a row a cell with its strip, the counts, a file to keep."""

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from markupsafe import Markup

from batteryloop.health.learned.grade import ABSTAIN
from batteryloop.usecases.grade_cells import GradedCell
from batteryloop.usecases.ports import Refusal
from batteryloop.web.drawings.strip import draw_strip
from batteryloop.web.rendering import picture

_AROUND_FRAC = 0.05


@dataclass(frozen=True, slots=True)
class GradedRow:
    """One cell: its grade, what is known of its health, and how sure that is."""

    cell: GradedCell
    strip: Markup | str

    @property
    def has_grade(self) -> bool:
        """Whether it was not abstained from."""
        return self.cell.grade.name != ABSTAIN


@dataclass(frozen=True, slots=True)
class Grading:
    """What came of a table of cells."""

    rows: tuple[GradedRow, ...]
    refused: tuple[Refusal, ...]
    counts: dict[str, int]
    file: str


def grading_view(
    graded: Sequence[GradedCell | Refusal], bounds_frac: Mapping[str, float]
) -> Grading:
    """Return the rows, the best first, those without a grade last."""
    cells = [cell for cell in graded if isinstance(cell, GradedCell)]
    cells.sort(key=lambda c: (c.grade.name == ABSTAIN, -(c.soh_frac.value or 0.0)))
    known = [e for c in cells for e in (c.soh_frac.low, c.soh_frac.high) if e is not None]
    low = min([*known, *bounds_frac.values()]) - _AROUND_FRAC
    high = max([*known, *bounds_frac.values()]) + _AROUND_FRAC
    rows = tuple(
        GradedRow(
            cell,
            picture(
                draw_strip(
                    cell.soh_frac, low_frac=low, high_frac=high,
                    marks_frac=tuple(bounds_frac.values()), title=cell.battery_id,
                )
            ),
        )
        for cell in cells
    )  # fmt: skip
    table = pl.DataFrame([cell.as_dict() for cell in cells], infer_schema_length=None)
    written = base64.b64encode(table.write_csv().encode()).decode()
    return Grading(
        rows,
        tuple(part for part in graded if isinstance(part, Refusal)),
        dict(sorted(Counter(cell.grade.name for cell in cells).items())),
        f"data:text/csv;base64,{written}",
    )
