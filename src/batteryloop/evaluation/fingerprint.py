"""One hash for what a frame says, whatever its chunks, and numbers cut to be found again."""

import hashlib
import math
from importlib.resources import files

import polars as pl

# More digits than any measurement has, and few enough that another machine gives the same.
_DIGITS = 10
TABLES = ("figures.csv", "limits.csv", "obligations.csv", "passport_attributes.csv")


def content_sha256(frame: pl.DataFrame) -> str:
    """Return the hash of a frame's names, types and values.

    Parameters
    ----------
    frame : polars.DataFrame
        A telemetry frame; the order of its columns does not matter, that of its rows does.

    Examples
    --------
    >>> one = pl.DataFrame({"a": [1.0, None], "b": [[1.0], None]})
    >>> two = pl.concat([one.head(1), one.tail(1)], rechunk=False).select("b", "a")
    >>> content_sha256(one) == content_sha256(two)
    True
    >>> content_sha256(one) == content_sha256(one.reverse())
    False
    """
    digest = hashlib.sha256()
    for name in sorted(frame.columns):
        _add(digest, name, frame.get_column(name).rechunk())
    return digest.hexdigest()


def _add(digest: "hashlib._Hash", name: str, column: pl.Series) -> None:
    digest.update(f"{name}\x00{column.dtype}\x00{column.len()}\x00".encode())
    digest.update(column.is_null().to_numpy().tobytes())
    if isinstance(column.dtype, pl.List | pl.Array):
        held = column.drop_nulls().list
        digest.update(held.len().to_numpy().tobytes())
        _add(digest, "", held.explode())
    elif column.dtype == pl.String:
        digest.update("\x00".join(column.fill_null("").to_list()).encode())
    elif column.dtype == pl.Boolean:
        digest.update(column.fill_null(value=False).to_numpy().tobytes())
    else:
        digest.update(column.to_physical().fill_null(0).to_numpy().tobytes())


def rounded(value: object) -> object:
    """Return plain data with every number cut to ten significant digits.

    Examples
    --------
    >>> rounded({"a": 0.1 + 0.2, "b": [1 / 3], "c": "x", "d": True})
    {'a': 0.3, 'b': [0.3333333333], 'c': 'x', 'd': True}
    """
    if isinstance(value, float):
        if not value or not math.isfinite(value):
            return value or 0.0
        return round(value, _DIGITS - 1 - math.floor(math.log10(abs(value))))
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    return value


def table_hashes() -> dict[str, str]:
    """Return the hash of each table of this room, so that a report says which it was made by."""
    folder = files("batteryloop.evaluation")
    return {name: hashlib.sha256(folder.joinpath(name).read_bytes()).hexdigest() for name in TABLES}
