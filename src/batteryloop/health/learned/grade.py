"""Grades of retired cells by thresholds that the grader sets; abstaining is a grade of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

from batteryloop.errors import OptionWrong
from batteryloop.quantities import Estimate

DEFAULT_THRESHOLDS = {"A": 0.8, "B": 0.7, "C": 0.6}
USUAL = ",".join(f"{name}={bound:g}" for name, bound in DEFAULT_THRESHOLDS.items())
REJECT = "reject"
ABSTAIN = "abstain"


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade and whether the whole interval lies within it; the reason where there is none."""

    name: str
    is_sure: bool
    reason: str = ""


def thresholds_of(text: str) -> dict[str, float]:
    """Return thresholds written as `A=0.8,B=0.7`: for each grade the least state of health [1].

    Raises
    ------
    OptionWrong
        If a part is no name and number.

    Examples
    --------
    >>> thresholds_of("A=0.8, B=0.7")
    {'A': 0.8, 'B': 0.7}
    """
    found: dict[str, float] = {}
    for part in text.split(","):
        name, _, bound = part.partition("=")
        try:
            found[name.strip()] = float(bound)
        except ValueError:
            raise OptionWrong("thresholds", repr(part.strip()), f"such as {USUAL}") from None
    return found


def checked_thresholds(thresholds_frac: Mapping[str, float]) -> dict[str, float]:
    """Return the thresholds, the best first.

    Parameters
    ----------
    thresholds_frac : mapping of str to float
        For each grade the least state of health [1].

    Raises
    ------
    OptionWrong
        If there are none, one is not between 0 and 1.5, two are the same, or a name is taken.
    """
    ordered = dict(sorted(thresholds_frac.items(), key=lambda item: -item[1]))
    is_wrong = (
        not ordered
        or len(set(ordered.values())) < len(ordered)
        or not all(0.0 < bound < 1.5 for bound in ordered.values())
        or {REJECT, ABSTAIN} & set(ordered)
    )
    if is_wrong:
        raise OptionWrong(
            "thresholds",
            ", ".join(f"{name}={bound:g}" for name, bound in thresholds_frac.items()) or "none",
            "a least state of health for each grade, between 0 and 1.5, no two the same",
            "for instance A=0.8,B=0.7,C=0.6",
        )
    return ordered


def grade_of(
    soh: Estimate, thresholds_frac: Mapping[str, float], *, halfwidth_max_frac: float | None = None
) -> Grade:
    """Return the grade of a state of health, or why there is none.

    Parameters
    ----------
    soh : Estimate
        `soh_frac` with its interval.
    thresholds_frac : mapping of str to float
        From `checked_thresholds`.
    halfwidth_max_frac : float, optional
        Abstain where half of the interval is wider than this share of the value [1].

    Examples
    --------
    >>> soh = Estimate("soh_frac", 0.78, 0.74, 0.82, 0.9, "m")
    >>> grade_of(soh, {"A": 0.8, "B": 0.7})
    Grade(name='B', is_sure=False, reason='')
    >>> grade_of(soh, {"A": 0.8, "B": 0.7}, halfwidth_max_frac=0.03).name
    'abstain'
    """
    if soh.value is None or soh.low is None or soh.high is None:
        return Grade(ABSTAIN, False, soh.reason)
    half = 0.5 * (soh.high - soh.low) / soh.value
    if halfwidth_max_frac is not None and half > halfwidth_max_frac:
        reason = f"the interval is ±{half:.1%} wide, at most ±{halfwidth_max_frac:.1%} is allowed"
        return Grade(ABSTAIN, False, reason)
    names = [_name(bound, thresholds_frac) for bound in (soh.low, soh.value, soh.high)]
    return Grade(names[1], len(set(names)) == 1)


def _name(soh_frac: float, thresholds_frac: Mapping[str, float]) -> str:
    return next((name for name, bound in thresholds_frac.items() if soh_frac >= bound), REJECT)
