"""What a verifier accepts: ages, lengths, clock differences, each a dated row of `policy.csv`."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Policy:
    """One value for each row of `policy.csv`.

    Examples
    --------
    >>> default_policy().status_list_age_max_days
    30.0
    """

    clock_skew_s: float
    status_list_age_max_days: float
    status_list_valid_days: float
    key_valid_days: float
    status_list_bits: int
    status_list_bits_max: int
    text_bytes_max: int


@cache
def default_policy() -> Policy:
    """Return the policy of the table."""
    text = files("batteryloop.passport.credential").joinpath("policy.csv").read_text("utf-8")
    rows = {row["name"]: row["value"] for row in csv.DictReader(text.splitlines())}
    return Policy(
        float(rows["clock_skew_s"]),
        float(rows["status_list_age_max_days"]),
        float(rows["status_list_valid_days"]),
        float(rows["key_valid_days"]),
        int(rows["status_list_bits"]),
        int(rows["status_list_bits_max"]),
        int(rows["text_bytes_max"]),
    )
