"""A battery in a list as one lean row, ready to be encoded: for lists that are asked for often."""

import msgspec


class FleetRow(msgspec.Struct, frozen=True, gc=False):
    """What a list says of a battery; times are ISO 8601 texts in UTC."""

    battery_id: str
    application: str
    chemistry: str | None
    model: str
    stage: str
    status: str
    holder_id: str
    responsible_id: str
    country: str
    site: str
    soh_frac: float | None
    soh_low_frac: float | None
    soh_high_frac: float | None
    confidence_frac: float | None
    evaluated_at: str | None
    severity: int
    grade: str
    n_events: int
    last_event_at: str
    last_event_kind: str
    passport_id: str
    is_ended: bool
    is_simulated: bool


class FleetRows(msgspec.Struct, frozen=True):
    """A page of lean rows; `n_total` counts all that fit the query."""

    batteries: list[FleetRow]
    n_total: int
    next_after: str | None
