"""How written numbers become numbers, and which could not."""

import polars as pl

from batteryloop.readers.types import noticed
from batteryloop.telemetry.types import Finding

MISSING = ("", "nan", "n/a", "na", "null", "none", "-", "--", "---", "n.a.", "-nan", "-nan(ind)")
_MANY_ALIKE = 20


def plain_text(texts: pl.Series) -> pl.Series:
    """Return `texts` without blanks, quotes and NULs around them, and null where nothing is meant.

    Examples
    --------
    >>> plain_text(pl.Series([' "3.7" ', "N/A", None])).to_list()
    ['3.7', None, None]
    """
    distinct = texts.unique()
    if _MANY_ALIKE * distinct.len() < texts.len():  # a name or a state, said in every row
        plain = plain_text(distinct)
        return texts.replace_strict(distinct, plain, return_dtype=pl.String).alias(texts.name)
    bare = texts.str.strip_chars(" \t\r\n\0\"'\ufeff\u00a0")
    return (
        bare.to_frame("x")
        .select(
            pl.when(pl.col("x").str.to_lowercase().is_in(MISSING)).then(None).otherwise(pl.col("x"))
        )
        .to_series()
        .alias(texts.name)
    )


def parse_numbers(texts: pl.Series, *, is_decimal_comma: bool = False) -> pl.Series:
    """Return the numbers written in `texts`; null where there is none that is finite.

    Examples
    --------
    >>> parse_numbers(pl.Series(["1,5", " 2 ", "x"]), is_decimal_comma=True).to_list()
    [1.5, 2.0, None]
    """
    bare = plain_text(texts)
    if is_decimal_comma:
        bare = bare.str.replace(",", ".", literal=True)
    numbers = bare.cast(pl.Float64, strict=False)
    return finite(numbers)


def finite(numbers: pl.Series) -> pl.Series:
    """Return `numbers` with null for what is not a finite number."""
    return (
        numbers.to_frame("x")
        .select(pl.when(pl.col("x").is_finite()).then(pl.col("x")))
        .to_series()
        .alias(numbers.name)
    )


def unreadable(texts: pl.Series, values: pl.Series, label: str) -> list[Finding]:
    """Return the finding for texts that say something and gave no value; rows count from 0.

    Examples
    --------
    >>> texts = pl.Series(["3.7", "3.6?", ""])
    >>> unreadable(texts, parse_numbers(texts), "Volts")[0].found
    "column Volts: 1 value cannot be read, the first is '3.6?'"
    """
    if values.null_count() == texts.null_count():
        return []
    lost = (plain_text(texts).is_not_null() & values.is_null()).arg_true()
    if lost.is_empty():
        return []
    first, last, n_rows = int(lost[0]), int(lost[-1]), len(lost)
    example = str(texts[first])[:24]
    return [
        noticed(
            "value-unreadable",
            f"column {label}: {n_rows} value{'s' if n_rows > 1 else ''} cannot be read, "
            f"the first is {example!r}",
            "look at these rows in the file; the value is left out",
            row_first=first,
            row_last=last,
            n_rows=n_rows,
        )
    ]
