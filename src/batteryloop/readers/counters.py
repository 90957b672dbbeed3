"""Counters of charge and energy: laid apart by direction, put one behind the other."""

import polars as pl

_PAIRS = (
    ("half_cycle_capacity_ah", "charge_capacity_ah", "discharge_capacity_ah"),
    ("half_cycle_energy_wh", "charge_energy_wh", "discharge_energy_wh"),
)


def with_split_half_cycles(frame: pl.DataFrame) -> pl.DataFrame:
    """Return `frame` with a counter of the running half cycle split into charge and discharge.

    Some testers count without sign and begin anew at each half cycle or step. What is counted
    goes to the direction of the current; where none flows, to the last direction. Counters that
    the file gives apart already are kept.

    Examples
    --------
    >>> frame = pl.DataFrame({"current_a": [0.0, 1.0, 1.0, -1.0],
    ...                       "half_cycle_capacity_ah": [0.0, 0.1, 0.2, 0.1]})
    >>> with_split_half_cycles(frame).select("charge_capacity_ah", "discharge_capacity_ah").rows()
    [(0.0, 0.0), (0.1, 0.0), (0.2, 0.0), (0.2, 0.1)]
    """
    for counted, charge, discharge in _PAIRS:
        has = frame.columns
        if counted not in has or "current_a" not in has or charge in has or discharge in has:
            continue
        direction = (
            pl.when(pl.col("current_a") != 0)
            .then(pl.col("current_a").sign())
            .forward_fill()
            .fill_null(0.0)
        )
        shown = pl.col(counted).abs().forward_fill()
        turns_and_falls = (direction != direction.shift()) & (shown < shown.shift())
        grown = pl.when(turns_and_falls).then(shown).otherwise(growth(shown))
        frame = frame.with_columns(
            pl.when(direction > 0).then(grown).otherwise(0.0).cum_sum().alias(charge),
            pl.when(direction < 0).then(grown).otherwise(0.0).cum_sum().alias(discharge),
        )
    return frame


def growth(counter: pl.Expr) -> pl.Expr:
    """Return by how much a counter grew since the row before, through restarts.

    A counter that falls to less than half has begun anew, and what it shows has grown since; a
    smaller fall is noise and grows by nothing.

    Examples
    --------
    >>> pl.DataFrame({"q": [0.0, 1.0, 0.25, 0.5]}).select(growth(pl.col("q"))).to_series().to_list()
    [0.0, 1.0, 0.25, 0.25]
    """
    filled = counter.forward_fill()
    before = filled.shift()
    return (
        pl.when(filled >= before)
        .then(filled - before)
        .when(filled < before / 2)
        .then(filled)
        .otherwise(0.0)
        .fill_null(0.0)
    )


def with_one_count(frame: pl.DataFrame, names: tuple[str, ...], group: str) -> pl.DataFrame:
    """Return `frame` with each counter of `names` running on through the groups, in row order.

    A counter begins at nothing in each group and may begin anew within it.

    Examples
    --------
    >>> frame = pl.DataFrame({"file": ["a", "a", "b", "b"], "q": [0.0, 1.0, 1.5, 2.0]})
    >>> with_one_count(frame, ("q",), "file").get_column("q").to_list()
    [0.0, 1.0, 2.5, 3.0]
    """
    is_first = pl.col(group) != pl.col(group).shift()
    return frame.with_columns(
        pl.when(is_first)
        .then(pl.col(name).fill_null(0.0))
        .otherwise(growth(pl.col(name)))
        .cum_sum()
        .alias(name)
        + pl.col(name).first()
        for name in names
        if name in frame.columns
    )
